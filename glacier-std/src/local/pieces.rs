//! The rows that say in which files the bytes of an archive or an upload lie.

use redb::{ReadableTable, WriteTransaction};

use super::records::{Blob, Piece};
use super::refuse::Refused;
use super::tables::{BLOBS, PIECES};

/// The pieces of one body, each with its first byte, in order; `owner` is the upload's id or that of the archive.
pub(super) fn list(
    table: &impl ReadableTable<(&'static str, u64), &'static [u8]>,
    owner: &str,
) -> Result<Vec<(u64, Piece)>, Refused> {
    let rows = table.range((owner, 0)..=(owner, u64::MAX))?;
    rows.map(|row| {
        let (key, record) = row?;
        Ok((key.value().1, serde_json::from_slice(record.value())?))
    })
    .collect()
}

/// Removes the records of all pieces of a body; their files, which are to be removed once that is committed.
pub(super) fn remove(transaction: &WriteTransaction, owner: &str) -> Result<Vec<Blob>, Refused> {
    let mut table = transaction.open_table(PIECES)?;
    let mut blobs = transaction.open_table(BLOBS)?;
    let mut removed = Vec::new();
    for (first, piece) in list(&table, owner)? {
        table.remove((owner, first))?;
        blobs.remove(piece.blob.number())?;
        removed.push(piece.blob);
    }
    Ok(removed)
}

/// The leaves of a file's tree.
pub(super) fn leaves(blobs: &impl ReadableTable<u128, &'static [u8]>, piece: &Piece) -> Result<Vec<u8>, Refused> {
    let row = blobs.get(piece.blob.number())?.map(|row| row.value().to_vec()).unwrap_or_default();
    // A file of at most 1 MiB has one leaf, its tree hash.
    Ok(if row.is_empty() { piece.tree.as_bytes().to_vec() } else { row })
}
