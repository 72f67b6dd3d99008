//! What is said of a transfer's events, and what it does now.

use std::time::Duration;

use glacier_core::values::MAX_PARTS;
use glacier_std::transfer::Event;

use super::super::unfinished::{remains, unfinished_upload};
use super::line_schedule::LineSchedule;
use super::retry_notes::{RetryNotes, of, retry_text};
use super::transfer::Transfer;
use crate::output::readable;

/// A message about an event, and who is to see it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// All but those who want no notes.
    Note(String),
    /// Those who want details.
    Detail(String),
}

/// The transfer and what has been said of it. Times count from any one moment.
#[derive(Default)]
pub(super) struct State {
    pub(super) transfer: Transfer,
    pub(super) retries: RetryNotes,
    pub(super) schedule: LineSchedule,
    pub(super) job_id: String,
}

impl State {
    /// Records an event; returns what to say of it.
    pub(super) fn note(&mut self, event: &Event<'_>, now: Duration) -> Option<Message> {
        let was_waiting = self.transfer.is_waiting();
        self.transfer.note(event, now);
        match *event {
            Event::MultipartInitiated { upload_id, part_size, parts } => {
                remains(unfinished_upload("the parts sent so far", upload_id));
                let parts = parts.map_or(String::new(), |parts| format!("{parts} "));
                Some(Message::Detail(format!("initiated multipart upload {upload_id}: {parts}parts of {part_size}")))
            }
            Event::PartUploaded { index, parts } => Some(Message::Detail(format!("uploaded part {}{}", index + 1, of(parts)))),
            Event::PartsRunningOut { used, part_size } => {
                let left = readable((MAX_PARTS - used) * part_size.bytes());
                Some(Message::Note(format!(
                    "{used} of {MAX_PARTS} parts are used, {left} still fit: if the input is longer, stop and start again with --expected-size"
                )))
            }
            Event::JobInitiated { job_id } => Some(Message::Detail(format!("initiated retrieval job {job_id}"))),
            Event::JobPending(wait) => {
                let text = format!("retrieval job {} is still in progress; checking again in {} s", self.job_id, wait.as_secs());
                // The first says that it takes time; that it goes on is progress.
                Some(if was_waiting { Message::Detail(text) } else { Message::Note(text) })
            }
            Event::Retrying(retry) => {
                let text = retry_text(&retry, self.transfer.parts);
                Some(if self.retries.wanted(&retry, now) { Message::Note(text) } else { Message::Detail(text) })
            }
            _ => None,
        }
    }

    /// The line to print now where there is no terminal.
    pub(super) fn due_line(&mut self, now: Duration) -> Option<String> {
        let status = self.transfer.status(now);
        // Also when there is nothing to say: the schedule begins with the transfer.
        self.schedule.is_due(now).then(|| status.map(|status| status.line())).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::unfinished::at_the_service;
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_long_wait_for_a_job_is_a_note_and_then_a_line_every_five_minutes() {
        let mut state = State { job_id: "J".into(), ..State::default() };
        let text = || "retrieval job J is still in progress; checking again in 900 s".to_string();
        assert_eq!(state.note(&Event::JobPending(seconds(900)), seconds(1)), Some(Message::Note(text())));
        let lines: Vec<_> = (1..700).filter_map(|second| state.due_line(seconds(second))).collect();
        assert_eq!(
            lines,
            [
                "the retrieval job is in progress; waited 1:00, next check in 14:00",
                "the retrieval job is in progress; waited 6:00, next check in 9:00",
                "the retrieval job is in progress; waited 11:00, next check in 4:00"
            ]
        );
        assert_eq!(state.note(&Event::JobPending(seconds(900)), seconds(901)), Some(Message::Detail(text())));
    }

    #[test]
    fn an_interrupted_upload_names_its_multipart_upload() {
        let mut state = State::default();
        let part_size = glacier_core::PartSize::from_bytes(1 << 20).unwrap();
        let said = state.note(&Event::MultipartInitiated { upload_id: "U", part_size, parts: Some(3) }, seconds(0));
        assert_eq!(said, Some(Message::Detail("initiated multipart upload U: 3 parts of 1 MiB".into())));
        assert!(at_the_service().unwrap().contains("multipart upload U"));
    }
}
