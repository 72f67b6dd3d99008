//! Responses of any length, read through a caller's buffer: lists, downloads, inventories.
//! Asking for them, and asking again, belongs to `client`.

mod download;
pub mod inventory;
mod listing;
mod read_buffer;

pub use download::{Download, JobOutput};
pub use listing::{Entry, Listing, Marker};
pub(crate) use read_buffer::move_to_front;
