//! Decimal numbers of any length, compared exactly.

use std::cmp::Ordering;

/// A decimal number, without zeros that say nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Number {
    /// Reads `-12.50`; no exponent, no blanks, no names.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
        // Minus zero is zero.
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Number { negative, whole, fraction })
    }

    fn magnitude(&self) -> (usize, &str, &str) {
        (self.whole.len(), &self.whole, &self.fraction)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude().cmp(&other.magnitude()),
            (true, true) => other.magnitude().cmp(&self.magnitude()),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn numbers_compare_by_value() {
        let ascending =
            ["-10", "-9.5", "-1", "-0.25", "0", "0.1", "0.25", "7", "10", "365", "9007199254740992", "9007199254740993"];
        for (at, small) in ascending.iter().enumerate() {
            for large in &ascending[at + 1..] {
                assert!(number(small) < number(large), "{small} {large}");
            }
        }
        for (a, b) in [("007", "7"), ("-0", "0"), ("1.50", "+1.5"), ("0.0", "00")] {
            assert_eq!(number(a), number(b));
        }
    }

    #[test]
    fn what_is_no_number() {
        for bad in ["", "-", ".", "1.", ".5", "1e3", "0x10", " 1", "1 ", "NaN", "ten", "1,000", "--1", "٣"] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }
}
