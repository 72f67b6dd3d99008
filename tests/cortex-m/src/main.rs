//! Hashes 2 MiB through the public interface on an emulated Cortex-M, and prints the instructions of each MiB and the hashes.
//!
//! `check` runs it in QEMU with `-icount shift=0`, where an instruction takes a nanosecond. SysTick counts at 25 MHz: 40 instructions.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use glacier_core::PayloadHasher;

/// Instructions in a tick.
const PER_TICK: u32 = 40;
/// Bytes hashed at a time, 64 times for a MiB.
const PIECE: usize = 16 << 10;

#[entry]
fn main() -> ! {
    let Some(mut peripherals) = cortex_m::Peripherals::take() else { fail() };
    let clock = &mut peripherals.SYST;
    clock.set_clock_source(SystClkSource::Core);
    clock.set_reload(0xff_ffff);
    clock.clear_current();
    clock.enable_counter();

    let mut piece = [0; PIECE];
    for (at, byte) in piece.iter_mut().enumerate() {
        *byte = (at * 7 + (at >> 8)) as u8;
    }
    let mut hasher = PayloadHasher::new();
    // In the first leaf the linear hash is also the tree hash; after it there are two hashes.
    hprintln!("one {}", instructions_of_a_mib(&mut hasher, &piece));
    piece.reverse();
    hprintln!("both {}", instructions_of_a_mib(&mut hasher, &piece));
    match hasher.finish() {
        Ok(hashes) => hprintln!("linear {}\ntree {}", hashes.linear, hashes.tree),
        Err(_) => fail(),
    }
    debug::exit(debug::EXIT_SUCCESS);
    fail()
}

fn instructions_of_a_mib(hasher: &mut PayloadHasher, piece: &[u8]) -> u32 {
    let start = SYST::get_current();
    for _ in 0..(1 << 20) / PIECE {
        hasher.update(piece);
    }
    // It counts down, in 24 bits.
    (start.wrapping_sub(SYST::get_current()) & 0xff_ffff) * PER_TICK
}

fn fail() -> ! {
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    fail()
}
