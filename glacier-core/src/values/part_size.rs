//! The part sizes of multipart uploads, and how an archive is divided into parts.

use core::fmt;
use core::str::FromStr;

use super::range::ByteRange;
use super::size::{LEAF_SIZE, MIB};
use crate::wire::{Sink, Wire, decimal};

/// The size of the parts of a multipart upload: 1 MiB ([`LEAF_SIZE`]) times a power of two, up to 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PartSize(u8);

/// The maximum number of parts in a multipart upload.
pub const MAX_PARTS: u64 = 10_000;

impl PartSize {
    /// 1 MiB, a leaf of the tree hash.
    pub const MIN: PartSize = PartSize(0);
    /// 4 GiB, 4096 times the smallest.
    pub const MAX: PartSize = PartSize(12);

    /// The part size of this many bytes.
    ///
    /// # Errors
    /// [`InvalidPartSize`] for any other number, whose text names the nearest valid sizes.
    pub const fn from_bytes(bytes: u64) -> Result<Self, InvalidPartSize> {
        if bytes.is_power_of_two() && bytes >= PartSize::MIN.bytes() && bytes <= PartSize::MAX.bytes() {
            Ok(PartSize((bytes.trailing_zeros() - LEAF_SIZE.trailing_zeros()) as u8))
        } else {
            Err(InvalidPartSize { bytes })
        }
    }

    /// The part size of this many MiB: 1, 2, 4 and so on up to 4096.
    ///
    /// # Errors
    /// [`InvalidPartSize`] for any other number, whose text names the nearest valid sizes.
    pub const fn from_mib(mib: u64) -> Result<Self, InvalidPartSize> {
        PartSize::from_bytes(mib.saturating_mul(MIB))
    }

    /// The smallest part size with which an archive of `size` bytes needs at most 10,000 parts.
    ///
    /// # Errors
    /// [`LayoutError::TooLarge`] when no part size is large enough.
    pub fn smallest_for(size: u64) -> Result<Self, LayoutError> {
        let least = size.div_ceil(MAX_PARTS).max(LEAF_SIZE).next_power_of_two();
        PartSize::from_bytes(least).map_err(|_| LayoutError::TooLarge { size })
    }

    /// The bytes in a part.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        LEAF_SIZE << self.0
    }

    /// The number of parts in `size` bytes. With shifts, since a division would check for a divisor of zero.
    const fn count_in(self, size: u64) -> u64 {
        let whole = size >> self.bytes().trailing_zeros();
        if size & (self.bytes() - 1) == 0 { whole } else { whole + 1 }
    }

    /// The level in the tree hash of a whole part's root; leaves are level 0.
    pub(crate) const fn tree_level(self) -> u32 {
        self.0 as u32
    }
}

impl Wire for PartSize {
    fn wire(&self, out: &mut dyn Sink) {
        self.bytes().wire(out);
    }
}

/// In MiB, such as `64 MiB`.
impl fmt::Display for PartSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only a simulation has leaves of less than 1 MiB.
        if LEAF_SIZE < MIB { write!(f, "{} bytes", self.bytes()) } else { write!(f, "{} MiB", self.bytes() / MIB) }
    }
}

/// In bytes (`67108864`), or as `Display` writes it (`64 MiB`).
impl FromStr for PartSize {
    type Err = InvalidPartSize;

    fn from_str(text: &str) -> Result<Self, InvalidPartSize> {
        let (digits, unit) = match (text.strip_suffix(" MiB"), text.strip_suffix(" bytes")) {
            (Some(digits), _) => (digits, MIB),
            (_, Some(digits)) => (digits, 1),
            _ => (text, 1),
        };
        // Reported as 0 bytes if it is not a number.
        PartSize::from_bytes(decimal(digits).unwrap_or(0).saturating_mul(unit))
    }
}

/// A number of bytes that is not a valid part size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidPartSize {
    /// The size that was given, in bytes; 0 also for a text that is not a size.
    pub bytes: u64,
}

impl fmt::Display for InvalidPartSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (PartSize::MIN.bytes(), PartSize::MAX.bytes());
        write!(
            f,
            "{} is not a valid part size, which is a power of two from {least} to {most} bytes ({} to {}): use ",
            self.bytes,
            PartSize::MIN,
            PartSize::MAX
        )?;
        match PartSize::from_bytes(self.bytes.checked_next_power_of_two().unwrap_or(u64::MAX)) {
            Ok(above @ PartSize(steps @ 1..)) => write!(f, "{} or {above}", PartSize(steps - 1)),
            Err(_) if self.bytes > most => PartSize::MAX.fmt(f),
            _ => PartSize::MIN.fmt(f),
        }
    }
}

impl core::error::Error for InvalidPartSize {}

/// How an archive is divided into parts: all of one size, except that the last may be shorter.
///
/// ```
/// use glacier_core::{Layout, PartSize};
///
/// let layout = Layout::new(5 * PartSize::MIN.bytes() + 1, PartSize::MIN)?;
/// assert_eq!(layout.count(), 6);
/// assert_eq!(layout.parts().last().map(|part| part.len()), Some(1));
/// # Ok::<(), glacier_core::values::LayoutError>(())
/// ```
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

    /// The bytes in the archive.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The size of all parts but the last.
    #[must_use]
    pub const fn part_size(&self) -> PartSize {
        self.part_size
    }

    /// The number of parts, 1 to 10,000.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.part_size.count_in(self.size)
    }

    /// The byte range of one part, counted from 0; `None` after the last.
    #[must_use]
    pub fn part(&self, index: u64) -> Option<ByteRange> {
        let first = index.checked_mul(self.part_size.bytes())?;
        let left = self.size.checked_sub(first)?;
        ByteRange::with_length(first, left.min(self.part_size.bytes())).ok()
    }

    /// The byte ranges of all parts, in order.
    pub fn parts(self) -> impl Iterator<Item = ByteRange> {
        (0..self.count()).filter_map(move |index| self.part(index))
    }
}

/// Why an archive cannot be divided into such parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LayoutError {
    /// It is empty: an archive has at least 1 byte.
    Empty,
    /// It would have more than 10,000 parts of this size.
    TooManyParts {
        /// The bytes in the archive.
        size: u64,
        /// The part size that was given.
        part_size: PartSize,
        /// The smallest part size that is large enough.
        needed: PartSize,
    },
    /// It would have more than 10,000 parts of the largest part size.
    TooLarge {
        /// The bytes in the archive.
        size: u64,
    },
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an archive has at least 1 byte, and this one is empty: the service does not accept it"),
            Self::TooManyParts { size, part_size, needed } => write!(
                f,
                "an upload has at most {MAX_PARTS} parts; {size} bytes in parts of {} make {}: use parts of {} or more",
                part_size,
                part_size.count_in(*size),
                needed
            ),
            Self::TooLarge { size } => write!(
                f,
                "an archive has at most {} bytes ({MAX_PARTS} parts of {}); this has {size}: split it into several archives",
                MAX_PARTS * PartSize::MAX.bytes(),
                PartSize::MAX
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
            assert_eq!(PartSize::from_bytes(LEAF_SIZE << n).unwrap().bytes(), LEAF_SIZE << n);
        }
        for bytes in [0, 1, LEAF_SIZE - 1, LEAF_SIZE + 1, 3 * LEAF_SIZE, LEAF_SIZE << 13, u64::MAX] {
            assert_eq!(PartSize::from_bytes(bytes), Err(InvalidPartSize { bytes }));
        }
        assert_eq!(PartSize::from_mib(1).map(PartSize::bytes), Ok(1_048_576));
        for size in [PartSize::MIN, PartSize::MAX] {
            assert_eq!((size.to_string().parse(), size.bytes().to_string().parse()), (Ok(size), Ok(size)));
        }
        for text in ["", "x", "-1", "+1048576", "1 GiB", "MiB", "18446744073709551616", "17592186044417 MiB"] {
            assert!(text.parse::<PartSize>().is_err(), "{text}");
        }
        assert!(PartSize::from_mib(3).is_err() && PartSize::from_mib(1 << 44).is_err());
    }

    /// Texts name the unit of the build.
    #[test]
    fn an_invalid_part_size_names_the_nearest() {
        let text = |bytes| InvalidPartSize { bytes }.to_string();
        if cfg!(glacier_sim) {
            assert!(text(768).starts_with("768 is not a valid part size, which is a power of two from 256 to 1048576 bytes"));
            assert!(text(768).ends_with("use 512 bytes or 1024 bytes") && text(5).ends_with("use 256 bytes"));
        } else {
            let expected = "3145728 is not a valid part size, which is a power of two from 1048576 to 4294967296 bytes (1 MiB to 4096 MiB): \
                use 2 MiB or 4 MiB";
            assert_eq!(text(3_145_728), expected);
            assert!(text(u64::MAX).ends_with("use 4096 MiB") && text(5).ends_with("use 1 MiB"));
        }
    }

    #[test]
    fn the_smallest_part_size() {
        let largest_archive = if cfg!(glacier_sim) { 10_485_760_000 } else { 42_949_672_960_000 };
        let smallest = |size| PartSize::smallest_for(size).map(|s| s.bytes() / LEAF_SIZE);
        assert_eq!(smallest(0), Ok(1));
        assert_eq!(smallest(10_000 * LEAF_SIZE), Ok(1));
        assert_eq!(smallest(10_000 * LEAF_SIZE + 1), Ok(2));
        assert_eq!(smallest(largest_archive), Ok(4096));
        let error = LayoutError::TooLarge { size: largest_archive + 1 };
        assert!(error.to_string().starts_with(&std::format!("an archive has at most {largest_archive} bytes (10000 parts")));
        assert_eq!(smallest(largest_archive + 1), Err(error));
        assert!(PartSize::smallest_for(u64::MAX).is_err());
    }

    #[test]
    fn layouts() {
        let layout = Layout::new(5 * LEAF_SIZE + 1, PartSize::from_bytes(2 * LEAF_SIZE).unwrap()).unwrap();
        let parts: std::vec::Vec<_> = layout.parts().map(|p| (p.first(), p.last())).collect();
        assert_eq!(parts, [(0, 2 * LEAF_SIZE - 1), (2 * LEAF_SIZE, 4 * LEAF_SIZE - 1), (4 * LEAF_SIZE, 5 * LEAF_SIZE)]);
        assert_eq!(layout.part(3), None);
        assert_eq!(Layout::new(0, PartSize::MIN), Err(LayoutError::Empty));
        let error = Layout::new(10_000 * LEAF_SIZE + 1, PartSize::MIN).unwrap_err();
        let unit = if cfg!(glacier_sim) { "512 bytes" } else { "2 MiB" };
        assert!(error.to_string().ends_with(&std::format!("make 10001: use parts of {unit} or more")), "{error}");
    }
}
