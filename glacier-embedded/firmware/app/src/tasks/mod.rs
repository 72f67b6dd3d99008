//! The tasks of the firmware, one file per task. Connecting to the network and the service happens before, in `run`.

mod archive;
mod generated;
#[cfg(feature = "queries")]
mod inventory;
#[cfg(feature = "queries")]
mod vaults;

pub(crate) use archive::archive;
pub(crate) use generated::generated;
#[cfg(feature = "queries")]
pub(crate) use inventory::inventory;
#[cfg(feature = "queries")]
pub(crate) use vaults::{describe, list};
