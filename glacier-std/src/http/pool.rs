//! Idle connections, shared by all clones of a transport.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// An idle connection is not reused after this time, when routers in between may have dropped it silently.
const MAX_IDLE_TIME: Duration = Duration::from_secs(50);

/// Idle connections, the most recently used last.
#[derive(Debug)]
pub(super) struct ConnectionPool {
    idle: Mutex<Vec<(Instant, Box<Connection>)>>,
    max_idle: usize,
}

impl ConnectionPool {
    pub(super) fn new(max_idle: usize) -> Self {
        ConnectionPool { idle: Mutex::default(), max_idle }
    }

    /// A connection that is alive, if there is one; closed and old ones are dropped.
    pub(super) fn take(&self) -> Option<Box<Connection>> {
        loop {
            let (since, mut connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if since.elapsed() < MAX_IDLE_TIME && connection.is_alive() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose last response was read to its end; beyond the maximum, the one idle for longest is closed.
    pub(super) fn put(&self, connection: Box<Connection>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((Instant::now(), connection));
        let surplus = idle.len().saturating_sub(self.max_idle);
        let closed: Vec<_> = idle.drain(..surplus).collect();
        drop(idle);
        drop(closed);
    }
}
