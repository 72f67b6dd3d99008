//! The asynchronous calls: encode, sign, send, decode; again after failures; across pages; until a state is reached.
//! Every decision they make is a plain function or state machine in this or a lower room.

mod client;
mod environment;
pub mod pages;
pub mod retry;
mod retrying;
mod service_time;
mod state;
pub mod waiters;

pub use client::Client;
pub use environment::Environment;
pub use state::{ClientState, KeepState};
