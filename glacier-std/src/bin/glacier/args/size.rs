//! Sizes on the command line: bytes, or a number with a unit.

use std::str::FromStr;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    /// `64M`, `64MiB`, `64 mb` and `67108864` are equal: Glacier's sizes are powers of two, so decimal units would be useless.
    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!(
                "{text:?} is not a valid SIZE: use a number of bytes, or a whole number with KiB, MiB, GiB or TiB (or K, M, G, T)"
            )
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            "t" | "tb" | "tib" => 40,
            _ => return Err(invalid()),
        };
        if number.is_empty() {
            return Err(invalid());
        }
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
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
    fn invalid_sizes_are_rejected() {
        for text in ["", "x", "-1", "+1", "1.5M", "M", "1PiB", "1MM", "1 M x", "18446744073709551616", "16777216T", "٣"] {
            let error = text.parse::<Size>().unwrap_err();
            assert!(error.contains("SIZE"), "{text}: {error}");
        }
    }
}
