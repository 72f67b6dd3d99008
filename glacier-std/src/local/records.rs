//! What the store keeps of vaults, archives, uploads and jobs. Records are JSON: members that a later version adds are no reason to
//! refuse an older store, and anyone can read them.

use std::fmt;
use std::str::FromStr;

use glacier_core::{ByteRange, PartSize, TreeHash};
use serde::{Deserialize, Serialize};

use super::refuse::Refused;
use super::time::Moment;

/// A vault, with the sums over its archives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Vault {
    pub(super) created: Moment,
    /// When an archive came or went last.
    pub(super) written: Option<Moment>,
    pub(super) archives: u64,
    pub(super) bytes: u64,
}

/// An archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Archive {
    pub(super) created: Moment,
    pub(super) description: String,
    pub(super) size: u64,
    #[serde(with = "text")]
    pub(super) tree: TreeHash,
    /// Under which name its pieces are listed: the upload's id, or the archive's own.
    pub(super) body: String,
    /// Bytes of every piece but the last; of an archive uploaded in one request, the most there can be.
    pub(super) part_size: u64,
}

impl Archive {
    /// The part size, as the type that only has legal ones.
    pub(super) fn part_size(&self) -> Result<PartSize, Refused> {
        PartSize::from_bytes(self.part_size)
            .map_err(|error| Refused::unavailable(format!("A record of the store is damaged: {error}")))
    }
}

/// A file with bytes of an archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Piece {
    #[serde(with = "text")]
    pub(super) blob: Blob,
    pub(super) size: u64,
    #[serde(with = "text")]
    pub(super) tree: TreeHash,
}

/// A multipart upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) created: Moment,
    pub(super) description: String,
    pub(super) part_size: u64,
    pub(super) state: UploadState,
}

/// Where an upload stands. Those that are over are remembered, so that the last request of each can be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum UploadState {
    Open,
    Completed { archive: String },
    Aborted,
}

/// A job. It is done when its time has come, so that looking at it changes nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) created: Moment,
    pub(super) done: Moment,
    pub(super) description: Option<String>,
    pub(super) sns_topic: Option<String>,
    pub(super) work: Work,
}

/// What a job does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Work {
    Archive(Retrieval),
    Inventory(Inventory),
}

/// A job that makes an archive, or a range of it, ready.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Retrieval {
    pub(super) archive: String,
    pub(super) tier: String,
    /// Of the whole archive.
    pub(super) size: u64,
    /// Of the whole archive.
    #[serde(with = "text")]
    pub(super) tree: TreeHash,
    pub(super) first: u64,
    pub(super) last: u64,
    /// Of the range, when it is a node of the archive's tree.
    pub(super) range_tree: Option<String>,
}

impl Retrieval {
    pub(super) fn range(&self) -> Result<ByteRange, Refused> {
        ByteRange::new(self.first, self.last)
            .map_err(|error| Refused::unavailable(format!("A record of the store is damaged: {error}")))
    }
}

/// A job that lists a vault's archives. The list is made with the job and lies in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Inventory {
    pub(super) format: String,
    pub(super) start_date: Option<String>,
    pub(super) end_date: Option<String>,
    pub(super) limit: Option<u64>,
    /// Where the next inventory goes on.
    pub(super) next: Option<String>,
    #[serde(with = "text")]
    pub(super) blob: Blob,
    pub(super) size: u64,
}

/// The name of a file: 32 hexadecimal digits, whatever the archive is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blob(u128);

impl Blob {
    pub(super) fn number(self) -> u128 {
        self.0
    }
}

impl From<u128> for Blob {
    fn from(number: u128) -> Self {
        Blob(number)
    }
}

impl fmt::Display for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Blob {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| digits);
        number.map(Blob).ok_or("the name of a file of an archive has 32 hexadecimal digits")
    }
}

/// Keeps a value as the text that it displays.
mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_have_one_spelling() {
        let blob = Blob(0xab << 64);
        assert_eq!(blob.to_string(), "000000000000ab000000000000000000"[..32].replace("000000000000ab00", "00000000000000ab"));
        assert_eq!(blob.to_string().parse(), Ok(blob));
        for text in
            ["", "ab", "+0000000000000000000000000000001", "0000000000000000000000000000000A", "../../../../../../../etc/passwords"]
        {
            assert!(text.parse::<Blob>().is_err(), "{text}");
        }
    }

    #[test]
    fn unknown_members_of_a_record_are_ignored() {
        let json = r#"{"created":1,"written":null,"archives":2,"bytes":3,"lock":{"state":"new"}}"#;
        let vault: Vault = serde_json::from_str(json).unwrap();
        assert_eq!((vault.created, vault.archives), (Moment(1), 2));
    }
}
