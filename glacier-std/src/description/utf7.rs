//! UTF-7, strictly.
//!
//! Source: RFC 2152.

use super::base64;

/// Decodes a text; `None` if it is not UTF-7.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((plain, shifted)) = rest.split_once('+') {
        decoded += plain;
        let end = shifted.find(|c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '/')).unwrap_or(shifted.len());
        let (run, after) = shifted.split_at(end);
        match (run, after.strip_prefix('-')) {
            ("", Some(after)) => {
                decoded.push('+');
                rest = after;
            }
            ("", None) => return None,
            (run, after_minus) => {
                decoded += &run_of_units(run)?;
                // Any other character closes a run as well, and stands for itself.
                rest = after_minus.unwrap_or(after);
            }
        }
    }
    decoded += rest;
    text.is_ascii().then_some(decoded)
}

/// Whole UTF-16 units in Base64; what is left are fewer than six bits, all zero.
fn run_of_units(run: &str) -> Option<String> {
    let bits = run.len() * 6;
    let bytes = base64::decode(run)?;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect();
    let is_exact = bits % 16 < 6 && bytes.len() == units.len() * 2 && has_zero_bits(run, bits % 16);
    String::from_utf16(&units).ok().filter(|_| is_exact && !units.is_empty())
}

fn has_zero_bits(run: &str, spare: usize) -> bool {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = run.bytes().last().and_then(|last| DIGITS.iter().position(|digit| *digit == last));
    last.is_some_and(|value| value % (1 << spare) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_rfc() {
        assert_eq!(decode("A+ImIDkQ."), Some("A≢Α.".into()));
        assert_eq!(decode("Hi Mom -+Jjo--!"), Some("Hi Mom -☺-!".into()));
        assert_eq!(decode("+ZeVnLIqe-"), Some("日本語".into()));
        assert_eq!(decode("Item 3 is +AKM-1."), Some("Item 3 is £1.".into()));
        assert_eq!(decode("+2Dzf1A-+-"), Some("🏔+".into()));
        for bad in ["+", "a + b", "+F8-", "+AF9-", "+2Dw-", "ü", "+AF8A"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in "\\PC*") {
            let mut encoded = String::new();
            for character in text.chars() {
                if character.is_ascii_alphanumeric() {
                    encoded.push(character);
                } else {
                    let units: Vec<u8> = character.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect();
                    use ::base64::Engine;
                    encoded += &format!("+{}-", ::base64::engine::general_purpose::STANDARD_NO_PAD.encode(units));
                }
            }
            prop_assert_eq!(decode(&encoded), Some(text));
        }
    }
}
