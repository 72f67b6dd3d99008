//! Base64 as the tools write it: either alphabet, with or without padding, bits to spare or not.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 {
        return None;
    }
    TOLERANT.decode(digits.replace('-', "+").replace('_', "/")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_and_any_padding() {
        for text in ["+/8=", "-_8", "+_8==", "-/9", ""] {
            assert!(decode(text).is_some(), "{text}");
        }
        assert_eq!(decode("-_8"), Some(vec![0xfb, 0xff]));
        for text in ["a", "abcde", "ab===", "a b=", "ab=c", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
