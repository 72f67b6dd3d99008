//! Sizes as they are typed: bytes, or a number with a unit.

use std::str::FromStr;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    /// `64M`, `64MiB`, `64 mb` and `67108864` are the same: all of Glacier's sizes are powers of two, so nothing else can be meant.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no SIZE: give bytes, or a whole number and one of KiB, MiB, GiB, TiB (or K, M, G, T)");
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            "t" | "tb" | "tib" => 40,
            _ => return Err(wrong()),
        };
        if number.is_empty() {
            return Err(wrong());
        }
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
        bytes.map(Size).ok_or_else(|| format!("{text:?} is no SIZE: it is more than 2^64 bytes"))
    }
}

/// A number of bytes for people: `17 B`, `5.5 MiB`.
pub(crate) fn readable(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match units.iter().find(|(_, shift)| bytes >> shift > 0) {
        Some((unit, shift)) => format!("{:.1} {unit}", bytes as f64 / (1u64 << shift) as f64),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_with_and_without_units() {
        for (text, bytes) in [
            ("0", 0),
            ("67108864", 64 << 20),
            ("64M", 64 << 20),
            ("64mib", 64 << 20),
            ("64 MiB", 64 << 20),
            ("64MB", 64 << 20),
            ("1K", 1024),
            ("4GiB", 4 << 30),
            ("2T", 2 << 40),
            ("7B", 7),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "x", "-1", "+1", "1.5M", "M", "1PiB", "1MM", "1 M x", "18446744073709551616", "16777216T", "٣"] {
            let error = text.parse::<Size>().unwrap_err();
            assert!(error.contains("SIZE"), "{text}: {error}");
        }
    }

    #[test]
    fn sizes_for_people() {
        for (bytes, text) in [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (11 << 19, "5.5 MiB"), (4 << 30, "4.0 GiB")] {
            assert_eq!(readable(bytes), text);
        }
    }
}
