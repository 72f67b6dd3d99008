//! Semihosting: console, settings, the host's clock and exit. Real hardware has a UART, flash, an RTC and a reset instead.
#![allow(unsafe_code)]

use core::str;

use cortex_m_semihosting::{debug, nr, syscall1};

/// Writes to the host's standard output.
pub fn print(text: &str) {
    cortex_m_semihosting::hprint!("{}", text);
}

/// The command line given to QEMU, written into `buffer`. Empty if it does not fit.
pub fn command_line(buffer: &mut [u8]) -> &str {
    let mut block = [buffer.as_mut_ptr() as usize, buffer.len()];
    // SAFETY: SYS_GET_CMDLINE writes at most as many bytes as the second word says to the address in the first, which is exclusively
    // borrowed through `buffer`, and the length to the second; the block is passed as a mutable address, so the compiler expects the change.
    let failed = unsafe { syscall1(nr::GET_CMDLINE, block.as_mut_ptr() as usize) } != 0;
    let length = if failed { 0 } else { block[1] };
    buffer.get(..length).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default().trim_end_matches('\0')
}

/// The host's time in seconds since 1970.
pub fn host_time() -> Option<u64> {
    // SAFETY: SYS_TIME takes no argument and accesses no memory.
    Some(unsafe { syscall1(nr::TIME, 0) } as u64)
}

/// Exits QEMU, with status 0 if `success`, else 1.
pub fn exit(success: bool) -> ! {
    debug::exit(if success { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}
