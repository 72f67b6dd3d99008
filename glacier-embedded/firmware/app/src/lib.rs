//! The application: writes sensor records to a card and archives them in a Glacier vault.
//!
//! It is independent of the board: a board's `main` passes its devices to [`run`], and describes itself in a [`Board`].
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod board;
mod card;
mod clock;
mod console;
mod description;
mod memory;
mod own_frame;
mod record;
mod run;
mod service;
mod settings;
mod tasks;

pub use board::{Board, Devices, Outcome, StackUse};
pub use console::Console;
pub use memory::Memory;
pub use run::run;
