//! JSON as the service writes it: an answer is looked at member by member, a long list item by item; and what we send.
//!
//! Nothing here recurses or collects, so nesting costs no stack and length no memory. Of a member that comes twice the latter counts,
//! null is the same as absent, and members that are not known are stepped over.

mod scan;
mod text;
mod value;
mod write;

use crate::error::DecodeError;

pub(crate) use scan::{Event, Scanner, Step, is_named};
pub use text::Text;
pub use value::{Items, Value};
pub(crate) use write::Object;

/// A type that is read from an object, one member at a time, beginning with its default.
pub trait FromJson<'b>: Default {
    /// Takes a member; those it does not know it leaves.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when the value is not of the member's type.
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError>;
}

/// Reads an answer that is an object. An empty body is an empty object.
///
/// # Errors
/// [`DecodeError::Json`], [`DecodeError::Truncated`] or [`DecodeError::TooDeep`].
pub(crate) fn object<'b, T: FromJson<'b>>(body: &'b [u8]) -> Result<T, DecodeError> {
    let mut object = T::default();
    // A generic function for each type, around one that is there once.
    members(body, &mut object)?;
    Ok(object)
}

/// As [`FromJson`], for a type that the caller knows. A closure would do, but each that is called through `dyn` is compiled twice.
trait Members<'b> {
    fn take(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError>;
}

impl<'b, T: FromJson<'b>> Members<'b> for T {
    fn take(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        self.member(name, value)
    }
}

fn members<'b>(body: &'b [u8], object: &mut dyn Members<'b>) -> Result<(), DecodeError> {
    let mut scanner = Scanner::without_list();
    let mut rest = body;
    loop {
        match scanner.step(rest, true)? {
            Step::Found { event: Event::Member { name, value }, consumed } => {
                let name = rest.get(name).and_then(|name| core::str::from_utf8(name).ok()).ok_or(DecodeError::Json)?;
                object.take(unescaped(name).as_deref().unwrap_or(name), Value::new(rest.get(value).unwrap_or_default()))?;
                rest = rest.get(consumed..).unwrap_or_default();
            }
            Step::End => return Ok(()),
            Step::Found { .. } | Step::NeedMore { .. } => return Err(DecodeError::Json),
        }
    }
}

/// Bytes of the longest name that any answer has, `InventoryRetrievalParameters`.
const LONGEST_NAME: usize = 28;

/// A name that is written with escapes, without them; `None` when it has none, or is longer than any that we know.
fn unescaped(name: &str) -> Option<heapless::String<LONGEST_NAME>> {
    if !name.contains('\\') {
        return None;
    }
    let mut plain = heapless::String::new();
    Text::from_escaped(name)?.chars().try_for_each(|character| plain.push(character)).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Sample<'b> {
        name: Option<Text<'b>>,
    }

    impl<'b> FromJson<'b> for Sample<'b> {
        fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
            if name == "name" {
                self.name = value.text()?;
            }
            Ok(())
        }
    }

    #[test]
    fn unknown_members_are_skipped_and_null_is_absent() {
        let name = |body| object::<Sample<'_>>(body).map(|s| s.name.map(|n| n.raw()));
        assert_eq!(name(br#"{"new":{"a":[1,{"b":"]"}]},"name":"x"}"#), Ok(Some("x")));
        assert_eq!(name(br#" {"name":null} "#), Ok(None));
        assert_eq!(name(br#"{"name":"a","name":"b"}"#), Ok(Some("b")));
        assert_eq!(name(br#"{"\u006eam\u0065":"escaped"}"#), Ok(Some("escaped")));
        assert_eq!(name(br#"{"\u006eames":"x","\ud83d":"x"}"#), Ok(None));
        assert_eq!(name(b"{}"), Ok(None));
        assert_eq!(name(b" "), Ok(None));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for body in [&b"[]"[..], b"<html>", b"{}x", br#"{"name":5}"#, b"\xff", b"{\"\xff\":1}", b"{\"name\":\"\xff\"}"] {
            assert_eq!(object::<Sample<'_>>(body), Err(DecodeError::Json), "{body:?}");
        }
        assert_eq!(object::<Sample<'_>>(b"{"), Err(DecodeError::Truncated));
        let mut deep = std::vec::Vec::from(&br#"{"a":"#[..]);
        deep.extend([b'['; 100_000]);
        assert_eq!(object::<Sample<'_>>(&deep), Err(DecodeError::TooDeep));
    }
}
