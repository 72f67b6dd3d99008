//! How far a transfer is, on standard error: a status line, a line every few minutes, or JSON; notes; a summary at its end.
//! What the status line may cover, and what wipes it, is in `output/`.

mod json_event;
mod line_schedule;
mod meter;
mod progress;
mod retry_notes;
mod state;
mod status;
mod summary;
mod ticker;
mod transfer;

pub(crate) use progress::Progress;
