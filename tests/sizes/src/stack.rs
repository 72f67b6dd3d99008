//! How much stack a call takes: the free stack is painted before, and what is still paint behind it was not used.

use core::arch::asm;
use core::ptr::read_volatile;

unsafe extern "C" {
    /// Where the stack must not grow beyond; a place, not a value.
    static stack_end: u32;
}

const PAINT: u32 = 0x5a17_ed00;

/// Makes the call, and tells the bytes of stack it took.
#[inline(never)]
pub fn used(call: impl FnOnce()) -> usize {
    let (end, top) = (&raw const stack_end as usize, paint());
    apart(call);
    let mut lowest = end;
    // SAFETY: from the end of all variables up to the stack pointer lies the free stack.
    while lowest < top && unsafe { read_volatile(lowest as *const u32) } == PAINT {
        lowest += 4;
    }
    top - lowest
}

/// The call with a frame of its own, below what is measured from.
#[inline(never)]
fn apart(call: impl FnOnce()) {
    call();
}

/// Paints all below the stack pointer, and returns it.
#[inline(always)]
fn paint() -> usize {
    let top;
    // SAFETY: below the stack pointer and above all variables nothing is in use, as there are no interrupts; and between reading the
    // pointer and the last store nothing is pushed.
    unsafe {
        asm!(
            "mov {top}, sp",
            "mov {place}, sp",
            "2: str {paint}, [{place}, #-4]!",
            "cmp {place}, {end}",
            "bhi 2b",
            top = out(reg) top,
            place = out(reg) _,
            end = in(reg) &raw const stack_end,
            paint = in(reg) PAINT,
        );
    }
    top
}
