//! One file a command, with its arguments and what it does with them; `command.rs` lists them, `execute.rs` runs one.
//! What two commands share is in the rooms below. Reserved: a room `raw/` for one command per API operation, made from core's catalogue.

mod archive;
mod cli;
mod command;
mod execute;
mod fsck;
mod job;
mod policy;
mod restore;
mod serve;
mod treehash;
mod upload;
mod vault;

pub(crate) use cli::Cli;
pub(crate) use execute::execute;
