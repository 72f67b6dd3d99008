//! Whole transfers over any [`Transport`](glacier_core::Transport): a file or a stream into a vault, an archive into a file. This
//! room performs the steps with bounded memory and reports them to an [`Observer`]; how requests are made, verified and retried is
//! decided in `glacier_core`, and what a user reads is the program's.

mod context;
mod download;
mod multipart;
mod new_file;
mod observer;
mod options;
mod part;
mod part_size;
mod progress;
mod restore_error;
mod retrieval_job;
mod retrieval_wait;
mod single_request;
mod spool;
mod stream;
mod temporary_file;
#[cfg(test)]
mod test_support;
mod upload;
mod upload_body;
mod upload_error;
mod uploaded;

pub use download::{Restart, RestoreWriter, RestoredArchive, download};
pub use new_file::NewFile;
pub use observer::{Event, Observer};
pub use options::{DEFAULT_CONCURRENCY, DEFAULT_RETRY_FOR, TransferOptions, UploadRequest};
pub use part_size::{DEFAULT_PART_SIZE, part_size_for, stream_part_size};
pub use restore_error::RestoreError;
pub use retrieval_job::{RetrievalRequest, RetrievalStatus, RetrievedArchive, check_retrieval, initiate_retrieval};
pub use retrieval_wait::wait_for_retrieval;
pub use stream::upload_stream;
pub use upload::upload_file;
pub use upload_error::UploadError;
pub use uploaded::UploadedArchive;
