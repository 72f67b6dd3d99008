//! The board: reset vector, output and exit, through QEMU's semihosting.

use core::arch::{asm, global_asm};
use core::panic::PanicInfo;

// Initial stack pointer, reset, and a handler for each processor exception that ends the run.
global_asm!(".section .vectors, \"a\"", ".word stack_top", ".word start", ".rept 14", ".word fault", ".endr",);

#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    crate::main();
    exit(true)
}

#[unsafe(no_mangle)]
extern "C" fn fault() -> ! {
    exit(false)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(false)
}

/// Prints a line with a name and a number.
#[inline(never)]
pub fn report(name: &str, number: usize) {
    for byte in name.bytes() {
        print(byte);
    }
    print(b' ');
    let mut unit = 100_000;
    while unit > 0 {
        print(b'0' + (number / unit % 10) as u8);
        unit /= 10;
    }
    print(b'\n');
}

/// Ends the run as failed: the measured code did not behave as expected.
#[inline(never)]
pub fn fail() -> ! {
    exit(false)
}

/// The value; ends the run if there is none.
pub fn must<T, E>(outcome: Result<T, E>) -> T {
    match outcome {
        Ok(value) => value,
        Err(_) => fail(),
    }
}

fn print(byte: u8) {
    const WRITE_CHARACTER: usize = 3;
    semihosting(WRITE_CHARACTER, &raw const byte as usize);
}

fn exit(success: bool) -> ! {
    const EXIT: usize = 0x18;
    const APPLICATION_EXIT: usize = 0x2_0026;
    const RUN_TIME_ERROR: usize = 0x2_0023;
    loop {
        semihosting(EXIT, if success { APPLICATION_EXIT } else { RUN_TIME_ERROR });
    }
}

fn semihosting(operation: usize, argument: usize) {
    // SAFETY: both operations in use only read their argument: the address of a live byte, or a constant.
    unsafe { asm!("bkpt 0xab", inlateout("r0") operation => _, in("r1") argument) };
}
