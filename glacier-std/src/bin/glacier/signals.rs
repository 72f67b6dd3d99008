//! Ctrl-C and SIGTERM, caught so that temporary files are removed and requests end.

use std::io;

use crate::exit::{Failure, code};

/// The signals, caught from the moment this is made.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Catches them, within a runtime.
    #[cfg(unix)]
    pub(crate) fn catch() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error: io::Error| Failure::new(code::OTHER, format_args!("signals cannot be caught: {error}"));
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Signals { interrupt, terminate })
    }

    /// The exit code that tells of the first signal.
    #[cfg(unix)]
    pub(crate) async fn next(mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => code::INTERRUPTED,
            _ = self.terminate.recv() => code::TERMINATED,
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn catch() -> Result<Self, Failure> {
        Ok(Signals {})
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(self) -> u8 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => code::INTERRUPTED,
            // Without a handler the system ends us by itself.
            Err(io::Error { .. }) => std::future::pending().await,
        }
    }
}
