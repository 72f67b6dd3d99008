//! Transfers that survive whatever interrupts them: what an upload has to do next, and what has to be kept to go on after a power cut.
//! Nothing here sends, reads, waits or knows the time; a driver performs the steps and says how each ended.

mod acknowledged_parts;
mod crc;
mod source_identity;
mod step;
mod ticket;
mod upload;
mod upload_error;

pub use acknowledged_parts::{AcknowledgedParts, UnexpectedPart, WINDOW};
pub use source_identity::SourceIdentity;
pub use step::{Part, Step};
pub use ticket::{MAX_TICKET, MAX_TICKET_ID, Ticket, TicketError};
pub use upload::UploadState;
pub use upload_error::{CannotResume, UploadFailure};
