//! Numbers and percent-encoding, read strictly.

use percent_encoding::percent_decode_str;

use crate::local::model::ApiError;

/// A whole number in decimal digits, without a sign.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

/// Undoes percent-encoding.
pub(super) fn decode(text: &str) -> Result<String, ApiError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| ApiError::invalid(format!("{text} is not UTF-8 after percent-decoding")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
        for text in ["", "+1", "-1", " 1", "1e3", "18446744073709551616"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
