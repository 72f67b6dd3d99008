//! Whole transfers over any [`Transport`](glacier_core::Transport): a file or a stream into a vault, an archive into a file.
//!
//! Each takes a [`Client`](glacier_core::Client), reads and writes through buffers of fixed size, repeats what may be repeated, and
//! compares every tree hash. What happens on the way is told to an [`Observer`].

mod body;
mod crew;
mod new_file;
mod observe;
mod pace;
mod part;
mod parts;
mod restore;
mod retrieval;
mod spool;
mod stream;
mod tally;
#[cfg(test)]
mod test_support;
mod upload;
mod upload_error;
mod way;

pub use new_file::NewFile;
pub use observe::{Event, Observer};
pub use pace::{Manner, Pace};
pub use restore::{Output, Restart, RestoreError, Restored, download};
pub use retrieval::{Look, Ready, Retrieval, begin_retrieval, look_at, wait_for};
pub use stream::{stream_part_size, upload_stream};
pub use upload::{DEFAULT_CONCURRENCY, Upload, upload_file};
pub use upload_error::UploadError;
pub use way::{Archived, DEFAULT_PART_SIZE, part_size_for};
