//! The SD card: on SSI 0, with pin 0 of port D as chip select.
#![allow(unsafe_code)]

use core::convert::Infallible;

use board_support::Register;
use board_support::ssi::Ssi;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, OutputPin};
use embedded_sdmmc::BlockDevice;

/// The card. Call this once: there is only one.
pub fn sd_card(delay: impl DelayNs) -> impl BlockDevice {
    // SAFETY: SSI 0 of the LM3S6965 is a PL022 at this address, used without DMA and only by the card.
    let bus = unsafe { Ssi::new(0x4000_8000) };
    board_support::sd_card::sd_card(bus, Select::new(), delay)
}

const fn register(offset: usize) -> Register {
    // SAFETY: by the data sheet port D is at 0x4000_7000; direction and digital enable are words in its register table, and so is the
    // data register for every bit mask in its address.
    unsafe { Register::at(0x4000_7000 + offset) }
}

const PIN: u32 = 1 << 0;
/// The data register; its address contains the mask of the bits to write.
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
