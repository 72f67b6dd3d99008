//! Ctrl-C, SIGTERM and SIGHUP, caught so that temporary files are removed and requests end; and SIGXFSZ, so that a write beyond the
//! file size limit is an error like any other.

use std::io;

use super::error::{CommandError, code};

/// The signals, caught as long as this lives.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    /// Catches the signals; call it within a runtime.
    #[cfg(unix)]
    pub(crate) fn catch() -> Result<Self, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt()).map_err(not_caught)?;
        let terminate = signal(SignalKind::terminate()).map_err(not_caught)?;
        let hangup = if is_run_by_nohup() { None } else { Some(signal(SignalKind::hangup()).map_err(not_caught)?) };
        Ok(Signals { interrupt, terminate, hangup })
    }

    /// Waits for a signal and returns its exit code.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> u8 {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => code::INTERRUPTED,
            _ = self.terminate.recv() => code::TERMINATED,
            _ = hangup => code::HANGUP,
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn catch() -> Result<Self, CommandError> {
        Ok(Signals {})
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> u8 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => code::INTERRUPTED,
            // Without a handler the system ends the process itself.
            Err(io::Error { .. }) => std::future::pending().await,
        }
    }
}

/// Has a write beyond the file size limit fail, in place of the signal that would end the process without a word.
#[cfg(unix)]
pub(crate) fn report_file_size_limit() -> Result<(), CommandError> {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(not_caught)?;
    // Once installed, a handler stays, whether or not anyone waits for the signal.
    let _inside = runtime.enter();
    signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).map(drop).map_err(not_caught)
}

#[cfg(not(unix))]
pub(crate) fn report_file_size_limit() -> Result<(), CommandError> {
    Ok(())
}

#[cfg(unix)]
fn not_caught(error: io::Error) -> CommandError {
    CommandError::other(format_args!("cannot install signal handlers: {error}"))
}

/// Whether SIGHUP is ignored, as nohup has it, and must stay so.
#[cfg(target_os = "linux")]
fn is_run_by_nohup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores(&status, rustix::process::Signal::HUP.as_raw())
}

/// Elsewhere it cannot be asked for; but nohup leaves no descriptor that is a terminal.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_run_by_nohup() -> bool {
    use std::io::IsTerminal;
    !(io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal())
}

/// Whether the status of a process says that it ignores a signal.
#[cfg(target_os = "linux")]
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_status() {
        // As printed by: sh -c 'trap "" HUP PIPE; grep Sig /proc/self/status'
        let status = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000002\n";
        assert!(ignores(status, 1) && ignores(status, 13));
        assert!(!ignores(status, 2) && !ignores("", 1));
    }
}
