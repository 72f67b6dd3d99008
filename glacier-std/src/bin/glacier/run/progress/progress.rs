//! The observer of a command's transfers.

use std::env;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use glacier_core::TreeHash;
use glacier_std::transfer::{Event, Observer};

use super::super::unfinished::remains;
use super::json_event::{JsonEvent, seconds};
use super::state::{Message, State};
use super::summary::Summary;
use super::ticker::Ticker;
use crate::args::{GlobalArgs, ProgressFormat};
use crate::output::{draw_status, print_stderr, print_stderr_json, wipe_status};

/// The status line is drawn this often.
const REDRAW: Duration = Duration::from_millis(200);
/// JSON objects are printed this often, and it is checked whether a line is due.
const SECOND: Duration = Duration::from_secs(1);

/// Shows the events of a transfer, and remembers what to tell a user who interrupts it.
pub(crate) struct Progress {
    shown: Shown,
    verbose: bool,
    quiet: bool,
    /// All times count from here.
    start: Instant,
    state: Arc<Mutex<State>>,
    /// Runs while there is something to show.
    ticker: Mutex<Option<Ticker>>,
}

/// How progress is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    /// One line of a terminal, drawn over and over.
    StatusLine,
    /// A line every few minutes.
    Lines,
    Json,
}

impl Progress {
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        // A dumb terminal is a log: it need not go back to the start of a line.
        let is_terminal = std::io::stderr().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb");
        let shown = match global.progress {
            ProgressFormat::Auto if global.quiet => Shown::Nothing,
            ProgressFormat::Auto if is_terminal => Shown::StatusLine,
            ProgressFormat::Auto => Shown::Lines,
            ProgressFormat::Json => Shown::Json,
            ProgressFormat::None => Shown::Nothing,
        };
        Progress {
            shown,
            verbose: global.verbose > 0,
            quiet: global.quiet,
            start: Instant::now(),
            state: Arc::default(),
            ticker: Mutex::default(),
        }
    }

    /// A transfer begins, of this number of bytes, if it is known.
    pub(crate) fn expect(&self, total: Option<u64>) {
        self.state().transfer.begin(total, self.start.elapsed());
        self.show();
    }

    /// The job that is waited for, and what to say of it when the wait is interrupted.
    pub(crate) fn waits_for(&self, job_id: &str, on_interrupt: String) {
        self.state().job_id = job_id.into();
        remains(on_interrupt);
        self.show();
    }

    /// Prints a note, unless the user wants none.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            print_stderr(text);
        }
    }

    /// Prints a note for those who want to know more.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            print_stderr(text);
        }
    }

    /// The transfer is complete: `what` is `uploaded` or `restored`.
    pub(crate) fn done(&self, what: &str, bytes: u64, tree_hash: &TreeHash) {
        self.finish();
        let (parts, time) = {
            let state = self.state();
            let began = state.transfer.began.unwrap_or_default();
            (state.transfer.parts_uploaded, self.start.elapsed().saturating_sub(began))
        };
        let tree_hash = &tree_hash.to_string();
        match self.shown {
            Shown::Json => print_stderr_json(&JsonEvent::Done { bytes, seconds: seconds(time), parts, tree_hash }),
            _ => self.note(&Summary { what, bytes, time, parts, tree_hash }.line()),
        }
    }

    /// Shows nothing more.
    pub(crate) fn finish(&self) {
        // Its thread has ended when this returns, so nothing is drawn after the line is wiped.
        drop(self.ticker().take());
        wipe_status();
    }

    fn show(&self) {
        let (shown, start, state) = (self.shown, self.start, Arc::clone(&self.state));
        let interval = match shown {
            Shown::Nothing => return,
            Shown::StatusLine => REDRAW,
            Shown::Lines | Shown::Json => SECOND,
        };
        self.ticker().get_or_insert_with(|| Ticker::start(interval, move || tick(shown, &state, start.elapsed())));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn ticker(&self) -> MutexGuard<'_, Option<Ticker>> {
        self.ticker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // The state is consistent between any two statements, so a panicked holder left it good.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows what the transfer does now. The state is not locked meanwhile: a terminal that is stopped stops no transfer.
fn tick(shown: Shown, state: &Mutex<State>, now: Duration) {
    if shown == Shown::Lines {
        let line = lock(state).due_line(now);
        return line.into_iter().for_each(print_stderr);
    }
    let status = lock(state).transfer.status(now);
    let Some(status) = status else { return };
    match shown {
        Shown::StatusLine => draw_status(|columns| status.fitting(columns)),
        Shown::Json => JsonEvent::progress(&status).iter().for_each(print_stderr_json),
        Shown::Lines | Shown::Nothing => {}
    }
}

impl Observer for Progress {
    fn note(&self, event: Event<'_>) {
        let (message, job_id) = {
            let mut state = self.state();
            let message = state.note(&event, self.start.elapsed());
            let is_pending = matches!(event, Event::JobPending(_));
            (message, if is_pending { state.job_id.clone() } else { String::new() })
        };
        match message {
            None => {}
            Some(_) if self.shown == Shown::Json && print_json(&event, &job_id) => {}
            Some(Message::Note(text)) => Progress::note(self, &text),
            Some(Message::Detail(text)) => self.detail(&text),
        }
    }
}

/// Prints an event that has a JSON object of its own.
fn print_json(event: &Event<'_>, job_id: &str) -> bool {
    let event = match *event {
        Event::MultipartInitiated { upload_id, part_size, parts } => {
            JsonEvent::MultipartInitiated { upload_id, part_size: part_size.bytes(), parts }
        }
        Event::PartUploaded { index, parts } => JsonEvent::PartUploaded { part: index + 1, parts },
        Event::JobInitiated { job_id } => JsonEvent::JobInitiated { job_id },
        Event::JobPending(wait) => JsonEvent::JobPending { job_id, wait_seconds: seconds(wait) },
        Event::Retrying(retry) => JsonEvent::retrying(&retry),
        _ => return false,
    };
    print_stderr_json(&event);
    true
}
