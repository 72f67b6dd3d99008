//! Laws of uploads: whatever the order of events, and however often the process ends in between, each part that a ticket knows is
//! acknowledged is sent no more, and the archive is the source.

use std::collections::{BTreeMap, BTreeSet};

use glacier_core::transfer::{MAX_TICKET, Part, SourceIdentity, Step, Ticket, UploadState, WINDOW};
use glacier_core::{LEAF_SIZE, PartSize, PayloadHasher, PayloadHashes, TreeHash};
use glacier_tests::{property_cases, second};
use proptest::prelude::*;

const SOURCE: SourceIdentity = SourceIdentity::from_bytes([1; 32]);

/// The source: leaf `n` has the bytes `n`.
fn bytes(first: u64, length: u64) -> Vec<u8> {
    (first..first + length).map(|at| (at / LEAF_SIZE % 251) as u8).collect()
}

/// Hashes of parts, computed once each.
#[derive(Default)]
struct Hashes(BTreeMap<(u64, u64), PayloadHashes>);

impl Hashes {
    fn of(&mut self, part: Part) -> PayloadHashes {
        let (first, length) = (part.range.first(), part.range.len());
        *self.0.entry((first, length)).or_insert_with(|| {
            let mut hasher = PayloadHasher::new();
            hasher.update(&bytes(first, length));
            hasher.finish().unwrap()
        })
    }
}

/// The service: the parts that it has, and how often each was sent to it.
#[derive(Default)]
struct Service {
    parts: BTreeMap<u64, (u64, TreeHash)>,
    sent: BTreeMap<u64, u32>,
}

/// What happens to a step of a part.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The oldest step in progress ends well.
    First,
    /// The newest does.
    Last,
    /// The service rejects the oldest part that is being sent, although it is right.
    Reject,
    /// The task of the oldest step is cancelled.
    Interrupt,
    /// The process ends, and another goes on from the ticket that was kept last.
    Crash,
    /// The same without the ticket: from what the service lists.
    LoseTicket,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::First),
        8 => Just(Event::Last),
        1 => Just(Event::Reject),
        1 => Just(Event::Interrupt),
        1 => Just(Event::Crash),
        1 => Just(Event::LoseTicket),
    ]
}

/// Runs an upload to its end. Events that run out are `First`.
fn run<const F: usize>(size: u64, part_size: PartSize, limit: usize, events: Vec<Event>) -> Result<(), TestCaseError> {
    let (mut hashes, mut service, mut events) = (Hashes::default(), Service::default(), events.into_iter());
    let mut state = UploadState::<F>::new(SOURCE, Some(size), part_size).unwrap();
    prop_assert_eq!(state.next(), Step::Initiate);
    state.initiated("U".try_into().unwrap()).unwrap();
    state.set_limit(limit);
    let mut ticket = state.ticket().unwrap().to_bytes();
    let (mut in_progress, mut rejected): (Vec<Step>, BTreeSet<u64>) = (Vec::new(), BTreeSet::new());
    for _ in 0..10_000 {
        loop {
            match state.next() {
                step @ (Step::Hash(_) | Step::Check(_)) => in_progress.push(step),
                Step::Send(part, with) => {
                    prop_assert_eq!(with, hashes.of(part));
                    let kept = Ticket::from_bytes(&ticket).unwrap();
                    prop_assert!(!kept.parts.contains(part.index), "part {} is sent again", part.index);
                    *service.sent.entry(part.index).or_default() += 1;
                    in_progress.push(Step::Send(part, with));
                }
                Step::Wait => break,
                Step::Complete { size: complete, tree_hash } => {
                    prop_assert!(in_progress.is_empty());
                    prop_assert_eq!((complete, tree_hash), (size, TreeHash::from_bytes(second::tree_hash(&bytes(0, size)))));
                    prop_assert_eq!(service.parts.len() as u64, size.div_ceil(part_size.bytes()));
                    prop_assert!(state.ticket().unwrap().completion_sent);
                    state.completed();
                    prop_assert_eq!(state.next(), Step::Finished);
                    return Ok(());
                }
                step => prop_assert!(false, "{:?}", step),
            }
        }
        prop_assert!(!in_progress.is_empty() && in_progress.len() <= limit.min(F).min(WINDOW), "{:?}", in_progress);
        let sending = in_progress.iter().position(|step| matches!(step, Step::Send(part, _) if !rejected.contains(&part.index)));
        match (events.next().unwrap_or(Event::First), sending) {
            (Event::Reject, Some(at)) => {
                let Step::Send(part, _) = in_progress.remove(at) else { unreachable!() };
                rejected.insert(part.index);
                prop_assert_eq!(state.rejected(part.index), Ok(()));
            }
            (Event::Interrupt, _) => match in_progress.remove(0) {
                Step::Hash(part) | Step::Check(part) | Step::Send(part, _) => state.interrupted(part.index),
                _ => unreachable!(),
            },
            (event @ (Event::Crash | Event::LoseTicket), _) => {
                // The service may have got what was on its way.
                for step in in_progress.drain(..) {
                    if let Step::Send(part, with) = step {
                        service.parts.insert(part.index, (with.size, with.tree));
                    }
                }
                rejected.clear();
                state = match event {
                    Event::Crash => UploadState::resume(Ticket::from_bytes(&ticket).unwrap(), SOURCE, Some(size)).unwrap(),
                    _ => {
                        let mut state = UploadState::recover("U".try_into().unwrap(), SOURCE, Some(size), part_size).unwrap();
                        for (index, (size, hash)) in &service.parts {
                            state.listed(index * part_size.bytes(), *size, *hash).unwrap();
                        }
                        state
                    }
                };
                state.set_limit(limit);
                ticket = state.ticket().unwrap().to_bytes();
            }
            (event, _) => {
                let at = if matches!(event, Event::Last) { in_progress.len() - 1 } else { 0 };
                match in_progress.remove(at) {
                    Step::Hash(part) | Step::Check(part) => prop_assert_eq!(state.hashed(part.index, hashes.of(part)), Ok(())),
                    Step::Send(part, with) => {
                        service.parts.insert(part.index, (with.size, with.tree));
                        prop_assert_eq!(state.acknowledged(part.index), Ok(()));
                        ticket = state.ticket().unwrap().to_bytes();
                        prop_assert!(ticket.len() <= MAX_TICKET);
                    }
                    _ => unreachable!(),
                }
            }
        }
    }
    Err(TestCaseError::fail("it does not end"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(property_cases(if cfg!(glacier_sim) { 512 } else { 24 })))]

    #[test]
    fn every_interrupted_upload_becomes_the_archive(
        leaves in 0u64..40,
        tail in 0..LEAF_SIZE,
        log in 0u32..3,
        limit in 1usize..16,
        events in proptest::collection::vec(event(), 0..120),
    ) {
        let size = (leaves * LEAF_SIZE + tail).max(1);
        run::<WINDOW>(size, PartSize::from_bytes(LEAF_SIZE << log).unwrap(), limit, events)?;
    }

    #[test]
    fn also_on_a_device_with_one_part_at_a_time(
        leaves in 0u64..20,
        tail in 0..LEAF_SIZE,
        events in proptest::collection::vec(event(), 0..80),
    ) {
        run::<1>((leaves * LEAF_SIZE + tail).max(1), PartSize::MIN, 1, events)?;
    }
}
