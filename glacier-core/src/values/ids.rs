//! The names the service gives to archives, uploads and jobs.
//!
//! An id is opaque: any text but none, `.` and `..`, often with a leading `-`. Archive ids are 138 characters today and upload and job ids
//! 92, but nothing says that they stay so, so no length is checked.

use core::fmt;
use core::marker::PhantomData;

use crate::wire::{Sink, Wire};

/// What an [`Id`] names.
pub trait Kind {
    /// How error texts call it.
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

/// A vault lock that is being made.
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

/// Names one archive.
pub type ArchiveId<'a> = Id<'a, Archive>;

/// Names one multipart upload.
pub type UploadId<'a> = Id<'a, Upload>;

/// Names one job.
pub type JobId<'a> = Id<'a, Job>;

/// Names one vault lock that is being made.
pub type LockId<'a> = Id<'a, Lock>;

/// Names one provisioned capacity unit.
pub type CapacityId<'a> = Id<'a, Capacity>;

/// An id of one kind, borrowed from where it was read.
pub struct Id<'a, K> {
    text: &'a str,
    kind: PhantomData<fn() -> K>,
}

impl<'a, K> Id<'a, K> {
    /// The id as text.
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// A copy that outlives the buffer the id was read into; `N` is its capacity in bytes (192 is ample today).
    ///
    /// # Errors
    /// [`IdTooLong`] when the id has more than `N` bytes; nothing is cut.
    pub fn to_owned<const N: usize>(&self) -> Result<OwnedId<K, N>, IdTooLong> {
        let text = heapless::String::try_from(self.text).map_err(|_| IdTooLong { length: self.text.len(), capacity: N })?;
        Ok(OwnedId { text, kind: PhantomData })
    }
}

impl<'a, K: Kind> TryFrom<&'a str> for Id<'a, K> {
    type Error = InvalidId;

    fn try_from(text: &'a str) -> Result<Self, InvalidId> {
        // Any of the three would turn the path into that of a parent: DeleteArchive into DeleteVault.
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

// Written out, as a derive would ask the same of `K`, which never exists.
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

impl<K> fmt::Debug for Id<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<K> fmt::Display for Id<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// An id that owns its text, in at most `N` bytes.
pub struct OwnedId<K, const N: usize = 192> {
    text: heapless::String<N>,
    kind: PhantomData<fn() -> K>,
}

impl<K, const N: usize> OwnedId<K, N> {
    /// The id, for a request.
    pub fn as_id(&self) -> Id<'_, K> {
        Id { text: &self.text, kind: PhantomData }
    }
}

impl<K, const N: usize> PartialEq for OwnedId<K, N> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<K, const N: usize> Eq for OwnedId<K, N> {}
impl<K, const N: usize> fmt::Display for OwnedId<K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl<K, const N: usize> Clone for OwnedId<K, N> {
    fn clone(&self) -> Self {
        OwnedId { text: self.text.clone(), kind: PhantomData }
    }
}

impl<K, const N: usize> fmt::Debug for OwnedId<K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_id(), f)
    }
}

/// A text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidId {
    /// It is empty.
    Empty {
        /// What it should have named.
        kind: &'static str,
    },
    /// It is `.` or `..`, which name a parent in a path.
    Dots {
        /// What it should have named.
        kind: &'static str,
    },
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { kind } => write!(f, "the {kind} id is empty: give the id that the service returned"),
            Self::Dots { kind } => write!(f, "dots are no {kind} id: give the id that the service returned"),
        }
    }
}

impl core::error::Error for InvalidId {}

/// An id does not fit the room made for its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IdTooLong {
    /// Bytes of the id.
    pub length: usize,
    /// Bytes there is room for.
    pub capacity: usize,
}

impl fmt::Display for IdTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id of {} bytes does not fit {} bytes: give OwnedId a larger N", self.length, self.capacity)
    }
}

impl core::error::Error for IdTooLong {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn any_text_but_none_is_an_id() {
        for text in ["-x", "--", "a b/ü", "_"] {
            assert_eq!(ArchiveId::try_from(text).unwrap().as_str(), text);
        }
        assert_eq!(ArchiveId::try_from(".."), Err(InvalidId::Dots { kind: "archive" }));
        assert_eq!(UploadId::try_from("."), Err(InvalidId::Dots { kind: "upload" }));
        assert_eq!(JobId::try_from("").unwrap_err().to_string(), "the job id is empty: give the id that the service returned");
    }

    #[test]
    fn owning_never_cuts() {
        let id = UploadId::try_from("12345").unwrap();
        assert_eq!(id.to_owned::<5>().unwrap().as_id(), id);
        assert_eq!(id.to_owned::<4>().unwrap_err(), IdTooLong { length: 5, capacity: 4 });
    }
}
