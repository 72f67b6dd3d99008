//! A disk with folders and files, as the store needs one: the system's, and one in memory. What the files are for is not known here.

mod file_id;
mod interface;
mod memory;
mod memory_file;
mod system;
mod system_file;

pub(crate) use file_id::FileId;
pub(crate) use interface::{Disk, DiskFile, EntryKind};
pub(crate) use memory::MemoryDisk;
pub(crate) use system::SystemDisk;

#[cfg(test)]
mod simulated;
#[cfg(test)]
mod simulated_file;
#[cfg(test)]
mod simulated_state;

#[cfg(test)]
pub(crate) use simulated::SimulatedDisk;
#[cfg(test)]
pub(crate) use simulated_state::{Fault, Image};
