//! JSON as the service writes it: small objects through serde, long lists item by item, and what we send.

mod scan;
mod text;
mod write;

use serde::Deserialize;

use crate::error::DecodeError;

pub(crate) use scan::{Event, Scanner, Step};
pub use text::Text;
pub(crate) use write::Object;

/// Deeper nesting than any answer has; serde-json-core skips unknown members by recursion, about 60 bytes of stack a level.
pub(crate) const MAX_DEPTH: u8 = 16;

/// Reads one object or value.
///
/// # Errors
/// [`DecodeError::Json`], or [`DecodeError::TooDeep`].
pub(crate) fn object<'b, D: Deserialize<'b>>(body: &'b [u8]) -> Result<D, DecodeError> {
    check_depth(body)?;
    let (value, used) = serde_json_core::from_slice(body).map_err(|_| DecodeError::Json)?;
    let rest = body.get(used..).unwrap_or_default();
    if rest.iter().all(u8::is_ascii_whitespace) { Ok(value) } else { Err(DecodeError::Json) }
}

fn check_depth(body: &[u8]) -> Result<(), DecodeError> {
    let (mut depth, mut in_string, mut escaped) = (0u8, false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(DecodeError::TooDeep);
                }
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sample<'b> {
        #[serde(borrow)]
        name: Option<Text<'b>>,
    }

    #[test]
    fn unknown_members_are_skipped_and_null_is_absent() {
        let name = |body| object::<Sample<'_>>(body).map(|s| s.name.map(|n| n.raw().len()));
        assert_eq!(name(br#"{"new":{"a":[1,{"b":"]"}]},"name":"x"}"#), Ok(Some(1)));
        assert_eq!(name(br#" {"name":null} "#), Ok(None));
        assert_eq!(name(b"{}"), Ok(None));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for body in [&b""[..], b"{", b"[]", b"<html>", b"{}x", br#"{"name":5}"#, b"\xff"] {
            assert_eq!(object::<Sample<'_>>(body), Err(DecodeError::Json), "{body:?}");
        }
        let mut deep = std::vec::Vec::from(&br#"{"a":"#[..]);
        deep.extend([b'['; 100_000]);
        assert_eq!(object::<Sample<'_>>(&deep), Err(DecodeError::TooDeep));
    }
}
