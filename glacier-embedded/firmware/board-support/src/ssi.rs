//! The PL022 synchronous serial interface as an SPI bus: 8 bits, mode 0, polled.

use core::convert::Infallible;

use embedded_hal::spi::{ErrorType, SpiBus};

use crate::register::Register;

/// Bytes in each of its FIFOs.
const FIFO: usize = 8;
const CAN_SEND: u32 = 1 << 1;
const CAN_RECEIVE: u32 = 1 << 2;

/// A PL022.
#[derive(Debug)]
pub struct Ssi {
    data: Register,
    status: Register,
}

impl Ssi {
    /// The PL022 with its registers at `base`, at its highest clock rate.
    ///
    /// # Safety
    /// There is a PL022 at `base`, which does not use DMA, and nothing else uses it.
    #[allow(unsafe_code)]
    pub unsafe fn new(base: usize) -> Self {
        // SAFETY: the caller guarantees a PL022; CR0, CR1, DR, SR and CPSR are words at these offsets in each of them.
        let [cr0, cr1, data, status, prescale] =
            [0x00, 0x04, 0x08, 0x0C, 0x10].map(|offset| unsafe { Register::at(base + offset) });
        cr1.write(0);
        prescale.write(2);
        cr0.write(8 - 1);
        cr1.write(1 << 1);
        Ssi { data, status }
    }

    fn send(&self, byte: u8) {
        while self.status.read() & CAN_SEND == 0 {}
        self.data.write(byte.into());
    }

    fn receive(&self) -> u8 {
        while self.status.read() & CAN_RECEIVE == 0 {}
        self.data.read() as u8
    }
}

impl ErrorType for Ssi {
    type Error = Infallible;
}

/// SPI receives one byte for each byte sent. Each method reads them all, so the FIFOs are empty between two calls.
impl SpiBus for Ssi {
    fn read(&mut self, words: &mut [u8]) -> Result<(), Infallible> {
        words.fill(0xFF);
        self.transfer_in_place(words)
    }

    fn write(&mut self, words: &[u8]) -> Result<(), Infallible> {
        for piece in words.chunks(FIFO) {
            for byte in piece {
                self.send(*byte);
            }
            for _ in piece {
                self.receive();
            }
        }
        Ok(())
    }

    fn transfer(&mut self, read: &mut [u8], write: &[u8]) -> Result<(), Infallible> {
        let mut targets = read.iter_mut();
        for byte in write {
            self.send(*byte);
            let got = self.receive();
            if let Some(target) = targets.next() {
                *target = got;
            }
        }
        for target in targets {
            self.send(0xFF);
            *target = self.receive();
        }
        Ok(())
    }

    fn transfer_in_place(&mut self, words: &mut [u8]) -> Result<(), Infallible> {
        for piece in words.chunks_mut(FIFO) {
            for byte in &*piece {
                self.send(*byte);
            }
            for byte in piece {
                *byte = self.receive();
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
