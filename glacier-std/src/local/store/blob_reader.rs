//! The bytes of a range of an archive, read in chunks from the files that hold them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use glacier_core::ByteRange;

use super::blobs::Blobs;
use super::error::StoreError;
use crate::local::model::{BlobId, PieceRecord};

/// Bytes read at a time.
const CHUNK: u64 = 128 << 10;

/// Reads a range of bytes.
#[derive(Debug)]
pub(crate) struct BlobReader {
    blobs: Blobs,
    segments: VecDeque<Segment>,
    /// The file of the first segment, once it is open.
    file: Option<File>,
    remaining: u64,
}

/// Bytes within one file.
#[derive(Clone, Copy, Debug)]
struct Segment {
    blob: BlobId,
    first: u64,
    length: u64,
}

impl BlobReader {
    /// A range of the bytes in `pieces`, each of which comes with its first byte.
    pub(crate) fn new(blobs: &Blobs, range: ByteRange, pieces: &[(u64, PieceRecord)]) -> Result<Self, StoreError> {
        let mut segments = VecDeque::new();
        for (first, piece) in pieces {
            let from = range.first().max(*first);
            let until = range.last().saturating_add(1).min(first + piece.size);
            if from < until {
                segments.push_back(Segment { blob: piece.blob, first: from - first, length: until - from });
            }
        }
        // An error now is better than a broken download later.
        for segment in &segments {
            let length = blobs.path(segment.blob).metadata().map(|file| file.len()).unwrap_or_default();
            if length < segment.first + segment.length {
                return Err(StoreError::MissingBlob(segment.blob));
            }
        }
        Ok(BlobReader { blobs: blobs.clone(), segments, file: None, remaining: range.len() })
    }

    /// Bytes that are not read yet.
    pub(crate) fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next bytes, at least one while any remain. Waits for the disk.
    pub(crate) fn next_chunk(&mut self) -> io::Result<Vec<u8>> {
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
        let length = segment.length.min(CHUNK);
        let mut chunk = Vec::with_capacity(length as usize);
        file.take(length).read_to_end(&mut chunk)?;
        if chunk.len() as u64 != length {
            return Err(ended());
        }
        segment.length -= length;
        self.remaining -= length;
        if segment.length == 0 {
            self.segments.pop_front();
            self.file = None;
        }
        Ok(chunk)
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
            let blob = BlobId::from(n as u128);
            std::fs::write(blobs.path(blob), part).unwrap();
            pieces.push((n as u64 * 140_000, PieceRecord { blob, size: part.len() as u64, tree: TreeHash::from_bytes([0; 32]) }));
        }
        for (first, last) in [(0, 299_999), (0, 0), (139_999, 140_000), (140_000, 279_999), (1, 299_998), (299_999, 299_999)] {
            let mut output = BlobReader::new(&blobs, ByteRange::new(first, last).unwrap(), &pieces).unwrap();
            let mut got = Vec::new();
            while output.remaining() > 0 {
                got.extend(output.next_chunk().unwrap());
            }
            assert_eq!(got, data[first as usize..=last as usize], "{first}-{last}");
        }
        std::fs::write(blobs.path(BlobId::from(1)), "short").unwrap();
        let error = BlobReader::new(&blobs, ByteRange::new(0, 299_999).unwrap(), &pieces).unwrap_err();
        assert!(matches!(error, StoreError::MissingBlob(blob) if blob == BlobId::from(1)), "{error}");
    }
}
