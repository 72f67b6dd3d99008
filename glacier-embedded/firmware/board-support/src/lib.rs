//! Drivers that the boards share. On real hardware a HAL replaces them: its time driver, its SPI bus, a UART for the console.
#![no_std]

mod busy_wait;
pub mod console;
mod register;
pub mod sd_card;
pub mod ssi;
mod stack;
pub mod time_driver;

pub use busy_wait::BusyWait;
pub use register::Register;
pub use stack::{StackUse, stack_use};
