//! Notices signals on a thread of its own: a write to a pipe that nobody reads holds the thread of the command, for ever perhaps.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::error::CommandError;
use super::signals::Signals;
use super::unfinished;

/// The command is given this long to end by itself: to stop its requests, remove its files and say what remains at the service.
const PATIENCE: Duration = Duration::from_millis(300);
/// Standard error may be a pipe that nobody reads, too.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Signals are noticed from here on.
pub(crate) struct SignalWatch(oneshot::Receiver<u8>);

impl SignalWatch {
    /// Catches the signals, and watches for them until the process ends.
    pub(crate) fn start() -> Result<Self, CommandError> {
        let (tell, told) = oneshot::channel();
        let (ready, is_ready) = mpsc::channel();
        let watch = move || {
            let runtime = match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _ = ready.send(Err(CommandError::other(format_args!("cannot watch for signals: {error}"))));
                    return;
                }
            };
            runtime.block_on(async {
                match Signals::catch() {
                    Ok(mut signals) => {
                        let _ = ready.send(Ok(()));
                        let signal = signals.next().await;
                        let _ = tell.send(signal);
                        // A second signal is impatience.
                        let _ = tokio::time::timeout(PATIENCE, signals.next()).await;
                        leave(signal);
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
            });
        };
        let started = thread::Builder::new().name("signals".into()).spawn(watch);
        started.map_err(|error| CommandError::other(format_args!("cannot watch for signals: {error}")))?;
        match is_ready.recv() {
            Ok(ready) => ready.map(|()| SignalWatch(told)),
            Err(gone) => Err(CommandError::other(format_args!("cannot watch for signals: {gone}"))),
        }
    }

    /// Waits for a signal and returns its exit code.
    pub(crate) async fn signalled(self) -> u8 {
        match self.0.await {
            Ok(signal) => signal,
            Err(_) => std::future::pending().await,
        }
    }
}

/// Ends a process whose own thread does not.
fn leave(signal: u8) -> ! {
    unfinished::remove_files();
    let (said, is_said) = mpsc::channel();
    let speak = move || {
        interrupted(signal).report();
        let _ = said.send(());
    };
    if thread::Builder::new().spawn(speak).is_ok() {
        let _ = is_said.recv_timeout(LAST_WORDS);
    }
    std::process::exit(signal.into())
}

/// How a command ends that a signal interrupts: what remains at the service is said.
pub(crate) fn interrupted(signal: u8) -> CommandError {
    let error = CommandError::new(signal, "interrupted");
    match unfinished::at_the_service() {
        Some(advice) => error.and(advice),
        None => error,
    }
}
