//! Sizes on the command line: bytes, or a number with a unit.

use std::str::FromStr;

/// What the help of a command with a SIZE says of it.
pub(crate) const SIZE_HELP: &str = "\
SIZE: bytes, or a whole number with a unit: K, M, G, T or KiB, MiB, GiB, TiB are
powers of 1024, and KB, MB, GB, TB are powers of 1000.";

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    /// As GNU's tools read them: `64M` and `64MiB` are powers of 1024, `64MB` is one of 1000.
    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!(
                "{text:?} is not a valid SIZE: use a number of bytes, or a whole number with K, M, G, T or KiB, MiB, GiB, TiB (powers of 1024) or KB, MB, GB, TB (powers of 1000)"
            )
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit: u64 = match unit.trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            "t" | "tib" => 1 << 40,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "tb" => 1_000_000_000_000,
            _ => return Err(invalid()),
        };
        if number.is_empty() {
            return Err(invalid());
        }
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        bytes.map(Size).ok_or_else(|| format!("{text:?} is not a valid SIZE: the maximum is {} bytes", u64::MAX))
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
            ("64 mb", 64_000_000),
            ("40TB", 40_000_000_000_000),
            ("40TiB", 43_980_465_111_040),
            ("3kB", 3000),
            ("5GB", 5_000_000_000),
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
    fn invalid_sizes_are_rejected() {
        for text in
            ["", "x", "-1", "+1", "1.5M", "M", "1PiB", "1MM", "1 M x", "18446744073709551616", "16777216T", "18446745TB", "٣"]
        {
            let error = text.parse::<Size>().unwrap_err();
            assert!(error.contains("SIZE"), "{text}: {error}");
        }
    }
}
