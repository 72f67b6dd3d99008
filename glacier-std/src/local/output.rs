//! Bytes of files, one after the other, read in pieces: what a job gives.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use glacier_core::ByteRange;

use super::blobs::Blobs;
use super::records::{Blob, Piece};
use super::refuse::Refused;

/// Bytes read at a time.
const PIECE: u64 = 128 << 10;

/// The bytes of a range that are still to come.
#[derive(Debug)]
pub(super) struct Output {
    blobs: Blobs,
    segments: VecDeque<Segment>,
    /// The first segment's file, once it was opened.
    file: Option<File>,
    left: u64,
}

/// Bytes within one file.
#[derive(Clone, Copy, Debug)]
struct Segment {
    blob: Blob,
    first: u64,
    length: u64,
}

impl Output {
    /// A range of the bytes that `pieces` hold; each comes with its first byte.
    pub(super) fn new(blobs: &Blobs, range: ByteRange, pieces: &[(u64, Piece)]) -> Result<Self, Refused> {
        let mut segments = VecDeque::new();
        for (first, piece) in pieces {
            let from = range.first().max(*first);
            let until = range.last().saturating_add(1).min(first + piece.size);
            if from < until {
                segments.push_back(Segment { blob: piece.blob, first: from - first, length: until - from });
            }
        }
        // Better a refusal now than a broken download later.
        for segment in &segments {
            let path = blobs.path(segment.blob);
            let length = path.metadata().map(|file| file.len()).unwrap_or_default();
            if length < segment.first + segment.length {
                let name = segment.blob;
                return Err(Refused::unavailable(format!(
                    "The file {name} of the archive is missing or damaged: restore it from a copy"
                )));
            }
        }
        Ok(Output { blobs: blobs.clone(), segments, file: None, left: range.len() })
    }

    /// Bytes that are still to come.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// The next bytes, at least one while any are left. Waits for the disk.
    pub(super) fn next_piece(&mut self) -> io::Result<Vec<u8>> {
        let ended = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let segment = self.segments.front_mut().ok_or_else(ended)?;
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut file = File::open(self.blobs.path(segment.blob))?;
                file.seek(SeekFrom::Start(segment.first))?;
                none.insert(file)
            }
        };
        let length = segment.length.min(PIECE);
        let mut piece = Vec::with_capacity(length as usize);
        file.take(length).read_to_end(&mut piece)?;
        if piece.len() as u64 != length {
            return Err(ended());
        }
        segment.length -= length;
        self.left -= length;
        if segment.length == 0 {
            self.segments.pop_front();
            self.file = None;
        }
        Ok(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::TreeHash;

    #[test]
    fn any_range_of_any_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let data: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
        let mut pieces = Vec::new();
        for (n, part) in data.chunks(140_000).enumerate() {
            let blob = Blob::from(n as u128);
            std::fs::write(blobs.path(blob), part).unwrap();
            pieces.push((n as u64 * 140_000, Piece { blob, size: part.len() as u64, tree: TreeHash::from_bytes([0; 32]) }));
        }
        for (first, last) in [(0, 299_999), (0, 0), (139_999, 140_000), (140_000, 279_999), (1, 299_998), (299_999, 299_999)] {
            let mut output = Output::new(&blobs, ByteRange::new(first, last).unwrap(), &pieces).unwrap();
            let mut got = Vec::new();
            while output.left() > 0 {
                got.extend(output.next_piece().unwrap());
            }
            assert_eq!(got, data[first as usize..=last as usize], "{first}-{last}");
        }
        std::fs::write(blobs.path(Blob::from(1)), "short").unwrap();
        let refused = Output::new(&blobs, ByteRange::new(0, 299_999).unwrap(), &pieces).unwrap_err();
        assert_eq!(refused.status, 500);
    }
}
