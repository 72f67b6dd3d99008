//! The names of closed logs, `LOG00001.BIN` to `LOG99999.BIN`.

use core::fmt::{self, Write};

use embedded_sdmmc::DirEntry;

/// The name of a closed log. Names are ordered by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogName(u32);

impl LogName {
    /// The name with this number; `None` if it is 0 or has more than five digits.
    pub(crate) fn new(number: u32) -> Option<Self> {
        (1..=99_999).contains(&number).then_some(LogName(number))
    }

    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The name in a directory entry, if it is that of a log.
    pub(crate) fn of(entry: &DirEntry) -> Option<Self> {
        let digits: &[u8; 5] = entry.name.base_name().strip_prefix(b"LOG")?.try_into().ok()?;
        if entry.name.extension() != b"BIN" || entry.attributes.is_directory() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        LogName::new(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// The name as text.
    pub(crate) fn text(self) -> heapless::String<12> {
        let mut text = heapless::String::new();
        // Always fits: it has twelve characters.
        let _ = write!(text, "{self}");
        text
    }

    /// The name in the format of a directory entry: eight bytes and three.
    pub(crate) fn in_directory(self) -> [u8; 11] {
        let mut name = *b"LOG00000BIN";
        let mut rest = self.0;
        for digit in name.iter_mut().skip(3).take(5).rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        name
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LOG{:05}.BIN", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_five_digits() {
        let name = LogName::new(42).unwrap();
        assert_eq!((name.text().as_str(), &name.in_directory()), ("LOG00042.BIN", b"LOG00042BIN"));
        assert_eq!(LogName::new(99_999).unwrap().in_directory(), *b"LOG99999BIN");
        assert_eq!((LogName::new(0), LogName::new(100_000)), (None, None));
    }
}
