//! The bytes of a range of an archive, read from the files that hold them and verified before they are handed out.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use glacier_core::hash::LinearHasher;
use glacier_core::{ByteRange, LEAF_SIZE};

use super::blobs::Blobs;
use super::damage::Damage;
use super::error::StoreError;
use super::finding::Finding;
use super::pins::Pin;
use super::reader::ReadRecords;
use super::records::Records;
use super::store::Store;
use crate::local::disk::DiskFile;
use crate::local::model::PieceRecord;

/// Bytes read at a time, at least; they are read in whole leaves.
const CHUNK: u64 = 128 << 10;

/// Reads a range of bytes.
pub(crate) struct BlobReader {
    records: Arc<Records>,
    blobs: Blobs,
    damage: Damage,
    segments: VecDeque<Segment>,
    /// The file of the first segment, once it is open.
    open: Option<OpenFile>,
    remaining: u64,
    /// Keeps the files.
    _pin: Pin,
}

/// Bytes within one file.
#[derive(Clone, Debug)]
struct Segment {
    piece: PieceRecord,
    first: u64,
    length: u64,
}

struct OpenFile {
    file: Box<dyn DiskFile>,
    /// 32 bytes for each leaf of the file.
    leaves: Vec<u8>,
}

impl BlobReader {
    /// A range of the bytes in `pieces` of the body that `pin` keeps. Each comes with its first byte.
    pub(crate) fn new(store: &Store, pin: Pin, range: ByteRange, pieces: &[(u64, PieceRecord)]) -> Result<Self, StoreError> {
        let mut segments = VecDeque::new();
        for (first, piece) in pieces {
            let from = range.first().max(*first);
            let until = range.last().saturating_add(1).min(first + piece.size);
            if from < until {
                segments.push_back(Segment { piece: piece.clone(), first: from - first, length: until - from });
            }
        }
        let (records, blobs, damage) = (store.records.clone(), store.blobs.clone(), store.damage.clone());
        let mut reader = BlobReader { records, blobs, damage, segments, open: None, remaining: range.len(), _pin: pin };
        reader.check_files()?;
        Ok(reader)
    }

    /// Bytes that are not read yet.
    pub(crate) fn remaining(&self) -> u64 {
        self.remaining
    }

    /// An error now is better than a download that breaks off.
    fn check_files(&mut self) -> Result<(), StoreError> {
        for segment in &self.segments {
            let blob = segment.piece.blob;
            if self.blobs.length(blob) != Some(segment.piece.size) {
                self.records.unsettle();
                self.damage.report(blob, &Finding::Missing { file: self.blobs.path(blob), archive: None });
                return Err(StoreError::MissingBlob(blob));
            }
        }
        let known = self.segments.iter().filter(|segment| self.damage.is_known(segment.piece.blob));
        for piece in known.map(|segment| segment.piece.clone()).collect::<Vec<_>>() {
            let open = self.open(&piece)?;
            let mut at = 0;
            while at < piece.size {
                at += self.read_leaves(&open, &piece, at, CHUNK)?.1.len() as u64;
            }
            self.damage.forget(piece.blob);
        }
        Ok(())
    }

    /// The next bytes, at least one while any remain. Waits for the disk.
    pub(crate) fn next_chunk(&mut self) -> io::Result<Vec<u8>> {
        let Some(Segment { piece, first, length }) = self.segments.front().cloned() else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let open = match self.open.take() {
            Some(open) => open,
            None => self.open(&piece).map_err(into_io)?,
        };
        let (start, mut chunk) = self.read_leaves(&open, &piece, first, length.min(CHUNK)).map_err(into_io)?;
        // Less than the length of the chunk, which is in memory.
        chunk.drain(..(first - start) as usize);
        chunk.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        let read = chunk.len() as u64;
        self.remaining -= read;
        if read == length {
            self.segments.pop_front();
        } else {
            self.open = Some(open);
            if let Some(segment) = self.segments.front_mut() {
                (segment.first, segment.length) = (first + read, length - read);
            }
        }
        Ok(chunk)
    }

    fn open(&self, piece: &PieceRecord) -> Result<OpenFile, StoreError> {
        let leaves = self.records.read(|records| records.leaves(piece))?;
        Ok(OpenFile { file: self.blobs.open_to_read(piece.blob)?, leaves })
    }

    /// Bytes of a file that include all from `first` on, up to `length`, and the position of the first. They are verified.
    fn read_leaves(&self, open: &OpenFile, piece: &PieceRecord, first: u64, length: u64) -> Result<(u64, Vec<u8>), StoreError> {
        let end = first.saturating_add(length).min(piece.size);
        let (start, end) = (first - first % LEAF_SIZE, end.next_multiple_of(LEAF_SIZE).min(piece.size));
        // A chunk and two leaves at most.
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or_default()];
        let is_whole = match open.file.read_at(start, &mut bytes) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
            Err(error) => return Err(error.into()),
        };
        if is_whole && are_leaves(&bytes, start, &open.leaves) {
            return Ok((start, bytes));
        }
        self.records.unsettle();
        self.damage.report(piece.blob, &Finding::Damaged { file: self.blobs.path(piece.blob) });
        Err(StoreError::DamagedBlob(piece.blob))
    }
}

/// Whether these bytes, from the start of a leaf on, have the hashes of the leaves.
fn are_leaves(bytes: &[u8], start: u64, leaves: &[u8]) -> bool {
    let size = usize::try_from(LEAF_SIZE).unwrap_or(usize::MAX);
    let first = usize::try_from(start / LEAF_SIZE).unwrap_or(usize::MAX);
    let mut expected = leaves.as_chunks::<32>().0.iter().skip(first);
    bytes.chunks(size).all(|leaf| {
        let mut hasher = LinearHasher::new();
        hasher.update(leaf);
        expected.next() == Some(hasher.finish().as_bytes())
    })
}

fn into_io(error: StoreError) -> io::Error {
    match error {
        StoreError::Disk(error) => error,
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::{BlobId, BodyHasher, BodyId};
    use std::sync::Mutex;

    const LEAF: usize = LEAF_SIZE as usize;

    /// A store with the pieces of a body.
    struct Stored {
        store: Store,
        pieces: Vec<(u64, PieceRecord)>,
        reported: Arc<Mutex<Vec<Finding>>>,
        _folder: tempfile::TempDir,
    }

    impl Stored {
        fn new(data: &[u8], piece: usize) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let reported = Arc::new(Mutex::new(Vec::new()));
            let to = reported.clone();
            let observer = move |finding: &Finding| to.lock().unwrap().push(finding.clone());
            let store = Store::open(folder.path(), Some(Arc::new(observer))).unwrap().0;
            let mut pieces = Vec::new();
            for (n, part) in data.chunks(piece).enumerate() {
                let mut hasher = BodyHasher::default();
                hasher.update(part);
                let body = hasher.finish().unwrap();
                let record = PieceRecord { blob: BlobId::from(n as u128), size: part.len() as u64, tree: body.tree };
                std::fs::write(store.blobs.path(record.blob), part).unwrap();
                store.records.write::<_, StoreError>(|records| records.save_blob(record.blob, &body.leaves)).unwrap();
                pieces.push(((n * piece) as u64, record));
            }
            Stored { store, pieces, reported, _folder: folder }
        }

        fn reader(&self, first: usize, last: usize) -> Result<BlobReader, StoreError> {
            let range = ByteRange::new(first as u64, last as u64).unwrap();
            BlobReader::new(&self.store, self.store.pin(BodyId(1)), range, &self.pieces)
        }
    }

    fn read(reader: &mut BlobReader) -> (Vec<u8>, Option<io::Error>) {
        let mut got = Vec::new();
        while reader.remaining() > 0 {
            match reader.next_chunk() {
                Ok(chunk) => got.extend(chunk),
                Err(error) => return (got, Some(error)),
            }
        }
        (got, None)
    }

    fn data(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n * 31 / 7) as u8).collect()
    }

    #[test]
    fn any_range_of_any_pieces() {
        let data = data(5 * LEAF + 300);
        let stored = Stored::new(&data, 2 * LEAF);
        let last = data.len() - 1;
        for (first, last) in [(0, last), (0, 0), (2 * LEAF - 1, 2 * LEAF), (2 * LEAF, 4 * LEAF - 1), (1, last - 1), (last, last)] {
            let (got, error) = read(&mut stored.reader(first, last).unwrap());
            assert!(error.is_none() && got == data[first..=last], "{first}-{last}");
        }
    }

    #[test]
    fn a_damaged_leaf_is_never_handed_out() {
        let data = data(5 * LEAF + 300);
        let stored = Stored::new(&data, 4 * LEAF);
        let path = stored.store.blobs.path(BlobId::from(0));
        let flip = || {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[2 * LEAF + 5] ^= 1;
            std::fs::write(&path, bytes).unwrap();
        };
        flip();
        // In the middle of a leaf, the whole leaf counts.
        for first in [0, 2 * LEAF + 9] {
            let mut reader = stored.reader(first, data.len() - 1).unwrap();
            let (got, error) = read(&mut reader);
            assert!(got.len() <= 2 * LEAF && got == data[first..first + got.len()]);
            assert!(error.unwrap().to_string().contains("blobs/00000000000000000000000000000000 is damaged"));
            assert_eq!(*stored.reported.lock().unwrap(), [Finding::Damaged { file: path.clone() }]);
            stored.reported.lock().unwrap().clear();
            stored.store.damage.forget(BlobId::from(0));
        }
        // Once it is known, it is an error at once, until the file is good again.
        read(&mut stored.reader(0, data.len() - 1).unwrap()).1.unwrap();
        let error = stored.reader(0, data.len() - 1).err().unwrap();
        assert!(matches!(error, StoreError::DamagedBlob(blob) if blob == BlobId::from(0)), "{error}");
        let (got, error) = read(&mut stored.reader(4 * LEAF, 4 * LEAF + 9).unwrap());
        assert!(error.is_none() && got == data[4 * LEAF..4 * LEAF + 10], "another file");
        flip();
        let (got, error) = read(&mut stored.reader(0, data.len() - 1).unwrap());
        assert!(error.is_none() && got == data);
    }

    #[test]
    fn a_file_of_another_length_is_an_error_at_once() {
        let data = data(LEAF + 300);
        let stored = Stored::new(&data, LEAF);
        let path = stored.store.blobs.path(BlobId::from(1));
        for content in [&data[LEAF..LEAF + 299], &data[LEAF - 1..LEAF + 300]] {
            std::fs::write(&path, content).unwrap();
            let error = stored.reader(0, data.len() - 1).err().unwrap();
            assert!(matches!(error, StoreError::MissingBlob(blob) if blob == BlobId::from(1)), "{error}");
        }
    }
}
