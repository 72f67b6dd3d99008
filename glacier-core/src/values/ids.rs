//! The ids that the service assigns to archives, uploads, jobs, vault locks and capacity units.
//!
//! An id is opaque: any non-empty string other than `.` and `..`, often with a leading `-`. Archive ids have 138 characters today, upload
//! and job ids 92, but AWS does not promise that, so no length is checked.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::str::FromStr;

use crate::wire::{Sink, Wire};

/// What an [`Id`] identifies.
pub trait Kind {
    /// Its name in error texts.
    const NAME: &'static str;
}

/// An archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Archive {}

/// A multipart upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Upload {}

/// A retrieval or inventory job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Job {}

/// A vault lock in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Lock {}

/// A provisioned capacity unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Capacity {}

impl Kind for Archive {
    const NAME: &'static str = "archive";
}

impl Kind for Upload {
    const NAME: &'static str = "upload";
}

impl Kind for Job {
    const NAME: &'static str = "job";
}

impl Kind for Lock {
    const NAME: &'static str = "lock";
}

impl Kind for Capacity {
    const NAME: &'static str = "capacity";
}

/// Identifies an archive.
pub type ArchiveId<'a> = Id<'a, Archive>;

/// Identifies a multipart upload.
pub type UploadId<'a> = Id<'a, Upload>;

/// Identifies a job.
pub type JobId<'a> = Id<'a, Job>;

/// Identifies a vault lock in progress.
pub type LockId<'a> = Id<'a, Lock>;

/// Identifies a provisioned capacity unit.
pub type CapacityId<'a> = Id<'a, Capacity>;

/// An id of one kind, borrowed from the text that it was read from.
///
/// ```
/// use glacier_core::ArchiveId;
/// use glacier_core::values::{InvalidId, OwnedId, ids::Archive};
///
/// let id = ArchiveId::try_from("-archive")?;
/// // A copy that outlives the buffer; its type names the kind and, here by default, the capacity.
/// let kept: OwnedId<Archive> = id.to_owned()?;
/// assert_eq!(kept, "-archive".parse()?);
/// # Ok::<(), InvalidId>(())
/// ```
pub struct Id<'a, K> {
    text: &'a str,
    kind: PhantomData<fn() -> K>,
}

impl<'a, K> Id<'a, K> {
    /// The id as text.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// A copy that outlives the buffer with the id; `N` is its capacity in bytes (192 is ample today).
    ///
    /// # Errors
    /// [`InvalidId::TooLong`] when the id has more than `N` bytes. It is never truncated.
    pub fn to_owned<const N: usize>(&self) -> Result<OwnedId<K, N>, InvalidId> {
        let text = heapless::String::try_from(self.text);
        let text = text.map_err(|_| InvalidId::TooLong { length: self.text.len(), capacity: N })?;
        Ok(OwnedId { text, kind: PhantomData })
    }
}

impl<'a, K: Kind> TryFrom<&'a str> for Id<'a, K> {
    type Error = InvalidId;

    fn try_from(text: &'a str) -> Result<Self, InvalidId> {
        // Each of these would make the path that of a parent, and DeleteArchive a DeleteVault.
        match text {
            "" => Err(InvalidId::Empty { kind: K::NAME }),
            "." | ".." => Err(InvalidId::Dots { kind: K::NAME }),
            _ => Ok(Id { text, kind: PhantomData }),
        }
    }
}

impl<K> Wire for Id<'_, K> {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(self.text.as_bytes());
    }
}

// By hand, since a derive would require the same of `K`, of which there are no values.
impl<K> Clone for Id<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<'_, K> {}

impl<K> PartialEq for Id<'_, K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for Id<'_, K> {}

impl<K> PartialOrd for Id<'_, K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<'_, K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(other.text)
    }
}

impl<K> Hash for Id<'_, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K> fmt::Debug for Id<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<K> fmt::Display for Id<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text)
    }
}

/// An id that owns its text, in at most `N` bytes.
pub struct OwnedId<K, const N: usize = 192> {
    text: heapless::String<N>,
    kind: PhantomData<fn() -> K>,
}

impl<K, const N: usize> OwnedId<K, N> {
    /// The id, for a request.
    #[must_use]
    pub fn as_id(&self) -> Id<'_, K> {
        Id { text: &self.text, kind: PhantomData }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<K: Kind, const N: usize> FromStr for OwnedId<K, N> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Id::try_from(text)?.to_owned()
    }
}

impl<K, const N: usize> Clone for OwnedId<K, N> {
    fn clone(&self) -> Self {
        OwnedId { text: self.text.clone(), kind: PhantomData }
    }
}

impl<K, const N: usize> PartialEq for OwnedId<K, N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_id() == other.as_id()
    }
}

impl<K, const N: usize> Eq for OwnedId<K, N> {}

impl<K, const N: usize> PartialOrd for OwnedId<K, N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K, const N: usize> Ord for OwnedId<K, N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_id().cmp(&other.as_id())
    }
}

impl<K, const N: usize> Hash for OwnedId<K, N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_id().hash(state);
    }
}

impl<K, const N: usize> fmt::Display for OwnedId<K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_id().fmt(f)
    }
}

impl<K, const N: usize> fmt::Debug for OwnedId<K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_id(), f)
    }
}

/// Why a text is not a valid id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidId {
    /// It is empty.
    Empty {
        /// What it should identify.
        kind: &'static str,
    },
    /// It is `.` or `..`, which are removed from a path.
    Dots {
        /// What it should identify.
        kind: &'static str,
    },
    /// It does not fit an [`OwnedId`].
    TooLong {
        /// The bytes of the id.
        length: usize,
        /// The bytes that there is room for.
        capacity: usize,
    },
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { kind } => write!(f, "the {kind} id is empty: give the id that the service returned"),
            Self::Dots { kind } => write!(f, ". and .. are not valid as {kind} id: give the id that the service returned"),
            Self::TooLong { length, capacity } => {
                write!(f, "an id of {length} bytes does not fit {capacity} bytes: give OwnedId a larger capacity N")
            }
        }
    }
}

impl core::error::Error for InvalidId {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn any_text_is_an_id_but_empty_and_dots() {
        for text in ["-x", "--", "a b/ü", "_"] {
            assert_eq!(ArchiveId::try_from(text).unwrap().as_str(), text);
        }
        assert_eq!(ArchiveId::try_from(".."), Err(InvalidId::Dots { kind: "archive" }));
        assert_eq!(UploadId::try_from("."), Err(InvalidId::Dots { kind: "upload" }));
        assert_eq!(JobId::try_from("").unwrap_err().to_string(), "the job id is empty: give the id that the service returned");
    }

    #[test]
    fn owning_never_truncates() {
        let id = UploadId::try_from("12345").unwrap();
        let owned = id.to_owned::<5>().unwrap();
        assert_eq!((owned.as_id(), owned.to_string().parse()), (id, Ok(owned.clone())));
        assert_eq!(id.to_owned::<4>(), Err(InvalidId::TooLong { length: 5, capacity: 4 }));
        assert_eq!("".parse::<OwnedId<Upload>>(), Err(InvalidId::Empty { kind: "upload" }));
    }

    #[test]
    fn ids_are_keys_of_maps() {
        let owned: OwnedId<Job> = "b".parse().unwrap();
        let ids = std::collections::HashSet::from([owned.clone(), owned.clone(), "a".parse().unwrap()]);
        assert_eq!((ids.len(), ids.iter().max()), (2, Some(&owned)));
    }
}
