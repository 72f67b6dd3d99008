//! What is kept of an upload to go on with it in another process, or on another machine.
//!
//! All numbers are little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `GLT1`: what it is, with the version |
//! | 2 | length of the record in bytes, checksum included |
//! | 1 | part size: 1 MiB times two to this power |
//! | 1 | flags: bit 0, the completion was sent |
//! | 4 | sequence number of the record; the higher is the newer |
//! | 8 | size of the archive in bytes; all ones where it is not known yet |
//! | 32 | identity of the source |
//! | 2 | whole parts that are acknowledged, from the first on without a gap |
//! | 2 | bit `k`: the part `k` after those is acknowledged too |
//! | 1, n | length and text of the upload's id |
//! | 32 each | roots of the complete subtrees of the run, the smallest first: one for each bit of its length that is set |
//! | 32 each | tree hashes of the parts after the run, in order |
//! | 4 | CRC-32 of all before |

use core::fmt;

use heapless::Vec;

use super::acknowledged_parts::{AcknowledgedParts, WINDOW};
use super::crc::crc32;
use super::source_identity::SourceIdentity;
use crate::hash::{PartTree, TreeHash};
use crate::values::ids::{OwnedId, Upload};
use crate::values::{LEAF_SIZE, MAX_PARTS, PartSize};

/// The most bytes that a ticket has.
pub const MAX_TICKET: usize = 1024;
/// The most bytes that the id of an upload may have in a ticket; today it has 92.
pub const MAX_TICKET_ID: usize = 160;

const MAGIC: &[u8; 4] = b"GLT1";
const COMPLETION_SENT: u8 = 1;
/// Bytes before the id's text.
const FIXED: usize = 57;
/// Bytes of the largest ticket: 13 bits are set in 8,191, the most in any number of parts.
const _: () = assert!(FIXED + MAX_TICKET_ID + 13 * 32 + (WINDOW - 1) * 32 + 4 <= MAX_TICKET);

/// An upload that was initiated, as it is kept: at most [`MAX_TICKET`] bytes. It has no secret: who has the id still needs credentials.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The upload at the service.
    pub upload: OwnedId<Upload, MAX_TICKET_ID>,
    /// The archive's size in bytes, if it is known.
    pub size: Option<u64>,
    /// What the parts were read from.
    pub source: SourceIdentity,
    /// What the service has acknowledged.
    pub parts: AcknowledgedParts,
    /// Whether the request that completes the upload may have been sent: the archive may exist then.
    pub completion_sent: bool,
    /// Counts what is written, so that of two records the newer one is known.
    pub sequence: u32,
}

impl Ticket {
    /// The ticket as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8, MAX_TICKET> {
        let mut record = Vec::new();
        // Each of these has room, as the assertion above shows.
        let mut put = |bytes: &[u8]| drop(record.extend_from_slice(bytes));
        let (id, ahead) = (self.upload.as_str(), self.parts.ahead());
        let (roots, run) = (self.parts.roots(), self.parts.run());
        let bits = ahead.fold(0u16, |bits, (index, _)| bits | 1 << (index - run));
        let length = FIXED + id.len() + 32 * (run.count_ones() + bits.count_ones()) as usize + 4;
        put(MAGIC);
        put(&(length as u16).to_le_bytes());
        put(&[
            (self.parts.part_size().bytes() / LEAF_SIZE).trailing_zeros() as u8,
            u8::from(self.completion_sent) * COMPLETION_SENT,
        ]);
        put(&self.sequence.to_le_bytes());
        put(&self.size.unwrap_or(u64::MAX).to_le_bytes());
        put(self.source.as_bytes());
        put(&(run as u16).to_le_bytes());
        put(&bits.to_le_bytes());
        put(&[id.len() as u8]);
        put(id.as_bytes());
        roots.for_each(|root| put(root.as_bytes()));
        self.parts.ahead().for_each(|(_, hash)| put(hash.as_bytes()));
        let crc = crc32(&record);
        drop(record.extend_from_slice(&crc.to_le_bytes()));
        record
    }

    /// The ticket at the beginning of `bytes`.
    ///
    /// # Errors
    /// [`TicketError`]: that it is of another version is told from that it is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TicketError> {
        let damaged = TicketError::Damaged;
        match bytes.first_chunk::<4>() {
            Some(MAGIC) => {}
            Some([b'G', b'L', b'T', version]) => return Err(TicketError::Version { version: *version }),
            _ => return Err(TicketError::NoTicket),
        }
        let length = bytes.get(4..6).and_then(|length| length.first_chunk()).ok_or(damaged)?;
        let record = bytes.get(..usize::from(u16::from_le_bytes(*length))).ok_or(damaged)?;
        let (covered, crc) = record.split_last_chunk().ok_or(damaged)?;
        if crc32(covered) != u32::from_le_bytes(*crc) {
            return Err(damaged);
        }
        Fields(covered.get(6..).ok_or(damaged)?).ticket().ok_or(damaged)
    }

    /// The newest valid ticket among records, such as a device's two slots: a write that was interrupted has spoiled at most one.
    ///
    /// # Errors
    /// That of the last record, if none is valid; [`TicketError::NoTicket`] without any.
    pub fn newest<'r>(records: impl IntoIterator<Item = &'r [u8]>) -> Result<Self, TicketError> {
        let mut newest: Result<Ticket, _> = Err(TicketError::NoTicket);
        for record in records {
            match (Ticket::from_bytes(record), &newest) {
                // Numbers go around, so the one that is less than half a circle ahead is the newer.
                (Ok(ticket), Ok(other)) if ticket.sequence.wrapping_sub(other.sequence) > u32::MAX / 2 => drop(ticket),
                (Err(_), Ok(_)) => {}
                (read, _) => newest = read,
            }
        }
        newest
    }
}

/// The rest of a record whose checksum is right. It may still say what cannot be.
struct Fields<'r>(&'r [u8]);

impl<'r> Fields<'r> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    fn ticket(mut self) -> Option<Ticket> {
        let [part_size, flags] = self.take()?;
        let part_size = PartSize::from_bytes(LEAF_SIZE.checked_shl(u32::from(part_size))?).ok()?;
        let sequence = u32::from_le_bytes(self.take()?);
        let size = Some(u64::from_le_bytes(self.take()?)).filter(|size| *size != u64::MAX);
        let source = SourceIdentity::from_bytes(self.take()?);
        let run = u64::from(u16::from_le_bytes(self.take()?));
        let bits = u16::from_le_bytes(self.take()?);
        let [length] = self.take()?;
        let (id, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        let upload = core::str::from_utf8(id).ok()?.parse().ok()?;
        if run > MAX_PARTS || bits >> WINDOW > 0 {
            return None;
        }
        let mut roots: Vec<TreeHash, 16> = Vec::new();
        for _ in 0..run.count_ones() {
            roots.push(TreeHash::from_bytes(self.take()?)).ok()?;
        }
        let mut parts = AcknowledgedParts::from_tree(PartTree::from_roots(part_size, run, roots)?);
        for index in (run..).take(WINDOW).filter(|index| bits >> (index - run) & 1 == 1) {
            let left = size.map_or(u64::MAX, |size| size.saturating_sub(index.saturating_mul(part_size.bytes())));
            parts.acknowledge(index, left.min(part_size.bytes()), TreeHash::from_bytes(self.take()?)).ok()?;
        }
        let is_right = self.0.is_empty() && parts.run() == run && size.is_none_or(|size| parts.size() <= size);
        is_right.then_some(Ticket { upload, size, source, parts, completion_sent: flags & COMPLETION_SENT > 0, sequence })
    }
}

/// Why bytes are not a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TicketError {
    /// They do not begin as a ticket does.
    NoTicket,
    /// It is a ticket of another version.
    Version {
        /// The character that stands for the version; this one is `1`.
        version: u8,
    },
    /// It was cut off or changed.
    Damaged,
}

impl fmt::Display for TicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTicket => f.write_str("this is not the ticket of an upload, which begins with GLT1"),
            Self::Version { version } => write!(
                f,
                "the ticket is of version {}, and this program reads version 1: use the program that wrote it",
                char::from(*version).escape_default()
            ),
            Self::Damaged => f.write_str("the ticket of the upload is damaged: go on from the parts that the service lists"),
        }
    }
}

impl core::error::Error for TicketError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    /// 2 MiB parts of which 0, 1, 2, 4 and the short last one, 6, are acknowledged.
    fn ticket() -> Ticket {
        let part_size = PartSize::from_bytes(2 * LEAF_SIZE).unwrap();
        let mut parts = AcknowledgedParts::new(part_size);
        for index in [0, 1, 2, 4] {
            parts.acknowledge(index, part_size.bytes(), TreeHash::from_bytes([0x10 + index as u8; 32])).unwrap();
        }
        parts.acknowledge(6, 5, TreeHash::from_bytes([0x16; 32])).unwrap();
        let source = SourceIdentity::from_bytes([0xaa; 32]);
        let upload = "-Upload_1".parse().unwrap();
        Ticket { upload, size: Some(12 * LEAF_SIZE + 5), source, parts, completion_sent: false, sequence: 0x0102_0304 }
    }

    fn hex(bytes: &[u8]) -> std::string::String {
        bytes.iter().map(|byte| std::format!("{byte:02x}")).collect()
    }

    /// Made by a program of a few lines of Python, with hashlib, struct and zlib. Records of this form are on devices: this text stays.
    #[cfg(not(glacier_sim))]
    const GOLDEN: &str = include_str!("golden_ticket.hex");

    #[cfg(not(glacier_sim))]
    #[test]
    fn records_keep_their_form() {
        assert_eq!(hex(&ticket().to_bytes()), GOLDEN.trim());
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = ticket().to_bytes();
        let read = Ticket::from_bytes(&bytes).unwrap();
        assert_eq!(hex(&read.to_bytes()), hex(&bytes));
        assert_eq!((read.parts.run(), read.parts.count(), read.size), (3, 5, Some(12 * LEAF_SIZE + 5)));
        // What follows in a slot or a file does not matter.
        let slot: std::vec::Vec<u8> = bytes.iter().copied().chain([0xff; 100]).collect();
        assert_eq!(Ticket::from_bytes(&slot).unwrap().sequence, 0x0102_0304);
    }

    #[test]
    fn the_largest_fits() {
        let mut parts =
            AcknowledgedParts::from_tree(PartTree::from_roots(PartSize::MAX, 8191, [TreeHash::from_bytes([3; 32]); 13]).unwrap());
        for index in 8192..8191 + WINDOW as u64 {
            parts.acknowledge(index, PartSize::MAX.bytes(), TreeHash::from_bytes([4; 32])).unwrap();
        }
        let upload = "u".repeat(MAX_TICKET_ID).parse().unwrap();
        let full = Ticket { upload, size: None, parts, completion_sent: true, sequence: u32::MAX, ..ticket() };
        let bytes = full.to_bytes();
        assert_eq!(bytes.len(), FIXED + MAX_TICKET_ID + 13 * 32 + 11 * 32 + 4);
        let read = Ticket::from_bytes(&bytes).unwrap();
        assert_eq!((read.parts.count(), read.size, read.completion_sent), (8191 + 11, None, true));
        assert_eq!(hex(&read.to_bytes()), hex(&bytes));
    }

    #[test]
    fn a_changed_or_cut_record_is_noticed() {
        let bytes = ticket().to_bytes();
        for length in 0..bytes.len() {
            assert!(Ticket::from_bytes(&bytes[..length]).is_err(), "cut to {length}");
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let error = Ticket::from_bytes(&damaged).unwrap_err();
                match at {
                    0..=2 => assert_eq!(error, TicketError::NoTicket),
                    3 => assert!(matches!(error, TicketError::Version { .. })),
                    _ => assert_eq!(error, TicketError::Damaged),
                }
            }
        }
        assert_eq!(
            Ticket::from_bytes(b"GLT2....").unwrap_err().to_string(),
            "the ticket is of version 2, and this program reads version 1: use the program that wrote it"
        );
    }

    /// A record of this kind with other fields, under a checksum that is right.
    fn forged(change: impl Fn(&mut [u8])) -> Result<Ticket, TicketError> {
        let mut bytes = ticket().to_bytes();
        let covered = bytes.len() - 4;
        change(&mut bytes[..covered]);
        let crc = crc32(&bytes[..covered]);
        bytes[covered..].copy_from_slice(&crc.to_le_bytes());
        Ticket::from_bytes(&bytes)
    }

    #[test]
    fn a_record_that_says_what_cannot_be_is_damaged() {
        assert!(forged(|_| {}).is_ok());
        for (name, at, value) in [
            ("part size", 6, 13),
            ("part size", 6, 255),
            ("fewer roots", 52, 7),
            ("more parts than there may be", 53, 0x28),
            ("a part that belongs to the run", 54, 0b1001),
            ("a hash too many", 54, 0b10),
            ("beyond the window", 55, 0x10),
            ("a longer id", 56, 10),
            ("no id", 56, 0),
            ("an id that is not UTF-8", 57, 0xff),
            ("an archive that is too small", 14, 1),
        ] {
            assert_eq!(forged(|bytes| bytes[at] = value).map(|_| ()), Err(TicketError::Damaged), "{name}");
        }
    }

    #[test]
    fn the_newest_valid_record_counts() {
        let record = |sequence| Ticket { sequence, ..ticket() }.to_bytes();
        let newest = |records: &[&[u8]]| Ticket::newest(records.iter().copied()).map(|ticket| ticket.sequence);
        let (old, new) = (record(7), record(8));
        assert_eq!((newest(&[&old, &new]), newest(&[&new, &old]), newest(&[&old])), (Ok(8), Ok(8), Ok(7)));
        assert_eq!(newest(&[&old, &new[..new.len() - 1]]), Ok(7), "torn");
        assert_eq!(newest(&[&new[..9], &old]), Ok(7));
        assert_eq!(newest(&[&[0xff; 64], &new[..9]]), Err(TicketError::Damaged));
        assert_eq!((newest(&[]), newest(&[&[0xff; 64]])), (Err(TicketError::NoTicket), Err(TicketError::NoTicket)));
        assert_eq!(newest(&[&record(u32::MAX), &record(0)]), Ok(0), "numbers go around");
        assert_eq!(newest(&[&record(0), &record(u32::MAX)]), Ok(0));
    }
}
