//! A cable in memory: two Ethernet devices of embassy-net, each of which receives what the other sends.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};

/// The frames in transit to one end.
#[derive(Default)]
struct Lane {
    frames: VecDeque<Vec<u8>>,
    receiver: Option<Waker>,
}

/// One end of a cable.
pub(crate) struct Port {
    address: [u8; 6],
    inbound: Rc<RefCell<Lane>>,
    outbound: Rc<RefCell<Lane>>,
    /// Of the frames sent, every N-th is lost.
    lost: Option<u32>,
    sent: u32,
}

/// A cable that loses every `lost`-th frame in each direction.
pub(crate) fn cable(lost: Option<u32>) -> (Port, Port) {
    let (there, back) = (Rc::<RefCell<Lane>>::default(), Rc::<RefCell<Lane>>::default());
    let port = |last, inbound: &Rc<_>, outbound: &Rc<_>| Port {
        address: [2, 0, 0, 0, 0, last],
        inbound: Rc::clone(inbound),
        outbound: Rc::clone(outbound),
        lost,
        sent: 0,
    };
    (port(1, &back, &there), port(2, &there, &back))
}

impl Driver for Port {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received, Sending<'_>)> {
        let mut lane = self.inbound.borrow_mut();
        let Some(frame) = lane.frames.pop_front() else {
            lane.receiver = Some(context.waker().clone());
            return None;
        };
        drop(lane);
        Some((Received(frame), Sending(self)))
    }

    fn transmit(&mut self, _: &mut Context<'_>) -> Option<Sending<'_>> {
        Some(Sending(self))
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = 1514;
        // Like a device that holds one frame.
        capabilities.max_burst_size = Some(1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

/// A frame that has arrived.
pub(crate) struct Received(Vec<u8>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, read: F) -> R {
        read(&mut self.0)
    }
}

/// Room for a frame to be sent.
pub(crate) struct Sending<'p>(&'p mut Port);

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut frame = vec![0; len];
        let written = write(&mut frame);
        let port = self.0;
        port.sent += 1;
        if port.lost.is_none_or(|lost| !port.sent.is_multiple_of(lost)) {
            let mut lane = port.outbound.borrow_mut();
            lane.frames.push_back(frame);
            if let Some(receiver) = lane.receiver.take() {
                receiver.wake();
            }
        }
        written
    }
}
