//! What a board provides to the application, and what it gets back.

use crate::console::Console;

/// A board's description.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// The board's name.
    pub name: &'static str,
    /// Where lines are printed.
    pub console: Console,
    /// The host's or a real-time clock's time in seconds since 1970; `None` if there is no such clock.
    pub host_time: fn() -> Option<u64>,
    /// Measures the stack.
    pub stack_use: fn() -> StackUse,
}

/// The devices of a board. The Ethernet controller is borrowed, because a value moved into a future takes its memory twice.
#[derive(Debug)]
pub struct Devices<'d, E, D> {
    /// The Ethernet controller.
    pub ethernet: &'d mut E,
    /// The card.
    pub card: D,
}

/// Bytes of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackUse {
    /// The most used so far.
    pub used: usize,
    /// Never used so far.
    pub free: usize,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Something was not done; the console says what and why.
    Stopped,
}
