//! The application: it writes sensor records to a card and archives them in a Glacier vault. It knows no board; a board hands it its
//! devices as a [`Board`] and awaits [`run`].
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod apart;
mod body;
mod card;
mod clock;
mod console;
mod describe;
mod environment;
mod generated;
mod link;
mod memory;
mod record;
mod settings;
mod tasks;
mod upload;
mod why;

use core::pin::pin;

use embassy_net_driver::Driver;
use embedded_sdmmc::BlockDevice;

pub use console::Console;
pub use memory::Memory;

use apart::apart;
use settings::Settings;

/// What a board is and can tell.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// The board's name.
    pub name: &'static str,
    /// Where lines are written.
    pub console: Console,
    /// A clock that somebody else keeps, in seconds since 1970.
    pub host_time: fn() -> Option<u64>,
    /// What of the stack was used so far.
    pub stack_use: fn() -> StackUse,
}

/// The devices of a board. They are lent, as what is moved into a future is in memory twice.
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
    /// So deep it has been.
    pub used: usize,
    /// So much was never touched.
    pub free: usize,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was done.
    Done,
    /// Something was not done; the console says what, and why.
    Stopped,
}

/// Does what the settings ask for, and says on the console how it ended. The settings are `key=value` between spaces, behind the
/// program's name.
pub async fn run<E: Driver, D: BlockDevice>(
    board: &Board,
    settings: &str,
    devices: Devices<'_, E, D>,
    memory: &mut Memory,
) -> Outcome {
    let Board { console, stack_use, .. } = *board;
    let done = match Settings::parse(settings) {
        Ok(settings) => apart(pin!(tasks::run(board, &settings, devices, memory))).await,
        Err(error) => Err(memory.why.all(&error)),
    };
    let StackUse { used, free } = stack_use();
    console.line(format_args!("memory stack_used={used} stack_free={free}"));
    match done {
        Ok(()) => {
            console.line(format_args!("done"));
            Outcome::Done
        }
        Err(_) => {
            console.line(format_args!("stopped why={}", memory.why));
            Outcome::Stopped
        }
    }
}
