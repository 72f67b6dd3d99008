//! How a transfer is going, on standard error: a line that changes on a terminal, notes for those who asked for more.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use glacier_std::transfer::{Event, Observer};

use crate::args::Global;
use crate::exit::say;
use crate::size::readable;

/// Between two drawings of the line.
const TICK: Duration = Duration::from_millis(200);

/// Without anything sent for as long, the line shows what else moves.
const LULL: Duration = Duration::from_secs(1);
const SENT: &str = "sent";

/// Shows the events of a transfer, and remembers what someone who interrupts it has to know.
pub(crate) struct Progress {
    line: bool,
    verbose: bool,
    quiet: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: Option<u64>,
    began: Option<Instant>,
    drawn: Option<Instant>,
    /// When something was sent last.
    sent: Option<Instant>,
    width: usize,
    unfinished: Option<Unfinished>,
}

/// What goes on at the service when this command ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// A multipart upload.
    Upload(String),
    /// A retrieval job.
    Job(String),
}

impl Progress {
    pub(crate) fn new(global: &Global) -> Self {
        let line = std::io::stderr().is_terminal() && !global.quiet;
        Progress { line, verbose: global.verbose > 0, quiet: global.quiet, state: Mutex::default() }
    }

    /// How many bytes there will be.
    pub(crate) fn expect(&self, total: Option<u64>) {
        self.state().total = total;
    }

    /// What would go on if the command ended now.
    pub(crate) fn unfinished(&self) -> Option<Unfinished> {
        self.state().unfinished.clone()
    }

    /// Says something that matters to everyone but those who want no notes.
    pub(crate) fn say(&self, text: &str) {
        self.note_if(!self.quiet, text);
    }

    /// Wipes the line.
    pub(crate) fn finish(&self) {
        let mut state = self.state();
        if state.width > 0 {
            draw(&mut state, "");
            let _ = write!(std::io::stderr(), "\r");
            state.width = 0;
        }
    }

    fn note_if(&self, wanted: bool, text: &str) {
        if wanted {
            self.finish();
            say(text);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing can be half done in it, so a thread that panicked leaves it good.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn moved(&self, what: &str, position: u64) {
        if !self.line {
            return;
        }
        let mut state = self.state();
        let now = Instant::now();
        let began = *state.began.get_or_insert(now);
        // While some parts are sent, others are hashed: one line has room for one of the two.
        if what == SENT {
            state.sent = Some(now);
        } else if state.sent.is_some_and(|sent| now.duration_since(sent) < LULL) {
            return;
        }
        if state.drawn.is_some_and(|drawn| now.duration_since(drawn) < TICK) {
            return;
        }
        state.drawn = Some(now);
        let text = status(what, position, state.total, now.duration_since(began));
        draw(&mut state, &text);
    }
}

impl Observer for Progress {
    fn note(&self, event: Event<'_>) {
        match event {
            Event::UploadBegun { upload_id, part_size, parts } => {
                self.state().unfinished = Some(Unfinished::Upload(upload_id.into()));
                let parts = parts.map_or(String::new(), |parts| format!("{parts} "));
                self.note_if(self.verbose, &format!("multipart upload {upload_id} of {parts}parts of {part_size} has begun"));
            }
            Event::PartDone { index, parts } => {
                let of = parts.map_or(String::new(), |parts| format!(" of {parts}"));
                self.note_if(self.verbose, &format!("part {}{of} is there", index + 1));
            }
            Event::PartsRunOut { used, part_size } => {
                let left = readable((10_000 - used) * part_size.bytes());
                self.say(&format!(
                    "{used} of 10000 parts are used: {left} more fit; if there is more, end this and begin again with --expected-size"
                ));
            }
            Event::JobBegun { job_id } => {
                self.state().unfinished = Some(Unfinished::Job(job_id.into()));
                self.note_if(self.verbose, &format!("retrieval job {job_id} has begun"));
            }
            Event::JobPending(wait) => {
                let job = match self.unfinished() {
                    Some(Unfinished::Job(job_id)) => job_id,
                    _ => String::new(),
                };
                self.say(&format!("the retrieval job is not finished yet, next look in {} s: {job}", wait.as_secs()));
            }
            Event::Repeating { wait } => {
                let worth_it = self.verbose || !self.quiet && wait >= Duration::from_secs(2);
                self.note_if(worth_it, &format!("a request failed, and is sent again in {:.1} s", wait.as_secs_f64()));
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
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        line +=
            &if hours > 0 { format!(", {hours}:{minutes:02}:{seconds:02} left") } else { format!(", {minutes}:{seconds:02} left") };
    }
    line
}

/// Draws over the line before; what is longer than the new one is wiped with spaces.
fn draw(state: &mut State, text: &str) {
    // Only a terminal gets here, and one that does not take it loses nothing.
    let _ = write!(std::io::stderr(), "\r{text:width$}", width = state.width);
    state.width = text.len();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_bytes_rate_and_time_left() {
        let second = Duration::from_secs(1);
        assert_eq!(status("sent", 1 << 20, Some(64 << 20), second), "sent 1.0 MiB of 64.0 MiB, 1.0 MiB/s, 1:03 left");
        assert_eq!(status("sent", 1 << 20, Some(7201 << 20), second), "sent 1.0 MiB of 7.0 GiB, 1.0 MiB/s, 2:00:00 left");
        assert_eq!(status("hashed", 1024, None, 2 * second), "hashed 1.0 KiB, 512 B/s");
        assert_eq!(status("received", 5, Some(5), second), "received 5 B of 5 B, 5 B/s");
        assert_eq!(status("sent", 0, Some(5), Duration::ZERO), "sent 0 B of 5 B, 0 B/s");
    }
}
