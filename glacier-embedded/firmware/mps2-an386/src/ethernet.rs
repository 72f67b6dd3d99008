//! The LAN9118 Ethernet controller as an embassy-net driver.
#![allow(unsafe_code)]

use core::task::Context;

use board_support::Register;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;

/// Bytes of the longest frame, without its checksum.
const FRAME: usize = 1514;
const WORDS: usize = FRAME.div_ceil(4);
/// Bytes of the checksum after a frame.
const CHECKSUM: usize = 4;

const fn register(offset: usize) -> Register {
    // SAFETY: AN386's memory map has the LAN9118 at 0x4020_0000, and every offset below is a word in the register table of its data
    // sheet. It has no DMA.
    unsafe { Register::at(0x4020_0000 + offset) }
}

const RX_DATA: Register = register(0x00);
const TX_DATA: Register = register(0x20);
const RX_STATUS: Register = register(0x40);
const TX_STATUS: Register = register(0x48);
const INTERRUPT_CONFIG: Register = register(0x54);
/// Pending interrupts; writing a one clears it.
const INTERRUPT_STATUS: Register = register(0x58);
const INTERRUPT_ENABLE: Register = register(0x5C);
const FIFO_LEVELS: Register = register(0x68);
const TX_CONFIG: Register = register(0x70);
const HARDWARE_CONFIG: Register = register(0x74);
const RX_FIFO: Register = register(0x7C);
const TX_FIFO: Register = register(0x80);
const MAC_COMMAND: Register = register(0xA4);
const MAC_DATA: Register = register(0xA8);

/// There is a status word in the receive status FIFO.
const RECEIVED: u32 = 1 << 3;
const SOFT_RESET: u32 = 1 << 0;

/// Registers of the MAC, which are accessed through a command register.
#[derive(Clone, Copy)]
enum Mac {
    Control = 1,
    AddressHigh = 2,
    AddressLow = 3,
}

impl Mac {
    const BUSY: u32 = 1 << 31;
    const READ: u32 = 1 << 30;

    fn write(self, value: u32) {
        MAC_DATA.write(value);
        MAC_COMMAND.write(Self::BUSY | self as u32);
        while MAC_COMMAND.read() & Self::BUSY != 0 {}
    }

    fn read(self) -> u32 {
        MAC_COMMAND.write(Self::BUSY | Self::READ | self as u32);
        while MAC_COMMAND.read() & Self::BUSY != 0 {}
        MAC_DATA.read()
    }
}

static WAKER: AtomicWaker = AtomicWaker::new();

/// The controller's interrupt in the vector table.
#[derive(Clone, Copy)]
struct EthernetInterrupt;

// SAFETY: 13 is the Ethernet controller's interrupt number on AN386, and within the vectors below.
unsafe impl InterruptNumber for EthernetInterrupt {
    fn number(self) -> u16 {
        13
    }
}

unsafe extern "C" {
    fn DefaultHandler();
}

/// The interrupt vectors up to the one that is used.
// SAFETY: cortex-m-rt expects this name and section; every entry is a handler, and the hardware calls them as C functions.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [unsafe extern "C" fn(); 14] = {
    let mut vectors = [DefaultHandler as unsafe extern "C" fn(); 14];
    vectors[13] = on_interrupt;
    vectors
};

/// The interrupt stays pending until the frame is read, so it is disabled here, and enabled when the driver has checked for frames.
extern "C" fn on_interrupt() {
    INTERRUPT_ENABLE.write(0);
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
        HARDWARE_CONFIG.write(SOFT_RESET);
        while HARDWARE_CONFIG.read() & SOFT_RESET != 0 {}
        INTERRUPT_ENABLE.write(0);
        // Push-pull, active high.
        INTERRUPT_CONFIG.write(0x111);
        INTERRUPT_STATUS.write(u32::MAX);
        // Interrupt for each received frame.
        FIFO_LEVELS.write(0x4800_0000);
        let [a, b, c, d, e, f] = address;
        Mac::AddressLow.write(u32::from_le_bytes([a, b, c, d]));
        Mac::AddressHigh.write(u32::from_le_bytes([e, f, 0, 0]));
        TX_CONFIG.write(1 << 1);
        // Enable receiver, transmitter, full duplex.
        Mac::Control.write(1 << 2 | 1 << 3 | 1 << 20);
        // SAFETY: the handler uses only the enable register and the waker, which are safe to use from an interrupt.
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
        INTERRUPT_STATUS.write(RECEIVED);
        if RX_FIFO.read() >> 16 & 0xFF == 0 {
            WAKER.register(cx.waker());
            INTERRUPT_ENABLE.write(RECEIVED);
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
        let [a, b, c, d] = Mac::AddressLow.read().to_le_bytes();
        let [e, f, ..] = Mac::AddressHigh.read().to_le_bytes();
        HardwareAddress::Ethernet([a, b, c, d, e, f])
    }
}

/// A received frame in the FIFO.
pub struct Received;

impl RxToken for Received {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        let mut words = NO_FRAME;
        let length = (RX_STATUS.read() >> 16 & 0x3FFF) as usize;
        for at in 0..length.div_ceil(4) {
            let word = RX_DATA.read().to_le();
            if let Some(place) = words.get_mut(at) {
                *place = word;
            }
        }
        let length = length.saturating_sub(CHECKSUM).min(FRAME);
        f(bytes(&mut words).get_mut(..length).unwrap_or_default())
    }
}

/// A buffer to send a frame from.
pub struct ToSend<'a> {
    frame: &'a mut Frame,
}

impl TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let length = length.min(FRAME);
        let done = f(bytes(self.frame).get_mut(..length).unwrap_or_default());
        // The status of sent frames is not used; it is read to make room in the FIFO.
        while TX_FIFO.read() >> 16 & 0xFF != 0 {
            TX_STATUS.read();
        }
        while (TX_FIFO.read() & 0xFFFF) < (length as u32) + 8 {}
        // Command A: one buffer, which is the first and last segment, and its length. Command B: the length of the frame.
        TX_DATA.write(1 << 13 | 1 << 12 | length as u32);
        TX_DATA.write((length as u32) << 16 | length as u32);
        for word in self.frame.iter().take(length.div_ceil(4)) {
            TX_DATA.write(u32::from_le(*word));
        }
        done
    }
}

/// The words as bytes, in memory order.
fn bytes(words: &mut Frame) -> &mut [u8; WORDS * 4] {
    // SAFETY: both types have the same size, all bit patterns are valid in both, and bytes need no alignment.
    unsafe { &mut *(words as *mut Frame).cast() }
}
