//! The sizes that the parts of a multipart upload may have, and how an archive is divided into them.

use core::fmt;

use super::range::ByteRange;
use super::size::MIB;
use crate::wire::{Sink, Wire};

/// The size of the parts of a multipart upload: 1 MiB times a power of two, up to 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PartSize(u8);

/// The most parts of a multipart upload.
pub const MAX_PARTS: u64 = 10_000;

impl PartSize {
    /// 1 MiB.
    pub const MIN: PartSize = PartSize(0);
    /// 4 GiB.
    pub const MAX: PartSize = PartSize(12);

    /// The part size of this many bytes.
    ///
    /// # Errors
    /// [`InvalidPartSize`], with the nearest legal sizes.
    pub const fn from_bytes(bytes: u64) -> Result<Self, InvalidPartSize> {
        if bytes.is_power_of_two() && bytes >= MIB && bytes <= MIB << 12 {
            Ok(PartSize((bytes.trailing_zeros() - 20) as u8))
        } else {
            Err(InvalidPartSize { bytes })
        }
    }

    /// The part size of this many MiB: 1, 2, 4 and so on to 4096.
    ///
    /// # Errors
    /// [`InvalidPartSize`], with the nearest legal sizes.
    pub const fn from_mib(mib: u64) -> Result<Self, InvalidPartSize> {
        PartSize::from_bytes(mib.saturating_mul(MIB))
    }

    /// The smallest part size with which an archive of `size` bytes needs at most 10,000 parts.
    ///
    /// # Errors
    /// [`LayoutError`] when no part size is large enough.
    pub fn smallest_for(size: u64) -> Result<Self, LayoutError> {
        let least = size.div_ceil(MAX_PARTS).div_ceil(MIB).max(1).next_power_of_two();
        PartSize::from_mib(least).map_err(|_| LayoutError::TooLarge { size })
    }

    /// Bytes in a part.
    pub const fn bytes(self) -> u64 {
        MIB << self.0
    }

    /// How many such parts hold `size` bytes. Written with shifts, as a division is checked for a zero that cannot be.
    const fn count_in(self, size: u64) -> u64 {
        let whole = size >> self.bytes().trailing_zeros();
        if size & (self.bytes() - 1) == 0 { whole } else { whole + 1 }
    }

    /// How many levels of a tree hash a part spans.
    pub(crate) const fn tree_level(self) -> u32 {
        self.0 as u32
    }
}

impl Wire for PartSize {
    fn wire(&self, out: &mut dyn Sink) {
        self.bytes().wire(out);
    }
}

/// A size that parts cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidPartSize {
    /// The size asked for, in bytes.
    pub bytes: u64,
}

impl fmt::Display for InvalidPartSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes;
        write!(f, "a part size is 1 MiB times a power of two, from 1048576 (1 MiB) to 4294967296 (4 GiB); {bytes} is none: ")?;
        match bytes {
            ..=MIB => f.write_str("use 1 MiB"),
            _ if bytes > MIB << 12 => f.write_str("use 4096 MiB"),
            _ => {
                let above = bytes.next_power_of_two() / MIB;
                write!(f, "use {} or {above} MiB", above / 2)
            }
        }
    }
}

impl core::error::Error for InvalidPartSize {}

/// How an archive is cut into parts: all of one size, the last one perhaps shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Layout {
    size: u64,
    part_size: PartSize,
}

impl Layout {
    /// The parts of an archive of `size` bytes.
    ///
    /// # Errors
    /// [`LayoutError`] when there would be no part, or more than 10,000.
    pub fn new(size: u64, part_size: PartSize) -> Result<Self, LayoutError> {
        if size == 0 {
            return Err(LayoutError::Empty);
        }
        if part_size.count_in(size) > MAX_PARTS {
            let needed = PartSize::smallest_for(size)?;
            return Err(LayoutError::TooManyParts { size, part_size, needed });
        }
        Ok(Layout { size, part_size })
    }

    /// Bytes in the archive.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes in each part but the last.
    pub const fn part_size(&self) -> PartSize {
        self.part_size
    }

    /// How many parts there are, 1 to 10,000.
    pub const fn count(&self) -> u64 {
        self.part_size.count_in(self.size)
    }

    /// The bytes of one part, counted from 0; `None` behind the last.
    pub fn part(&self, index: u64) -> Option<ByteRange> {
        let first = index.checked_mul(self.part_size.bytes())?;
        let left = self.size.checked_sub(first)?;
        ByteRange::with_length(first, left.min(self.part_size.bytes())).ok()
    }

    /// All parts, in order.
    pub fn parts(self) -> impl Iterator<Item = ByteRange> {
        (0..self.count()).filter_map(move |index| self.part(index))
    }
}

/// Why an archive cannot be cut so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LayoutError {
    /// An archive has at least 1 byte.
    Empty,
    /// More than 10,000 parts of this size.
    TooManyParts {
        /// Bytes in the archive.
        size: u64,
        /// The part size asked for.
        part_size: PartSize,
        /// The smallest that is large enough.
        needed: PartSize,
    },
    /// More than 10,000 parts of 4 GiB.
    TooLarge {
        /// Bytes in the archive.
        size: u64,
    },
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an archive has at least 1 byte, and this is empty: the service refuses it"),
            Self::TooManyParts { size, part_size, needed } => write!(
                f,
                "an upload has at most 10000 parts; {size} bytes in parts of {} MiB make {}: use parts of {} MiB or more",
                part_size.bytes() / MIB,
                part_size.count_in(*size),
                needed.bytes() / MIB
            ),
            Self::TooLarge { size } => write!(
                f,
                "an archive has at most 42949672960000 bytes (10000 parts of 4 GiB); this has {size}: split it into several archives"
            ),
        }
    }
}

impl core::error::Error for LayoutError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn part_sizes() {
        for n in 0..=12 {
            assert_eq!(PartSize::from_bytes(MIB << n).unwrap().bytes(), MIB << n);
        }
        for bytes in [0, 1, MIB - 1, MIB + 1, 3 * MIB, MIB << 13, u64::MAX] {
            assert_eq!(PartSize::from_bytes(bytes), Err(InvalidPartSize { bytes }));
        }
        assert!(InvalidPartSize { bytes: 3 * MIB }.to_string().ends_with("use 2 or 4 MiB"));
        assert!(InvalidPartSize { bytes: u64::MAX }.to_string().ends_with("use 4096 MiB"));
        assert!(InvalidPartSize { bytes: 5 }.to_string().ends_with("use 1 MiB"));
    }

    #[test]
    fn the_smallest_part_size() {
        let smallest = |size| PartSize::smallest_for(size).map(|s| s.bytes() / MIB);
        assert_eq!(smallest(0), Ok(1));
        assert_eq!(smallest(10_000 * MIB), Ok(1));
        assert_eq!(smallest(10_000 * MIB + 1), Ok(2));
        assert_eq!(smallest(42_949_672_960_000), Ok(4096));
        assert_eq!(smallest(42_949_672_960_001), Err(LayoutError::TooLarge { size: 42_949_672_960_001 }));
        assert!(PartSize::smallest_for(u64::MAX).is_err());
    }

    #[test]
    fn layouts() {
        let layout = Layout::new(5 * MIB + 1, PartSize::from_mib(2).unwrap()).unwrap();
        let parts: std::vec::Vec<_> = layout.parts().map(|p| (p.first(), p.last())).collect();
        assert_eq!(parts, [(0, 2 * MIB - 1), (2 * MIB, 4 * MIB - 1), (4 * MIB, 5 * MIB)]);
        assert_eq!(layout.part(3), None);
        assert_eq!(Layout::new(0, PartSize::MIN), Err(LayoutError::Empty));
        let error = Layout::new(10_000 * MIB + 1, PartSize::MIN).unwrap_err();
        assert!(error.to_string().contains("make 10001: use parts of 2 MiB or more"), "{error}");
    }
}
