//! Progress on standard error: a line redrawn on a terminal, notes, and with `-v` every step.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use glacier_core::values::MAX_PARTS;
use glacier_std::Retrying;
use glacier_std::transfer::{Event, Observer};

use crate::args::GlobalArgs;
use crate::output::{draw_status, print_stderr, readable, readable_time, wipe_status};

/// The line is redrawn at most this often.
const REDRAW: Duration = Duration::from_millis(200);
/// When nothing was sent for this long, the line shows hashing instead.
const SENDING: Duration = Duration::from_secs(1);
/// Shorter waits before a retry are only noted with `-v`.
const NOTABLE_WAIT: Duration = Duration::from_secs(2);
const SENT: &str = "sent";

/// Shows the events of a transfer, and remembers what to tell a user who interrupts it.
pub(crate) struct Progress {
    line: bool,
    verbose: bool,
    quiet: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: Option<u64>,
    started: Option<Instant>,
    drawn: Option<Instant>,
    /// When something was last sent.
    sent: Option<Instant>,
    job_id: String,
    on_interrupt: Option<String>,
}

impl Progress {
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        let line = std::io::stderr().is_terminal() && !global.quiet;
        Progress { line, verbose: global.verbose > 0, quiet: global.quiet, state: Mutex::default() }
    }

    /// Sets the number of bytes to transfer, if it is known.
    pub(crate) fn expect(&self, total: Option<u64>) {
        self.state().total = total;
    }

    /// The job that is waited for, and what to say of it when the wait is interrupted.
    pub(crate) fn waits_for(&self, job_id: &str, on_interrupt: String) {
        let mut state = self.state();
        state.job_id = job_id.into();
        state.on_interrupt = Some(on_interrupt);
    }

    /// What to say when the command is interrupted now.
    pub(crate) fn on_interrupt(&self) -> Option<String> {
        self.state().on_interrupt.clone()
    }

    /// Prints a note, unless the user wants none.
    pub(crate) fn note(&self, text: &str) {
        self.note_if(!self.quiet, text);
    }

    /// Prints a note for those who want to know more.
    pub(crate) fn detail(&self, text: &str) {
        self.note_if(self.verbose, text);
    }

    /// Wipes the line.
    pub(crate) fn finish(&self) {
        wipe_status();
    }

    fn note_if(&self, wanted: bool, text: &str) {
        if wanted {
            print_stderr(text);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is consistent between any two statements, so a panicked holder left it good.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn moved(&self, what: &str, position: u64) {
        if !self.line {
            return;
        }
        let mut state = self.state();
        let now = Instant::now();
        let started = *state.started.get_or_insert(now);
        // Some parts are hashed while others are sent; the line has room for one of the two.
        if what == SENT {
            state.sent = Some(now);
        } else if state.sent.is_some_and(|sent| now.duration_since(sent) < SENDING) {
            return;
        }
        if state.drawn.is_some_and(|drawn| now.duration_since(drawn) < REDRAW) {
            return;
        }
        state.drawn = Some(now);
        let text = status(what, position, state.total, now.duration_since(started));
        draw_status(|_| text);
    }
}

impl Observer for Progress {
    fn note(&self, event: Event<'_>) {
        match event {
            Event::MultipartInitiated { upload_id, part_size, parts } => {
                self.state().on_interrupt = Some(format!(
                    "the parts sent so far are in multipart upload {upload_id}, which is not billed and expires after a day"
                ));
                let parts = parts.map_or(String::new(), |parts| format!("{parts} "));
                self.note_if(self.verbose, &format!("initiated multipart upload {upload_id}: {parts}parts of {part_size}"));
            }
            Event::PartUploaded { index, parts } => {
                let of = parts.map_or(String::new(), |parts| format!(" of {parts}"));
                self.note_if(self.verbose, &format!("uploaded part {}{of}", index + 1));
            }
            Event::PartsRunningOut { used, part_size } => {
                let left = readable((MAX_PARTS - used) * part_size.bytes());
                self.note(&format!(
                    "{used} of {MAX_PARTS} parts are used, {left} still fit: if the input is longer, stop and start again with --expected-size"
                ));
            }
            Event::JobInitiated { job_id } => self.note_if(self.verbose, &format!("initiated retrieval job {job_id}")),
            Event::JobPending(wait) => {
                let job_id = self.state().job_id.clone();
                self.note(&format!("retrieval job {job_id} is still in progress; checking again in {} s", wait.as_secs()));
            }
            Event::Retrying(Retrying { wait, reason, .. }) => {
                let notable = self.verbose || !self.quiet && wait >= NOTABLE_WAIT;
                self.note_if(notable, &format!("{reason}; retrying in {:.1} s", wait.as_secs_f64()));
            }
            Event::Hashed(position) => self.moved("hashed", position),
            Event::Sent(position) => self.moved(SENT, position),
            Event::Received(position) => self.moved("received", position),
            _ => {}
        }
    }
}

/// `sent 1.2 GiB of 4.0 GiB, 45.1 MiB/s, 1:03 left`
fn status(what: &str, position: u64, total: Option<u64>, elapsed: Duration) -> String {
    let rate = (position as f64 / elapsed.as_secs_f64().max(0.001)) as u64;
    let of = total.map_or(String::new(), |total| format!(" of {}", readable(total)));
    let mut line = format!("{what} {}{of}, {}/s", readable(position), readable(rate));
    if let Some(left) = total.map(|total| total.saturating_sub(position)).filter(|left| *left > 0 && rate > 0) {
        let seconds = left.div_ceil(rate);
        line += &format!(", {} left", readable_time(Duration::from_secs(seconds)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_bytes_rate_and_time_left() {
        let second = Duration::from_secs(1);
        assert_eq!(status("sent", 1 << 20, Some(64 << 20), second), "sent 1.0 MiB of 64.0 MiB, 1.0 MiB/s, 1:03 left");
        assert_eq!(status("sent", 1 << 20, Some(7201 << 20), second), "sent 1.0 MiB of 7.0 GiB, 1.0 MiB/s, 2:00:00 left");
        assert_eq!(status("hashed", 1024, None, 2 * second), "hashed 1.0 KiB, 512 B/s");
        assert_eq!(status("received", 5, Some(5), second), "received 5 B of 5 B, 5 B/s");
        assert_eq!(status("sent", 0, Some(5), Duration::ZERO), "sent 0 B of 5 B, 0 B/s");
    }
}
