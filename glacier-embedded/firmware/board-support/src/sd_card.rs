//! An SD card on an SPI bus, with two quirks of QEMU's card. A real card wants neither, and is used with embedded-sdmmc's `SdCard` on the
//! `SpiDevice` of a HAL.

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::{ErrorType, Operation, SpiBus, SpiDevice};
use embedded_sdmmc::SdCard;

/// The card behind `bus` and `select`.
pub fn sd_card<B: SpiBus, P: OutputPin, D: DelayNs>(bus: B, select: P, delay: D) -> SdCard<CardOnBus<B, P>, D> {
    SdCard::new(CardOnBus { bus, select, answer_of_58: false }, delay)
}

/// The bus with the card alone on it.
#[derive(Debug)]
pub struct CardOnBus<B, P> {
    bus: B,
    select: P,
    /// The command 58 was sent and is not answered yet.
    answer_of_58: bool,
}

const COMMAND_58: u8 = 0x40 | 58;
const DATA_TOKEN: u8 = 0xFE;

impl<B: SpiBus, P> CardOnBus<B, P> {
    fn step(&mut self, operation: &mut Operation<'_, u8>) -> Result<(), B::Error> {
        match operation {
            Operation::Read(words) => self.bus.read(words),
            Operation::Write(words) => {
                self.answer_of_58 = words.first() == Some(&COMMAND_58) && words.len() == 6;
                self.bus.write(words)
            }
            Operation::Transfer(read, write) => {
                // QEMU's card takes data for commands unless a byte lies between its answer and the data, as the specification asks.
                if **write == [DATA_TOKEN] {
                    self.bus.write(&[0xFF])?;
                }
                self.bus.transfer(read, write)?;
                // QEMU's card answers command 58 as if it were idle still.
                if let Some(answer) = read.first_mut().filter(|answer| self.answer_of_58 && **answer & 0x80 == 0) {
                    *answer &= !1;
                    self.answer_of_58 = false;
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
        // A pin of a microcontroller that cannot be set would be no pin; the bus's own error is what can happen.
        let _ = self.select.set_low();
        let done = operations.iter_mut().try_for_each(|operation| self.step(operation)).and_then(|()| self.bus.flush());
        let _ = self.select.set_high();
        done
    }
}
