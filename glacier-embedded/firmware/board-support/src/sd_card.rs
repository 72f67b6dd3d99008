//! An SD card on an SPI bus, with workarounds for two quirks of QEMU's card. For a real card use embedded-sdmmc's `SdCard` directly on the
//! `SpiDevice` of a HAL.

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::{ErrorType, Operation, SpiBus, SpiDevice};
use embedded_sdmmc::SdCard;

/// The card on `bus`, selected by `select`.
pub fn sd_card<B: SpiBus, P: OutputPin, D: DelayNs>(bus: B, select: P, delay: D) -> SdCard<CardOnBus<B, P>, D> {
    SdCard::new(CardOnBus { bus, select, awaiting_r1_of_58: false }, delay)
}

/// The bus, with the card as its only device.
#[derive(Debug)]
pub struct CardOnBus<B, P> {
    bus: B,
    select: P,
    /// Command 58 was sent, and its response has not been read yet.
    awaiting_r1_of_58: bool,
}

const COMMAND_58: u8 = 0x40 | 58;
const DATA_TOKEN: u8 = 0xFE;

impl<B: SpiBus, P> CardOnBus<B, P> {
    fn step(&mut self, operation: &mut Operation<'_, u8>) -> Result<(), B::Error> {
        match operation {
            Operation::Read(words) => self.bus.read(words),
            Operation::Write(words) => {
                self.awaiting_r1_of_58 = words.first() == Some(&COMMAND_58) && words.len() == 6;
                self.bus.write(words)
            }
            Operation::Transfer(read, write) => {
                // QEMU's card reads the data as commands unless one byte follows its response first, as the specification requires.
                if **write == [DATA_TOKEN] {
                    self.bus.write(&[0xFF])?;
                }
                self.bus.transfer(read, write)?;
                // QEMU's card always sets the idle bit in the response to command 58.
                if let Some(r1) = read.first_mut().filter(|r1| self.awaiting_r1_of_58 && **r1 & 0x80 == 0) {
                    *r1 &= !1;
                    self.awaiting_r1_of_58 = false;
                }
                Ok(())
            }
            Operation::TransferInPlace(words) => self.bus.transfer_in_place(words),
            Operation::DelayNs(_) => Ok(()),
        }
    }
}

impl<B: SpiBus, P> ErrorType for CardOnBus<B, P> {
    type Error = B::Error;
}

impl<B: SpiBus, P: OutputPin> SpiDevice for CardOnBus<B, P> {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), B::Error> {
        // Setting a GPIO pin of a microcontroller cannot fail, so only errors of the bus are returned.
        let _ = self.select.set_low();
        let done = operations.iter_mut().try_for_each(|operation| self.step(operation)).and_then(|()| self.bus.flush());
        let _ = self.select.set_high();
        done
    }
}
