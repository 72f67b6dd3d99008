//! Bodies that are being read: their files stay until the reading ends, also when their last owner goes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::local::model::BodyId;

/// Which bodies are read, and which are being removed. A clone shares it.
#[derive(Clone, Default)]
pub(crate) struct Pins {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    used: Mutex<HashMap<BodyId, Use>>,
    changed: Condvar,
    has_orphans: AtomicBool,
}

enum Use {
    /// By so many, and whether it has no owner any more.
    Read { readers: usize, is_orphan: bool },
    /// A transaction removes it.
    Removed,
}

impl Pins {
    /// Pins a body while it is read. Waits for the end of a transaction that removes it: afterwards its records tell whether it is gone.
    pub(crate) fn pin(&self, body: BodyId) -> Pin {
        let mut used = self.lock();
        loop {
            match used.entry(body).or_insert(Use::Read { readers: 0, is_orphan: false }) {
                Use::Read { readers, .. } => {
                    *readers += 1;
                    return Pin { pins: self.clone(), body };
                }
                Use::Removed => used = self.state.changed.wait(used).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Whether the body can be removed now. If so, nobody can pin it until [`release`](Self::release); if not, it becomes an orphan.
    pub(super) fn remove(&self, body: BodyId) -> bool {
        let mut used = self.lock();
        match used.get_mut(&body) {
            Some(Use::Read { is_orphan, .. }) => {
                *is_orphan = true;
                false
            }
            _ => {
                used.insert(body, Use::Removed);
                true
            }
        }
    }

    /// The transaction that removed these bodies has ended, one way or the other.
    pub(super) fn release(&self, removed: &[BodyId]) {
        let mut used = self.lock();
        for body in removed {
            if let Some(Use::Removed) = used.get(body) {
                used.remove(body);
            }
        }
        drop(used);
        self.state.changed.notify_all();
    }

    /// Whether there may be bodies without owners that nobody reads any more.
    pub(super) fn has_orphans(&self) -> bool {
        self.state.has_orphans.load(Ordering::Acquire)
    }

    /// Says whether there may be such bodies.
    pub(super) fn set_orphans(&self, are_expected: bool) {
        self.state.has_orphans.store(are_expected, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BodyId, Use>> {
        self.state.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the files of a body until it is dropped.
pub(crate) struct Pin {
    pins: Pins,
    body: BodyId,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut used = self.pins.lock();
        if let Some(Use::Read { readers, is_orphan }) = used.get_mut(&self.body) {
            *readers -= 1;
            if *readers == 0 {
                let is_orphan = *is_orphan;
                used.remove(&self.body);
                if is_orphan {
                    self.pins.set_orphans(true);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn what_is_read_is_removed_later() {
        let (pins, body) = (Pins::default(), BodyId(7));
        let (first, second) = (pins.pin(body), pins.pin(body));
        assert!(!pins.remove(body) && pins.remove(BodyId(8)));
        drop(first);
        assert!(!pins.has_orphans());
        drop(second);
        assert!(pins.has_orphans());
        assert!(pins.remove(body));
    }

    #[test]
    fn what_is_removed_cannot_be_pinned_meanwhile() {
        let (pins, body) = (Pins::default(), BodyId(7));
        assert!(pins.remove(body));
        let (sender, receiver) = channel();
        let other = pins.clone();
        let waiting = thread::spawn(move || {
            let pin = other.pin(body);
            sender.send(()).unwrap();
            drop(pin);
        });
        thread::yield_now();
        assert!(receiver.try_recv().is_err());
        pins.release(&[body]);
        waiting.join().unwrap();
        receiver.recv().unwrap();
    }
}
