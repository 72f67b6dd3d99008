//! Archives, and the files that hold their bytes.
//!
//! Records are stored as JSON, and eight bytes that tell damage: members that a later version adds do not make an older folder unreadable, and
//! anyone can read them.

use std::fmt;
use std::str::FromStr;

use glacier_core::{PartSize, TreeHash};
use serde::{Deserialize, Serialize};

use super::clock::Moment;
use super::{serde_part_size, serde_text};

/// An archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchiveRecord {
    /// When it was created, among everything else of the store: two archives of one millisecond have an order, too.
    pub(crate) sequence: u64,
    pub(crate) created: Moment,
    pub(crate) description: String,
    pub(crate) size: u64,
    #[serde(with = "serde_text")]
    pub(crate) tree: TreeHash,
    pub(crate) body: BodyId,
    /// The size of every piece but the last. An archive uploaded in one request has only a last one.
    #[serde(with = "serde_part_size")]
    pub(crate) part_size: PartSize,
}

/// A deleted archive, which an inventory still has to list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeletedArchive {
    pub(crate) deleted: u64,
    pub(crate) archive: ArchiveRecord,
}

/// A body: pieces that follow each other, each in a file. It has owners, such as an archive and the jobs that prepared it for download,
/// and is gone with the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct BodyId(pub(crate) u64);

/// A file that holds bytes of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PieceRecord {
    #[serde(with = "serde_text")]
    pub(crate) blob: BlobId,
    pub(crate) size: u64,
    #[serde(with = "serde_text")]
    pub(crate) tree: TreeHash,
}

/// The name of a file: 32 hexadecimal digits, independent of anything in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlobId(u128);

impl BlobId {
    pub(crate) fn number(self) -> u128 {
        self.0
    }
}

impl From<u128> for BlobId {
    fn from(number: u128) -> Self {
        BlobId(number)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for BlobId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| digits);
        number.map(BlobId).ok_or("the name of a blob has 32 hexadecimal digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_id_has_one_spelling() {
        let blob = BlobId(0xab << 64);
        assert_eq!(blob.to_string(), "00000000000000ab0000000000000000");
        assert_eq!(blob.to_string().parse(), Ok(blob));
        for text in
            ["", "ab", "+0000000000000000000000000000001", "0000000000000000000000000000000A", "../../../../../../../etc/passwords"]
        {
            assert!(text.parse::<BlobId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_record_with_a_damaged_part_size_is_not_read() {
        let hash = "00".repeat(32);
        let json = |part_size: u64| {
            format!(r#"{{"sequence":3,"created":1,"description":"d","size":5,"tree":"{hash}","body":2,"part_size":{part_size}}}"#)
        };
        let size = PartSize::MAX.bytes();
        let archive: ArchiveRecord = serde_json::from_str(&json(size)).unwrap();
        assert_eq!(archive.part_size, PartSize::MAX);
        assert_eq!(serde_json::to_string(&archive).unwrap(), json(size));
        assert!(serde_json::from_str::<ArchiveRecord>(&json(3)).is_err());
    }
}
