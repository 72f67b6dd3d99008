//! Measures the stack of a call: the free stack is painted before it, and where the paint is intact afterwards the stack was not used.

use core::arch::asm;
use core::ptr::read_volatile;

unsafe extern "C" {
    /// The end of the stack; only its address is used.
    static stack_end: u32;
}

const PAINT: u32 = 0x5a17_ed00;

/// Runs the call, and returns the bytes of stack it used.
#[inline(never)]
pub fn used(call: impl FnOnce()) -> usize {
    let (end, top) = (&raw const stack_end as usize, paint());
    in_own_frame(call);
    let mut lowest = end;
    // SAFETY: between the end of all variables and the stack pointer is the free stack.
    while lowest < top && unsafe { read_volatile(lowest as *const u32) } == PAINT {
        lowest += 4;
    }
    top - lowest
}

/// The call in a frame of its own, below the point from which the stack is measured.
#[inline(never)]
fn in_own_frame(call: impl FnOnce()) {
    call();
}

/// Paints the stack below the stack pointer, and returns the stack pointer.
#[inline(always)]
fn paint() -> usize {
    let top;
    // SAFETY: the memory between the variables and the stack pointer is unused, as there are no interrupts; and nothing is pushed
    // between reading the pointer and the last store.
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
