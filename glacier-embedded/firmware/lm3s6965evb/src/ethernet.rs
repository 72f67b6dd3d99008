//! The Ethernet controller of the LM3S6965 as a driver of embassy-net.
//!
//! Its FIFO is read and written as words; a frame lies in it behind two bytes of length, so a buffer that holds the frame from its third
//! byte on is moved word by word in both directions.
#![allow(unsafe_code)]

use core::task::Context;

use board_support::Register;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;

/// The longest frame, without its checksum.
const FRAME: usize = 1514;
/// Words that hold a frame behind its two bytes of length.
const WORDS: usize = (2 + FRAME).div_ceil(4);
/// Bytes that the length counts besides the frame: its own two and the checksum's four.
const AROUND: usize = 6;
const HEADER: usize = 14;

const fn register(offset: usize) -> Register {
    // SAFETY: the data sheet's Ethernet controller begins at 0x4004_8000; every offset below is a word in its table of registers. It has
    // no DMA.
    unsafe { Register::at(0x4004_8000 + offset) }
}

/// Pending interrupts; writing a one takes it back.
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

// SAFETY: 42 is the Ethernet controller's number in the data sheet's table, and within the vectors below.
unsafe impl InterruptNumber for EthernetInterrupt {
    fn number(self) -> u16 {
        42
    }
}

unsafe extern "C" {
    fn DefaultHandler();
}

/// The interrupts up to the one that is used.
// SAFETY: cortex-m-rt asks for this name and place; every entry is a handler, and the hardware calls them as C functions.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [unsafe extern "C" fn(); 43] = {
    let mut vectors = [DefaultHandler as unsafe extern "C" fn(); 43];
    vectors[42] = on_interrupt;
    vectors
};

/// The request stays until the frame is taken, so it is masked here and unmasked when the driver has looked.
extern "C" fn on_interrupt() {
    INTERRUPT_MASK.write(0);
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
        INTERRUPT_MASK.write(0);
        RECEIVE_CONTROL.write(1 << 4);
        STATUS.write(0x7F);
        let [a, b, c, d, e, f] = address;
        ADDRESS_LOW.write(u32::from_le_bytes([a, b, c, d]));
        ADDRESS_HIGH.write(u32::from_le_bytes([e, f, 0, 0]));
        // A frame is sent when it is asked for, not when so much of it is there.
        THRESHOLD.write(0x3F);
        // Full duplex, checksum and padding by the controller.
        TRANSMIT_CONTROL.write(0x0F);
        RECEIVE_CONTROL.write(0x03);
        // SAFETY: the handler touches the mask and the waker, both made to be touched from an interrupt.
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

/// A frame in the FIFO.
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
        let length = length.saturating_sub(AROUND).min(FRAME);
        f(bytes(&mut words).get_mut(2..2 + length).unwrap_or_default())
    }
}

/// Room for a frame to send.
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

/// The words as the bytes they are in memory.
fn bytes(words: &mut Frame) -> &mut [u8; WORDS * 4] {
    // SAFETY: both are the same bytes of memory, any bytes are legal in both, and a byte needs no alignment.
    unsafe { &mut *(words as *mut Frame).cast() }
}
