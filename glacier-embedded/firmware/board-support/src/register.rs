//! Memory-mapped registers.
#![allow(unsafe_code)]

/// A 32-bit register of a peripheral. All accesses are volatile.
#[derive(Clone, Copy, Debug)]
pub struct Register(usize);

impl Register {
    /// The register at `address`.
    ///
    /// # Safety
    /// `address` is a multiple of 4 at which this chip has a register that can be read and written as a word, and no access to it makes a
    /// peripheral write to memory.
    pub const unsafe fn at(address: usize) -> Register {
        Register(address)
    }

    /// Reads the register.
    pub fn read(self) -> u32 {
        // SAFETY: the caller of `at` guarantees an aligned register; no Rust object is in the address range of peripherals.
        unsafe { (self.0 as *const u32).read_volatile() }
    }

    /// Writes the register.
    pub fn write(self, value: u32) {
        // SAFETY: as in `read`; and by the contract of `at` the access does not make the peripheral write to memory.
        unsafe { (self.0 as *mut u32).write_volatile(value) }
    }
}
