//! Registers of peripherals.
#![allow(unsafe_code)]

/// A 32-bit register of a peripheral. Reading or writing one may change it, so every access is made as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Register(usize);

impl Register {
    /// The register at `address`.
    ///
    /// # Safety
    /// `address` is a multiple of 4 at which this chip has a register that can be read and written as a word, and no access to it makes a
    /// peripheral change memory.
    pub const unsafe fn at(address: usize) -> Register {
        Register(address)
    }

    /// Reads it.
    pub fn read(self) -> u32 {
        // SAFETY: whoever made it vouches for an aligned register there; no Rust object lies in a peripheral's addresses.
        unsafe { (self.0 as *const u32).read_volatile() }
    }

    /// Writes it.
    pub fn write(self, value: u32) {
        // SAFETY: as in `read`; the peripherals it is made for change no memory.
        unsafe { (self.0 as *mut u32).write_volatile(value) }
    }
}
