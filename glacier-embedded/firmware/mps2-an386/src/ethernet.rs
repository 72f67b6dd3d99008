//! The LAN9118 Ethernet controller as a driver of embassy-net.
#![allow(unsafe_code)]

use core::task::Context;

use board_support::Register;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;

/// The longest frame, without its checksum.
const FRAME: usize = 1514;
const WORDS: usize = FRAME.div_ceil(4);
/// Bytes of the checksum behind a frame.
const CHECKSUM: usize = 4;

const fn register(offset: usize) -> Register {
    // SAFETY: AN386's memory map has the LAN9118 at 0x4020_0000; every offset below is a word in the table of registers of its data
    // sheet. It has no DMA.
    unsafe { Register::at(0x4020_0000 + offset) }
}

const RX_DATA: Register = register(0x00);
const TX_DATA: Register = register(0x20);
const RX_STATUS: Register = register(0x40);
const TX_STATUS: Register = register(0x48);
const INTERRUPT_CONFIG: Register = register(0x54);
/// Pending interrupts; writing a one takes it back.
const INTERRUPT_STATUS: Register = register(0x58);
const INTERRUPT_ENABLE: Register = register(0x5C);
const FIFO_LEVELS: Register = register(0x68);
const TX_CONFIG: Register = register(0x70);
const HARDWARE_CONFIG: Register = register(0x74);
const RX_FIFO: Register = register(0x7C);
const TX_FIFO: Register = register(0x80);
const MAC_COMMAND: Register = register(0xA4);
const MAC_DATA: Register = register(0xA8);

/// The receiver has a status word in its FIFO.
const RECEIVED: u32 = 1 << 3;
const SOFT_RESET: u32 = 1 << 0;

/// Registers of the MAC itself, which are reached through a command.
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

// SAFETY: 13 is the Ethernet controller's number in AN386's table, and within the vectors below.
unsafe impl InterruptNumber for EthernetInterrupt {
    fn number(self) -> u16 {
        13
    }
}

unsafe extern "C" {
    fn DefaultHandler();
}

/// The interrupts up to the one that is used.
// SAFETY: cortex-m-rt asks for this name and place; every entry is a handler, and the hardware calls them as C functions.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [unsafe extern "C" fn(); 14] = {
    let mut vectors = [DefaultHandler as unsafe extern "C" fn(); 14];
    vectors[13] = on_interrupt;
    vectors
};

/// The request stays until the frame is taken, so it is disabled here and enabled when the driver has looked.
extern "C" fn on_interrupt() {
    INTERRUPT_ENABLE.write(0);
    WAKER.wake();
}

/// Room for a frame to send.
pub type Frame = [u32; WORDS];
pub const NO_FRAME: Frame = [0; WORDS];

/// The controller.
pub struct Ethernet<'f> {
    frame: &'f mut Frame,
}

impl<'f> Ethernet<'f> {
    /// Starts it with this address.
    pub fn new(address: [u8; 6], frame: &'f mut Frame) -> Self {
        HARDWARE_CONFIG.write(SOFT_RESET);
        while HARDWARE_CONFIG.read() & SOFT_RESET != 0 {}
        INTERRUPT_ENABLE.write(0);
        // The line is driven, high when there is something.
        INTERRUPT_CONFIG.write(0x111);
        INTERRUPT_STATUS.write(u32::MAX);
        // An interrupt as soon as there is one received frame.
        FIFO_LEVELS.write(0x4800_0000);
        let [a, b, c, d, e, f] = address;
        Mac::AddressLow.write(u32::from_le_bytes([a, b, c, d]));
        Mac::AddressHigh.write(u32::from_le_bytes([e, f, 0, 0]));
        TX_CONFIG.write(1 << 1);
        // Receiver, transmitter, full duplex.
        Mac::Control.write(1 << 2 | 1 << 3 | 1 << 20);
        // SAFETY: the handler touches the enable register and the waker, both made to be touched from an interrupt.
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
        // Taken back before the look, so that a frame that comes after it asks again.
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

/// A frame in the FIFO.
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

/// Room for a frame to send.
pub struct ToSend<'a> {
    frame: &'a mut Frame,
}

impl TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let length = length.min(FRAME);
        let done = f(bytes(self.frame).get_mut(..length).unwrap_or_default());
        // Nobody asks how a frame fared; its status is taken out so that the FIFO has room.
        while TX_FIFO.read() >> 16 & 0xFF != 0 {
            TX_STATUS.read();
        }
        while (TX_FIFO.read() & 0xFFFF) < (length as u32) + 8 {}
        // One buffer: first and last segment, its length, and that of the frame.
        TX_DATA.write(1 << 13 | 1 << 12 | length as u32);
        TX_DATA.write((length as u32) << 16 | length as u32);
        for word in self.frame.iter().take(length.div_ceil(4)) {
            TX_DATA.write(u32::from_le(*word));
        }
        done
    }
}

/// The words as the bytes they are in memory.
fn bytes(words: &mut Frame) -> &mut [u8; WORDS * 4] {
    // SAFETY: both are the same bytes of memory, any bytes are legal in both, and a byte needs no alignment.
    unsafe { &mut *(words as *mut Frame).cast() }
}
