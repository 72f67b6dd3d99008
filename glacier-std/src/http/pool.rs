//! Idle connections, shared by all clones of a transport.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// An idle connection older than this is not used again: routers on the way forget it about then, without telling.
const OLD: Duration = Duration::from_secs(50);

/// Idle connections, the most recently used last.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<Vec<(Instant, Box<Connection>)>>,
    most: usize,
}

impl Pool {
    pub(super) fn new(most: usize) -> Self {
        Pool { idle: Mutex::default(), most }
    }

    /// A connection that was alive just now, if there is one; dead and old ones are closed on the way.
    pub(super) fn take(&self) -> Option<Box<Connection>> {
        loop {
            let (since, mut connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if since.elapsed() < OLD && connection.is_alive() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose last answer was read to its end; beyond the most to keep, the longest idle one is closed.
    pub(super) fn put(&self, connection: Box<Connection>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((Instant::now(), connection));
        let surplus = idle.len().saturating_sub(self.most);
        let closed: Vec<_> = idle.drain(..surplus).collect();
        drop(idle);
        drop(closed);
    }
}
