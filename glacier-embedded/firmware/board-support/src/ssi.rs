//! The PL022 synchronous serial interface as an SPI bus: 8 bits, mode 0, polled.

use core::convert::Infallible;

use embedded_hal::spi::{ErrorType, SpiBus};

use crate::register::Register;

/// Bytes that fit its FIFOs.
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
    /// The PL022 whose registers begin at `base`, as fast as it goes.
    ///
    /// # Safety
    /// There is a PL022 at `base`, without DMA, and nothing else uses it.
    #[allow(unsafe_code)]
    pub unsafe fn new(base: usize) -> Self {
        // SAFETY: the caller vouches for a PL022; CR0, CR1, DR, SR and CPSR are words at these places of every one.
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

/// Every byte that is sent is answered by one: each method receives as many as it sends, so the FIFOs are empty between two calls.
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
        let mut answers = read.iter_mut();
        for byte in write {
            self.send(*byte);
            let got = self.receive();
            if let Some(answer) = answers.next() {
                *answer = got;
            }
        }
        for answer in answers {
            self.send(0xFF);
            *answer = self.receive();
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
