//! The AWS SDK for Rust against `glacier serve`: all 33 operations, the paginators and the waiters, with what comes back compared.

mod archives;
mod call_log;
mod check;
mod jobs;
mod policies;
mod readme;
mod run;
mod server;
mod vaults;
mod waiters;

pub(crate) use run::run;
