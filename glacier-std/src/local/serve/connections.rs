//! Which connections there are, what each does, and which one yields when there is no room for another.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

/// What a connection does, in the order in which connections yield.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum State {
    /// It waits for a request, or for the rest of its head.
    Idle,
    /// It waits for a small body. Whether the request is genuine is known after it.
    Receiving,
    /// It does what a request asks for, receives the body of a verified upload, or sends a response. It does not yield.
    Working,
}

/// How a fault ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Without another byte.
    Closed,
    /// With a reset.
    Reset,
    /// When the peer gives up.
    Stalled,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// No connection yields: wait until one ends or is idle.
    Full,
    /// The peer has as many as one may have, and none of them yields.
    PeerHasEnough,
}

/// All connections of a server.
pub(super) struct Connections {
    max: usize,
    /// For a peer that is not this machine: all users of a loopback server have one address.
    max_per_peer: usize,
    table: Mutex<Table>,
    /// One ended, or is idle.
    changed: Notify,
}

#[derive(Default)]
struct Table {
    /// Counts connections and changes of their states: the lower, the longer ago.
    clock: u64,
    entries: BTreeMap<u64, Entry>,
}

struct Entry {
    peer: IpAddr,
    state: State,
    since: u64,
    yields: Arc<Notify>,
}

impl Connections {
    /// Room for `max` connections, half of them for one peer that is not this machine.
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Connections { max, max_per_peer: max.div_ceil(2), table: Mutex::default(), changed: Notify::new() })
    }

    /// Room for a connection of `peer`. If there is none, the connection that is idle for the longest time yields, of the peer that has the
    /// most.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Result<Slot, Denied> {
        let peer = network(peer);
        let mut table = self.lock();
        if !peer.is_loopback() && table.count(peer) >= self.max_per_peer && !table.make_room(|entry| entry.peer == peer) {
            return Err(Denied::PeerHasEnough);
        }
        if table.entries.len() >= self.max && !table.make_room(|_| true) {
            return Err(Denied::Full);
        }
        let (id, yields) = (table.tick(), Arc::new(Notify::new()));
        table.entries.insert(id, Entry { peer, state: State::Idle, since: id, yields: yields.clone() });
        let state = AtomicU8::new(State::Idle as u8);
        Ok(Slot {
            connections: self.clone(),
            id,
            yields,
            state,
            is_written: AtomicBool::new(false),
            is_unread: AtomicBool::new(false),
            is_cut: AtomicBool::new(false),
            ending: OnceLock::new(),
        })
    }

    /// Ends the connection that would yield, if there is one: the system has no room for another.
    pub(super) fn yield_one(&self) {
        self.lock().make_room(|_| true);
    }

    /// Waits until a connection ends or may yield.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn count(&self, peer: IpAddr) -> usize {
        self.entries.values().filter(|entry| entry.peer == peer).count()
    }

    /// Lets one of these connections yield.
    fn make_room(&mut self, of: impl Fn(&Entry) -> bool) -> bool {
        let mut counts = BTreeMap::new();
        for entry in self.entries.values() {
            *counts.entry(entry.peer).or_insert(0usize) += 1;
        }
        let may_yield = self.entries.iter().filter(|(_, entry)| entry.state != State::Working && of(entry));
        let count = |entry: &Entry| counts.get(&entry.peer).copied().unwrap_or(0);
        let first = may_yield.min_by_key(|(_, entry)| (usize::MAX - count(entry), entry.state, entry.since));
        let Some(id) = first.map(|(id, _)| *id) else { return false };
        if let Some(entry) = self.entries.remove(&id) {
            entry.yields.notify_one();
        }
        true
    }
}

/// Whom an address belongs to: of IPv6, a network of 64 bits is one peer.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

/// The place of one connection among all.
pub(super) struct Slot {
    connections: Arc<Connections>,
    id: u64,
    yields: Arc<Notify>,
    state: AtomicU8,
    /// A response was handed over, and is flushed next.
    is_written: AtomicBool,
    /// A response was sent although its request was not read to the end.
    is_unread: AtomicBool,
    /// The response breaks off once all that was handed over is flushed.
    is_cut: AtomicBool,
    ending: OnceLock<Ending>,
}

impl Slot {
    /// Says what the connection does now.
    pub(super) fn set(&self, state: State) {
        self.is_written.store(false, Ordering::Relaxed);
        if self.state.swap(state as u8, Ordering::Relaxed) == state as u8 {
            return;
        }
        let mut table = self.connections.lock();
        let since = table.tick();
        if let Some(entry) = table.entries.get_mut(&self.id) {
            (entry.state, entry.since) = (state, since);
        }
        drop(table);
        if state != State::Working {
            self.connections.changed.notify_one();
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.state.load(Ordering::Relaxed) == State::Idle as u8
    }

    /// The whole response was handed over; once it is flushed the connection is idle.
    pub(super) fn written(&self) {
        self.is_written.store(true, Ordering::Relaxed);
    }

    /// The response breaks off after what was handed over.
    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
    }

    /// A fault ends the connection now.
    pub(super) fn end(&self, ending: Ending) {
        let _ = self.ending.set(ending);
    }

    /// How a fault ends the connection, if one does.
    pub(super) fn ending(&self) -> Option<Ending> {
        self.ending.get().copied()
    }

    /// All that was handed over is on its way.
    pub(super) fn flushed(&self) {
        if self.is_cut.load(Ordering::Relaxed) {
            self.end(Ending::Closed);
        }
        if self.is_written.load(Ordering::Relaxed) {
            self.set(State::Idle);
        }
    }

    /// The connection ends after a response whose request was not read to its end.
    pub(super) fn leave_unread(&self) {
        self.is_unread.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.is_unread.load(Ordering::Relaxed)
    }

    /// Waits until the connection has to yield to another.
    pub(super) async fn yields(&self) {
        self.yields.notified().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.lock().entries.remove(&self.id);
        self.connections.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn has_yielded(slot: &Slot) -> bool {
        !slot.connections.lock().entries.contains_key(&slot.id)
    }

    #[tokio::test]
    async fn the_oldest_idle_connection_yields() {
        let all = Connections::new(3);
        let slots: Vec<Slot> = (0..3).map(|_| all.admit(HERE).unwrap()).collect();
        // The first was idle first, and worked since.
        slots[0].set(State::Working);
        slots[0].written();
        slots[0].flushed();
        let fourth = all.admit(HERE).unwrap();
        assert_eq!(slots.iter().map(has_yielded).collect::<Vec<_>>(), [false, true, false]);
        slots[1].yields().await;
        // One that receives a body that may not be genuine yields after all that are idle, one that works never does.
        slots[2].set(State::Receiving);
        fourth.set(State::Working);
        let fifth = all.admit(HERE).unwrap();
        assert!(has_yielded(&slots[0]));
        fifth.set(State::Working);
        let sixth = all.admit(HERE).unwrap();
        assert!(has_yielded(&slots[2]));
        sixth.set(State::Working);
        assert_eq!(all.admit(HERE).map(|_| ()), Err(Denied::Full));
        drop(fifth);
        all.changed().await;
        assert!(all.admit(HERE).is_ok());
    }

    #[test]
    fn a_response_that_is_not_flushed_is_not_cut_off() {
        let all = Connections::new(1);
        let slot = all.admit(HERE).unwrap();
        slot.set(State::Working);
        slot.flushed();
        slot.written();
        assert!(!slot.is_idle());
        assert_eq!(all.admit(HERE).map(|_| ()), Err(Denied::Full));
        // The next request may begin before.
        slot.set(State::Working);
        slot.flushed();
        assert!(!slot.is_idle());
        slot.written();
        slot.flushed();
        assert!(slot.is_idle() && all.admit(HERE).is_ok());
    }

    #[test]
    fn a_peer_takes_the_place_of_others_only_up_to_its_share() {
        let all = Connections::new(8);
        let user = all.admit(peer("192.0.2.1")).unwrap();
        let many: Vec<Slot> = (0..6).map(|_| all.admit(peer("192.0.2.66")).unwrap()).collect();
        assert_eq!(many.iter().map(has_yielded).collect::<Vec<_>>(), [true, true, false, false, false, false]);
        many.iter().for_each(|slot| slot.set(State::Working));
        assert_eq!(all.admit(peer("192.0.2.66")).map(|_| ()), Err(Denied::PeerHasEnough));
        assert_eq!(all.admit(peer("::ffff:192.0.2.66")).map(|_| ()), Err(Denied::PeerHasEnough));
        let others: Vec<Slot> = (0..3).map(|_| all.admit(HERE).unwrap()).collect();
        assert!(!has_yielded(&user));
        // Full: one of those who have the most yields, not the one that is idle for the longest time.
        others.iter().for_each(|slot| slot.set(State::Receiving));
        many[5].set(State::Idle);
        let _next = all.admit(peer("192.0.2.2")).unwrap();
        assert!(has_yielded(&many[5]) && !has_yielded(&user));
    }

    #[test]
    fn this_machine_may_use_all_places_and_a_network_is_one_peer() {
        let all = Connections::new(4);
        let slots: Vec<Slot> = (0..4).map(|_| all.admit(peer("::1")).unwrap()).collect();
        assert!(!slots.iter().any(has_yielded));
        assert_eq!(network(peer("2001:db8:1:2:3:4:5:6")), network(peer("2001:db8:1:2::9")));
        assert_ne!(network(peer("2001:db8:1:2::1")), network(peer("2001:db8:1:3::1")));
        assert!(network(peer("::ffff:127.0.0.1")).is_loopback());
    }
}
