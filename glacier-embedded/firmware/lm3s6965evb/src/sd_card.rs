//! The SD card: on SSI 0, selected by pin 0 of port D.
#![allow(unsafe_code)]

use core::convert::Infallible;

use board_support::Register;
use board_support::ssi::Ssi;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, OutputPin};
use embedded_sdmmc::BlockDevice;

/// The card. Call it once: there is one.
pub fn sd_card(delay: impl DelayNs) -> impl BlockDevice {
    // SAFETY: SSI 0 of the LM3S6965 is a PL022 without DMA at this address, and nothing but the card uses it.
    let bus = unsafe { Ssi::new(0x4000_8000) };
    board_support::sd_card::sd_card(bus, Select::new(), delay)
}

const fn register(offset: usize) -> Register {
    // SAFETY: port D of the data sheet begins at 0x4000_7000; direction and digital enable are words in its table of registers, and so is
    // the data register for every mask of bits that its address can carry.
    unsafe { Register::at(0x4000_7000 + offset) }
}

const PIN: u32 = 1 << 0;
/// Its address is the mask of the bits that are written.
const DATA: Register = register((PIN as usize) << 2);
const DIRECTION: Register = register(0x400);
const DIGITAL_ENABLE: Register = register(0x51C);

/// The card's chip select.
struct Select;

impl Select {
    fn new() -> Self {
        DIRECTION.write(DIRECTION.read() | PIN);
        DIGITAL_ENABLE.write(DIGITAL_ENABLE.read() | PIN);
        DATA.write(PIN);
        Select
    }
}

impl ErrorType for Select {
    type Error = Infallible;
}

impl OutputPin for Select {
    fn set_low(&mut self) -> Result<(), Infallible> {
        DATA.write(0);
        Ok(())
    }
    fn set_high(&mut self) -> Result<(), Infallible> {
        DATA.write(PIN);
        Ok(())
    }
}
