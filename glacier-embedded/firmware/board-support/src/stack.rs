//! Measures the stack: cortex-m-rt paints it before the program starts.
#![allow(unsafe_code)]

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// Bytes of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackUse {
    /// The most used since the start.
    pub used: usize,
    /// Never used since the start.
    pub free: usize,
}

/// Finds out how deep the stack has been since the start.
pub fn stack_use() -> StackUse {
    let (top, bottom) = (&raw const _stack_start, &raw const _stack_end);
    let mut paint_ends = bottom;
    // SAFETY: link.x guarantees words of RAM from `_stack_end` up to `_stack_start`, which cortex-m-rt has initialised with the paint; the
    // reads stay between the two, and reading a word of the stack that is in use changes nothing.
    while paint_ends < top && unsafe { paint_ends.read_volatile() } == cortex_m_rt::STACK_PAINT_VALUE {
        paint_ends = paint_ends.wrapping_add(1);
    }
    StackUse { used: top.addr() - paint_ends.addr(), free: paint_ends.addr() - bottom.addr() }
}
