//! What an upload has to do next: a state machine that neither reads, sends nor waits.

use heapless::Vec;

use super::acknowledged_parts::{AcknowledgedParts, UnexpectedPart, WINDOW};
use super::source_identity::SourceIdentity;
use super::step::{Part, Step};
use super::ticket::{MAX_TICKET_ID, Ticket};
use super::upload_error::{CannotResume, UploadFailure};
use crate::hash::{PayloadHashes, TreeHash};
use crate::values::ids::{OwnedId, Upload, UploadId};
use crate::values::{ByteRange, InvalidId, Layout, LayoutError, MAX_PARTS, PartSize};

/// An upload in parts: which are acknowledged, which are in flight (at most `F`, and never more than [`WINDOW`]), and what comes next.
///
/// The order in which results are reported does not matter. A part is hashed, sent, and acknowledged by the service with the same tree
/// hash; one that the service rejects is hashed again, and sent once more if its hashes are as before. After each acknowledged part
/// the [ticket](Self::ticket) is worth keeping: an upload that [goes on](Self::resume) from it sends only what was in flight again.
#[derive(Clone, Debug)]
pub struct UploadState<const F: usize = WINDOW> {
    phase: Phase,
    upload: Option<OwnedId<Upload, MAX_TICKET_ID>>,
    source: SourceIdentity,
    size: Option<u64>,
    parts: AcknowledgedParts,
    flights: Vec<Flight, F>,
    limit: usize,
    /// The completion may have been sent before this process.
    completion_sent: bool,
    sequence: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    ToInitiate,
    Initiating,
    Sending,
    Completing,
    Completed,
}

/// A part on its way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    part: Part,
    stage: Stage,
    was_rejected: bool,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    ToHash,
    Hashing,
    ToSend(PayloadHashes),
    Sending(PayloadHashes),
    /// The service rejected it: does the source still have what was sent?
    ToCheck(PayloadHashes),
    Checking(PayloadHashes),
}

impl<const F: usize> UploadState<F> {
    /// An upload that was not initiated yet, of `size` bytes, if that is known.
    ///
    /// # Errors
    /// [`LayoutError`] for an archive that cannot be uploaded in such parts.
    pub fn new(source: SourceIdentity, size: Option<u64>, part_size: PartSize) -> Result<Self, LayoutError> {
        if let Some(size) = size {
            Layout::new(size, part_size)?;
        }
        Ok(UploadState::with(Phase::ToInitiate, None, source, size, AcknowledgedParts::new(part_size), 0))
    }

    fn with(
        phase: Phase,
        upload: Option<OwnedId<Upload, MAX_TICKET_ID>>,
        source: SourceIdentity,
        size: Option<u64>,
        parts: AcknowledgedParts,
        sequence: u32,
    ) -> Self {
        let limit = F.min(WINDOW);
        UploadState { phase, upload, source, size, parts, flights: Vec::new(), limit, completion_sent: false, sequence }
    }

    /// Goes on with an upload from its ticket; of `size` bytes, if that is known now.
    ///
    /// # Errors
    /// [`CannotResume`]: the source is not the one that the upload was begun with, or does not fit it.
    pub fn resume(ticket: Ticket, source: SourceIdentity, size: Option<u64>) -> Result<Self, CannotResume> {
        let Ticket { upload, size: kept, source: begun_with, parts, completion_sent, sequence } = ticket;
        if !begun_with.may_be(&source) {
            return Err(CannotResume::OtherSource);
        }
        if let (Some(kept), Some(size)) = (kept, size)
            && kept != size
        {
            return Err(CannotResume::OtherSize { kept, size });
        }
        let source = if source == SourceIdentity::UNKNOWN { begun_with } else { source };
        let size = kept.or(size);
        if let Some(size) = size {
            Layout::new(size, parts.part_size()).map_err(CannotResume::Layout)?;
        }
        let state = UploadState::with(Phase::Sending, Some(upload), source, size, parts, sequence);
        Ok(UploadState { completion_sent, ..state })
    }

    /// Goes on with an upload of which the ticket is lost. Report each part that the service lists as [`listed`](Self::listed) before the
    /// first step.
    ///
    /// # Errors
    /// [`CannotResume`] for a size that does not fit the parts, and for an id that is longer than [`MAX_TICKET_ID`].
    pub fn recover(
        upload: UploadId<'_>,
        source: SourceIdentity,
        size: Option<u64>,
        part_size: PartSize,
    ) -> Result<Self, CannotResume> {
        let state = UploadState::<F>::new(source, size, part_size).map_err(CannotResume::Layout)?;
        let upload = upload.to_owned().map_err(CannotResume::Id)?;
        Ok(UploadState { phase: Phase::Sending, upload: Some(upload), ..state })
    }

    /// The service lists a part from byte `first` on, of `size` bytes, with this tree hash. Parts are listed in ascending order. Those too
    /// far after one that is missing are not remembered, and sent again.
    ///
    /// # Errors
    /// [`CannotResume::Part`] for a part that an upload of this source cannot have.
    pub fn listed(&mut self, first: u64, size: u64, tree_hash: TreeHash) -> Result<(), CannotResume> {
        let part_size = self.parts.part_size().bytes();
        let index = first / part_size;
        let fits = self.part(index).is_some_and(|part| part.range.first() == first && self.fits(part, size));
        if !fits {
            return Err(CannotResume::Part { first, size });
        }
        match self.parts.acknowledge(index, size, tree_hash) {
            Ok(()) | Err(UnexpectedPart::BeyondWindow { .. }) => Ok(()),
            Err(_) => Err(CannotResume::Part { first, size }),
        }
    }

    /// At most this many parts are in flight from now on, at least one; no more than the machine has room for.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.clamp(1, F.min(WINDOW));
    }

    /// What to do next.
    #[expect(clippy::should_implement_trait, reason = "an upload is not an iterator: steps wait for others to end")]
    pub fn next(&mut self) -> Step {
        match self.phase {
            Phase::ToInitiate => {
                self.phase = Phase::Initiating;
                Step::Initiate
            }
            Phase::Initiating | Phase::Completing => Step::Wait,
            Phase::Sending => self.next_of_parts(),
            Phase::Completed => Step::Finished,
        }
    }

    fn next_of_parts(&mut self) -> Step {
        // What was begun is finished first: its bytes may still be in a cache.
        for Flight { part, stage, .. } in &mut self.flights {
            let (next, step) = match *stage {
                Stage::ToSend(hashes) => (Stage::Sending(hashes), Step::Send(*part, hashes)),
                Stage::ToCheck(hashes) => (Stage::Checking(hashes), Step::Check(*part)),
                Stage::ToHash => (Stage::Hashing, Step::Hash(*part)),
                Stage::Hashing | Stage::Sending(_) | Stage::Checking(_) => continue,
            };
            *stage = next;
            return step;
        }
        if let Some(part) = self.missing().filter(|_| self.flights.len() < self.limit) {
            let flight = Flight { part, stage: Stage::Hashing, was_rejected: false };
            if self.flights.push(flight).is_ok() {
                return Step::Hash(part);
            }
        }
        match self.parts.archive().filter(|_| self.flights.is_empty()) {
            Some((size, tree_hash)) if self.size == Some(size) => {
                self.phase = Phase::Completing;
                Step::Complete { size, tree_hash }
            }
            Some(_) if self.size.is_none() => Step::LookForEnd,
            _ => Step::Wait,
        }
    }

    /// The first part in the window that is neither acknowledged nor in flight.
    fn missing(&self) -> Option<Part> {
        let run = self.parts.run();
        let in_flight = |index| self.flights.iter().any(|flight| flight.part.index == index);
        let mut window = run..run.saturating_add(WINDOW as u64);
        let index = window.find(|index| !self.parts.contains(*index) && !in_flight(*index))?;
        self.part(index)
    }

    /// A part of the archive as far as its size is known; `None` beyond its end and beyond 10,000 parts.
    fn part(&self, index: u64) -> Option<Part> {
        let part_size = self.parts.part_size();
        let size = self.size.unwrap_or(MAX_PARTS * part_size.bytes());
        Some(Part { index, range: Layout::new(size, part_size).ok()?.part(index)? })
    }

    /// Whether a part can have this many bytes.
    fn fits(&self, part: Part, size: u64) -> bool {
        size == part.range.len() || self.size.is_none() && size > 0 && size < part.range.len()
    }

    /// The service has initiated the upload.
    ///
    /// # Errors
    /// [`InvalidId::TooLong`] for an id of more than [`MAX_TICKET_ID`] bytes: the upload goes on, without a ticket.
    pub fn initiated(&mut self, upload: UploadId<'_>) -> Result<(), InvalidId> {
        self.phase = Phase::Sending;
        self.upload = Some(upload.to_owned()?);
        Ok(())
    }

    /// A part has these hashes. A source whose length was not known ends with a part that is shorter than the others, or with
    /// [`ended`](Self::ended).
    ///
    /// # Errors
    /// [`UploadFailure::SourceChanged`] if it had other hashes before, or another size than it must have.
    pub fn hashed(&mut self, index: u64, hashes: PayloadHashes) -> Result<(), UploadFailure> {
        let Some(flight) = self.flights.iter().find(|flight| flight.part.index == index) else { return Ok(()) };
        let before = match flight.stage {
            Stage::Checking(before) | Stage::ToCheck(before) => Some(before),
            _ => None,
        };
        if before.is_some_and(|before| before != hashes) || !self.fits(flight.part, hashes.size) {
            return Err(UploadFailure::SourceChanged { index });
        }
        let (first, whole) = (flight.part.range.first(), flight.part.range.len());
        if hashes.size < whole {
            self.size = Some(first + hashes.size);
        }
        let range = ByteRange::with_length(first, hashes.size);
        for flight in self.flights.iter_mut().filter(|flight| flight.part.index == index) {
            flight.part.range = range.unwrap_or(flight.part.range);
            flight.stage = Stage::ToSend(hashes);
        }
        Ok(())
    }

    /// A source whose length was not known ends after this many bytes; the parts after it are given up.
    pub fn ended(&mut self, size: u64) {
        self.size = Some(size);
        self.flights.retain(|flight| flight.part.range.first() < size);
        for Flight { part, .. } in &mut self.flights {
            let left = size.saturating_sub(part.range.first());
            part.range = ByteRange::with_length(part.range.first(), left.min(part.range.len())).unwrap_or(part.range);
        }
    }

    /// The service has acknowledged a part with the tree hash that it was sent with.
    ///
    /// # Errors
    /// [`UploadFailure::SourceChanged`] if it was acknowledged with another hash before.
    pub fn acknowledged(&mut self, index: u64) -> Result<(), UploadFailure> {
        let sent = self.flights.iter().enumerate().find_map(|(at, flight)| match flight.stage {
            Stage::Sending(hashes) if flight.part.index == index => Some((at, hashes)),
            _ => None,
        });
        let Some((at, hashes)) = sent else { return Ok(()) };
        self.parts.acknowledge(index, hashes.size, hashes.tree).map_err(|_| UploadFailure::SourceChanged { index })?;
        self.flights.swap_remove(at);
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    /// The service says that a part does not have the hashes that it was sent with, or acknowledged it with another tree hash.
    ///
    /// # Errors
    /// [`UploadFailure::RejectedTwice`] the second time.
    pub fn rejected(&mut self, index: u64) -> Result<(), UploadFailure> {
        for flight in self.flights.iter_mut().filter(|flight| flight.part.index == index) {
            if flight.was_rejected {
                return Err(UploadFailure::RejectedTwice { index });
            }
            if let Stage::Sending(hashes) = flight.stage {
                (flight.stage, flight.was_rejected) = (Stage::ToCheck(hashes), true);
            }
        }
        Ok(())
    }

    /// A step on a part came to no result, as its task was cancelled: it is handed out again.
    pub fn interrupted(&mut self, index: u64) {
        for flight in self.flights.iter_mut().filter(|flight| flight.part.index == index) {
            flight.stage = match flight.stage {
                Stage::Hashing => Stage::ToHash,
                Stage::Sending(hashes) => Stage::ToSend(hashes),
                Stage::Checking(hashes) => Stage::ToCheck(hashes),
                other => other,
            };
        }
    }

    /// The service has made the archive.
    pub fn completed(&mut self) {
        self.phase = Phase::Completed;
    }

    /// The request that completes the upload came to no result: the same is to be sent again. The service responds to it with the archive
    /// that it has made, for as long as it remembers the upload.
    pub fn completion_interrupted(&mut self) {
        self.completion_sent = true;
        self.phase = Phase::Sending;
    }

    /// Whether there may be an archive when the service does not know the upload any more: the completion was sent before, by this process
    /// or the one that wrote the ticket. Then nobody should upload it again without looking into the next inventory.
    #[must_use]
    pub fn may_exist(&self) -> bool {
        self.completion_sent
    }

    /// The acknowledged parts.
    #[must_use]
    pub fn parts(&self) -> &AcknowledgedParts {
        &self.parts
    }

    /// The archive's size in bytes, if it is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The upload's id, once it was initiated, if it has at most [`MAX_TICKET_ID`] bytes.
    #[must_use]
    pub fn upload(&self) -> Option<UploadId<'_>> {
        self.upload.as_ref().map(OwnedId::as_id)
    }

    /// What to keep of the upload; nothing before it was initiated. A record is newer than another when its number is higher, so keep it
    /// after each part, and before the completion is sent.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        let completion_sent = self.completion_sent || matches!(self.phase, Phase::Completing | Phase::Completed);
        let sequence = self.sequence.wrapping_add(u32::from(completion_sent));
        let (size, source, parts) = (self.size, self.source, self.parts.clone());
        self.upload.clone().map(|upload| Ticket { upload, size, source, parts, completion_sent, sequence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::PayloadHasher;
    use crate::values::LEAF_SIZE;
    use std::collections::VecDeque;
    use std::vec::Vec;

    const PART: u64 = LEAF_SIZE;
    const SOURCE: SourceIdentity = SourceIdentity::from_bytes([5; 32]);

    fn id() -> UploadId<'static> {
        "-upload".try_into().unwrap()
    }

    /// Of a part whose bytes are all the same.
    fn hashes(fill: u8, size: u64) -> PayloadHashes {
        let mut hasher = PayloadHasher::new();
        hasher.update(&std::vec![fill; size as usize]);
        hasher.finish().unwrap()
    }

    fn of(part: Part) -> PayloadHashes {
        hashes(part.index as u8, part.range.len())
    }

    fn initiated<const F: usize>(size: Option<u64>) -> UploadState<F> {
        let mut state = UploadState::new(SOURCE, size, PartSize::MIN).unwrap();
        assert_eq!((state.next(), state.next()), (Step::Initiate, Step::Wait));
        assert!(state.ticket().is_none());
        state.initiated(id()).unwrap();
        state
    }

    /// Hashes, sends and acknowledges parts one by one to the end; the parts that were sent, and what completes them.
    fn finish<const F: usize>(state: &mut UploadState<F>) -> (Vec<u64>, (u64, TreeHash)) {
        let mut sent = Vec::new();
        loop {
            match state.next() {
                Step::Hash(part) => state.hashed(part.index, of(part)).unwrap(),
                Step::Send(part, with) => {
                    assert_eq!(with, of(part));
                    sent.push(part.index);
                    state.acknowledged(part.index).unwrap();
                }
                Step::Complete { size, tree_hash } => return (sent, (size, tree_hash)),
                step => panic!("{step:?}"),
            }
        }
    }

    /// The archive's tree hash, of its bytes.
    fn whole(size: u64) -> TreeHash {
        let bytes: Vec<u8> = (0..size).map(|at| (at / PART) as u8).collect();
        crate::hash::by_definition::tree_hash(&bytes)
    }

    #[test]
    fn one_part_after_the_other() {
        for size in [1, PART, PART + 1, 5 * PART, 20 * PART + 3] {
            let mut state = initiated::<1>(Some(size));
            let (sent, archive) = finish(&mut state);
            assert_eq!(sent, (0..size.div_ceil(PART)).collect::<Vec<_>>());
            assert_eq!(archive, (size, whole(size)));
            state.completed();
            assert_eq!(state.next(), Step::Finished);
        }
        assert_eq!(UploadState::<1>::new(SOURCE, Some(0), PartSize::MIN).unwrap_err(), LayoutError::Empty);
        assert!(UploadState::<1>::new(SOURCE, Some(10_001 * PART), PartSize::MIN).is_err());
    }

    #[test]
    fn no_more_are_in_flight_than_the_limit_and_the_window_allow() {
        let mut state = initiated::<4>(Some(30 * PART));
        let mut flying = VecDeque::new();
        for _ in 0..4 {
            let Step::Hash(part) = state.next() else { panic!() };
            state.hashed(part.index, of(part)).unwrap();
            assert_eq!(state.next(), Step::Send(part, of(part)));
            flying.push_back(part.index);
        }
        assert_eq!((state.next(), &flying), (Step::Wait, &VecDeque::from([0, 1, 2, 3])));
        // While the first is slow, the others go on up to the end of the window.
        loop {
            state.acknowledged(flying.remove(1).unwrap()).unwrap();
            let Step::Hash(part) = state.next() else { break };
            state.hashed(part.index, of(part)).unwrap();
            assert!(matches!(state.next(), Step::Send(..)));
            flying.push_back(part.index);
        }
        assert_eq!(flying, [0, 10, 11]);
        state.set_limit(1);
        for done in [0, 11] {
            state.acknowledged(done).unwrap();
            assert_eq!(state.next(), Step::Wait);
        }
        state.acknowledged(10).unwrap();
        assert!(matches!(state.next(), Step::Hash(Part { index: 12, .. })));
        assert_eq!(state.next(), Step::Wait);
    }

    #[test]
    fn a_rejected_part_is_read_again_and_sent_once_more() {
        let mut state = initiated::<2>(Some(2 * PART));
        let Step::Hash(part) = state.next() else { panic!() };
        state.hashed(0, of(part)).unwrap();
        assert!(matches!(state.next(), Step::Send(..)));
        state.rejected(0).unwrap();
        assert_eq!(state.next(), Step::Check(part));
        let mut changed = state.clone();
        let other = hashes(9, PART);
        assert_eq!(changed.hashed(0, other), Err(UploadFailure::SourceChanged { index: 0 }));
        state.hashed(0, of(part)).unwrap();
        assert_eq!(state.next(), Step::Send(part, of(part)));
        assert_eq!(state.rejected(0), Err(UploadFailure::RejectedTwice { index: 0 }));
        state.acknowledged(0).unwrap();
        assert_eq!(state.parts().count(), 1);
    }

    #[test]
    fn an_id_that_no_ticket_can_keep_stops_nothing() {
        let mut state = UploadState::<1>::new(SOURCE, Some(PART), PartSize::MIN).unwrap();
        state.next();
        let long = "x".repeat(MAX_TICKET_ID + 1);
        let error = state.initiated(long.as_str().try_into().unwrap());
        assert_eq!(error, Err(InvalidId::TooLong { length: 161, capacity: 160 }));
        assert_eq!(finish(&mut state).1, (PART, whole(PART)));
        assert!(state.ticket().is_none());
    }

    #[test]
    fn a_part_of_another_size_is_another_source() {
        for size in [PART - 1, 0] {
            let mut state = initiated::<1>(Some(2 * PART));
            state.next();
            assert_eq!(state.hashed(0, hashes(0, size)), Err(UploadFailure::SourceChanged { index: 0 }));
        }
    }

    #[test]
    fn an_interrupted_step_is_handed_out_again() {
        let mut state = initiated::<2>(Some(PART));
        let step = state.next();
        assert_eq!(state.next(), Step::Wait);
        state.interrupted(0);
        assert_eq!(state.next(), step);
        state.hashed(0, hashes(0, PART)).unwrap();
        let step = state.next();
        state.interrupted(0);
        assert_eq!(state.next(), step);
        state.acknowledged(0).unwrap();
        let step = state.next();
        assert!(matches!(step, Step::Complete { .. }) && !state.may_exist());
        state.completion_interrupted();
        assert!(state.may_exist());
        assert_eq!(state.next(), step);
    }

    #[test]
    fn a_source_of_unknown_length_ends_with_a_short_part_or_between_parts() {
        for (size, says_end) in [(2 * PART + 7, false), (2 * PART + 7, true), (3 * PART, true), (PART, true)] {
            let mut state = initiated::<1>(None);
            let archive = loop {
                match state.next() {
                    Step::Hash(part) => {
                        let left = size - part.range.first();
                        if left <= PART && says_end {
                            state.ended(size);
                        }
                        state.hashed(part.index, hashes(part.index as u8, left.min(PART))).unwrap();
                    }
                    Step::Send(part, _) => state.acknowledged(part.index).unwrap(),
                    Step::Complete { size, tree_hash } => break (size, tree_hash),
                    step => panic!("{step:?}"),
                }
            };
            assert_eq!((archive, state.size()), ((size, whole(size)), Some(size)));
        }
        let mut state = initiated::<1>(None);
        let (same, mut sent) = (hashes(0, PART), 0);
        while let Step::Hash(part) = state.next() {
            assert_eq!(state.next(), Step::Wait);
            state.hashed(part.index, same).unwrap();
            state.next();
            state.acknowledged(part.index).unwrap();
            sent += 1;
        }
        assert_eq!((sent, state.next()), (MAX_PARTS, Step::LookForEnd));
        state.ended(MAX_PARTS * PART);
        assert!(matches!(state.next(), Step::Complete { .. }));
    }

    #[test]
    fn it_goes_on_from_its_ticket() {
        let size = 17 * PART + 9;
        let mut state = initiated::<3>(Some(size));
        for turn in 0.. {
            let ticket = state.ticket().unwrap();
            assert_eq!((ticket.sequence, ticket.completion_sent), (turn, false));
            let mut resumed = UploadState::<3>::resume(ticket, SOURCE, Some(size)).unwrap();
            let (sent, archive) = finish(&mut resumed);
            assert_eq!((sent, archive), ((u64::from(turn)..18).collect(), (size, whole(size))));
            assert_eq!(resumed.upload(), Some(id()));
            let Step::Hash(part) = state.next() else { break };
            state.hashed(part.index, of(part)).unwrap();
            state.next();
            state.acknowledged(part.index).unwrap();
        }
        let ticket = state.ticket().unwrap();
        assert!(ticket.completion_sent && ticket.sequence == 19);
        assert!(UploadState::<3>::resume(ticket, SOURCE, None).unwrap().may_exist());
    }

    #[test]
    fn another_source_does_not_go_on() {
        let ticket = || initiated::<1>(Some(5 * PART)).ticket().unwrap();
        let resume = |source, size| UploadState::<1>::resume(ticket(), source, size).map(|_| ());
        assert_eq!(resume(SOURCE, Some(5 * PART)), Ok(()));
        assert_eq!(resume(SourceIdentity::UNKNOWN, None), Ok(()));
        assert_eq!(resume(SourceIdentity::from_bytes([6; 32]), Some(5 * PART)), Err(CannotResume::OtherSource));
        assert_eq!(resume(SOURCE, Some(PART)), Err(CannotResume::OtherSize { kept: 5 * PART, size: PART }));
    }

    #[test]
    fn without_a_ticket_it_goes_on_from_what_the_service_lists() {
        let size = 16 * PART + 9;
        for listed in [
            &[][..],
            &[0, 1, 2],
            &[1, 2, 5, 16],
            &[0, 3, 4],
            &[15, 16],
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        ] {
            let mut state = UploadState::<4>::recover(id(), SOURCE, Some(size), PartSize::MIN).unwrap();
            for index in listed {
                let length = PART.min(size - index * PART);
                state.listed(index * PART, length, hashes(*index as u8, length).tree).unwrap();
            }
            let (sent, archive) = finish(&mut state);
            let run = (0..).take_while(|index| listed.contains(index)).count() as u64;
            let expected = (0..17).filter(|index| !listed.contains(index) || *index >= run + WINDOW as u64);
            assert_eq!((sent, archive), (expected.collect(), (size, whole(size))), "{listed:?}");
        }
    }

    #[test]
    fn listed_parts_that_the_source_cannot_have_are_errors() {
        let mut state = UploadState::<4>::recover(id(), SOURCE, Some(2 * PART + 9), PartSize::MIN).unwrap();
        for (first, size) in [(1, PART), (0, PART - 1), (2 * PART, PART), (2 * PART, 8), (3 * PART, PART), (u64::MAX, 1)] {
            assert_eq!(state.listed(first, size, hashes(0, 1).tree), Err(CannotResume::Part { first, size }));
        }
        assert_eq!(state.parts().count(), 0);
        let long = "x".repeat(MAX_TICKET_ID + 1);
        let error = UploadState::<4>::recover(long.as_str().try_into().unwrap(), SOURCE, None, PartSize::MIN).unwrap_err();
        assert_eq!(error, CannotResume::Id(InvalidId::TooLong { length: 161, capacity: 160 }));
    }
}
