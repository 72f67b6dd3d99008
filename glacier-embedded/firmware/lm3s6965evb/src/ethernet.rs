//! The Ethernet controller of the LM3S6965 as an embassy-net driver.
//!
//! Its FIFO is read and written in words, and each frame in it follows two bytes of length. A buffer with the frame at offset 2 can therefore
//! be copied word by word in both directions.
#![allow(unsafe_code)]

use core::task::Context;

use board_support::Register;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;

/// Bytes of the longest frame, without its checksum.
const FRAME: usize = 1514;
/// Words of a frame and the two bytes of length before it.
const WORDS: usize = (2 + FRAME).div_ceil(4);
/// Bytes included in the length besides the frame: two of the length itself and four of the checksum.
const OVERHEAD: usize = 6;
const HEADER: usize = 14;

const fn register(offset: usize) -> Register {
    // SAFETY: by the data sheet the Ethernet controller is at 0x4004_8000, and every offset below is a word in its register table. It has
    // no DMA.
    unsafe { Register::at(0x4004_8000 + offset) }
}

/// Pending interrupts; writing a one clears it.
const STATUS: Register = register(0x00);
const INTERRUPT_MASK: Register = register(0x04);
const RECEIVE_CONTROL: Register = register(0x08);
const TRANSMIT_CONTROL: Register = register(0x0C);
const DATA: Register = register(0x10);
const ADDRESS_LOW: Register = register(0x14);
const ADDRESS_HIGH: Register = register(0x18);
const THRESHOLD: Register = register(0x1C);
const FRAMES_WAITING: Register = register(0x34);
const TRANSMIT_REQUEST: Register = register(0x38);

const RECEIVED: u32 = 1;

static WAKER: AtomicWaker = AtomicWaker::new();

/// The controller's interrupt in the vector table.
#[derive(Clone, Copy)]
struct EthernetInterrupt;

// SAFETY: 42 is the Ethernet controller's interrupt number in the data sheet, and within the vectors below.
unsafe impl InterruptNumber for EthernetInterrupt {
    fn number(self) -> u16 {
        42
    }
}

unsafe extern "C" {
    fn DefaultHandler();
}

/// The interrupt vectors up to the one that is used.
// SAFETY: cortex-m-rt expects this name and section; every entry is a handler, and the hardware calls them as C functions.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [unsafe extern "C" fn(); 43] = {
    let mut vectors = [DefaultHandler as unsafe extern "C" fn(); 43];
    vectors[42] = on_interrupt;
    vectors
};

/// The interrupt stays pending until the frame is read, so it is masked here, and unmasked when the driver has checked for frames.
extern "C" fn on_interrupt() {
    INTERRUPT_MASK.write(0);
    WAKER.wake();
}

/// A buffer for a frame to send.
pub type Frame = [u32; WORDS];
/// An empty buffer.
pub const NO_FRAME: Frame = [0; WORDS];

/// The Ethernet controller.
pub struct Ethernet<'f> {
    frame: &'f mut Frame,
}

impl<'f> Ethernet<'f> {
    /// Starts the controller with this address.
    pub fn new(address: [u8; 6], frame: &'f mut Frame) -> Self {
        INTERRUPT_MASK.write(0);
        RECEIVE_CONTROL.write(1 << 4);
        STATUS.write(0x7F);
        let [a, b, c, d, e, f] = address;
        ADDRESS_LOW.write(u32::from_le_bytes([a, b, c, d]));
        ADDRESS_HIGH.write(u32::from_le_bytes([e, f, 0, 0]));
        // Send a frame on request, not as soon as part of it is in the FIFO.
        THRESHOLD.write(0x3F);
        // Full duplex; the controller adds checksum and padding.
        TRANSMIT_CONTROL.write(0x0F);
        RECEIVE_CONTROL.write(0x03);
        // SAFETY: the handler uses only the mask register and the waker, which are safe to use from an interrupt.
        unsafe { NVIC::unmask(EthernetInterrupt) };
        Ethernet { frame }
    }
}

impl Driver for Ethernet<'_> {
    type RxToken<'a>
        = Received
    where
        Self: 'a;
    type TxToken<'a>
        = ToSend<'a>
    where
        Self: 'a;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received, ToSend<'_>)> {
        // Cleared before the check, so that a frame that arrives after it raises the interrupt again.
        STATUS.write(RECEIVED);
        if FRAMES_WAITING.read() & 0x3F == 0 {
            WAKER.register(cx.waker());
            INTERRUPT_MASK.write(RECEIVED);
            return None;
        }
        Some((Received, ToSend { frame: self.frame }))
    }

    fn transmit(&mut self, _: &mut Context<'_>) -> Option<ToSend<'_>> {
        Some(ToSend { frame: self.frame })
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = FRAME;
        capabilities.max_burst_size = Some(1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        let [a, b, c, d] = ADDRESS_LOW.read().to_le_bytes();
        let [e, f, ..] = ADDRESS_HIGH.read().to_le_bytes();
        HardwareAddress::Ethernet([a, b, c, d, e, f])
    }
}

/// A received frame in the FIFO.
pub struct Received;

impl RxToken for Received {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        let mut words = NO_FRAME;
        let first = DATA.read();
        let length = (first & 0xFFFF) as usize;
        for (at, word) in (0..length.div_ceil(4)).map(|at| (at, if at == 0 { first } else { DATA.read() })) {
            if let Some(place) = words.get_mut(at) {
                *place = word.to_le();
            }
        }
        let length = length.saturating_sub(OVERHEAD).min(FRAME);
        f(bytes(&mut words).get_mut(2..2 + length).unwrap_or_default())
    }
}

/// A buffer to send a frame from.
pub struct ToSend<'a> {
    frame: &'a mut Frame,
}

impl TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let length = length.min(FRAME);
        let bytes = bytes(self.frame);
        let done = f(bytes.get_mut(2..2 + length).unwrap_or_default());
        let [low, high] = (length.saturating_sub(HEADER) as u16).to_le_bytes();
        bytes[0] = low;
        bytes[1] = high;
        while TRANSMIT_REQUEST.read() != 0 {}
        for word in self.frame.iter().take((2 + length).div_ceil(4)) {
            DATA.write(u32::from_le(*word));
        }
        TRANSMIT_REQUEST.write(1);
        done
    }
}

/// The words as bytes, in memory order.
fn bytes(words: &mut Frame) -> &mut [u8; WORDS * 4] {
    // SAFETY: both types have the same size, all bit patterns are valid in both, and bytes need no alignment.
    unsafe { &mut *(words as *mut Frame).cast() }
}
