//! Ctrl-C and SIGTERM, caught so that temporary files are removed and requests end.

use std::io;

use super::error::{CommandError, code};

/// The signals, caught as long as this lives.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Catches the signals; call it within a runtime.
    #[cfg(unix)]
    pub(crate) fn catch() -> Result<Self, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error: io::Error| CommandError::other(format_args!("cannot install signal handlers: {error}"));
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Signals { interrupt, terminate })
    }

    /// Waits for a signal and returns its exit code.
    #[cfg(unix)]
    pub(crate) async fn next(mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => code::INTERRUPTED,
            _ = self.terminate.recv() => code::TERMINATED,
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn catch() -> Result<Self, CommandError> {
        Ok(Signals {})
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(self) -> u8 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => code::INTERRUPTED,
            // Without a handler the system ends the process itself.
            Err(io::Error { .. }) => std::future::pending().await,
        }
    }
}
