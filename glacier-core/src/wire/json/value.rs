//! A value of a response, read as the type that it should have.

use super::scan::{Event, Scanner, Step};
use super::text::Text;
use crate::wire::error::DecodeError;
use crate::wire::text::decimal;

/// A JSON value that has not been read yet, borrowed from the response.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Value<'b>(&'b [u8]);

impl<'b> Value<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Value(bytes)
    }

    /// The bytes of the value in the response.
    #[must_use]
    pub fn raw(self) -> &'b [u8] {
        self.0
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0 == b"null"
    }

    /// A text; `None` for null.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when it is something else.
    pub fn text(self) -> Result<Option<Text<'b>>, DecodeError> {
        self.some(|value| {
            let quoted = value.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            Text::from_escaped(core::str::from_utf8(quoted).ok()?)
        })
    }

    /// A non-negative integer; `None` for null.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when it is something else.
    pub fn number(self) -> Result<Option<u64>, DecodeError> {
        // A number that starts with a zero has no other digit (RFC 8259, section 6).
        let is_number = |value: &Self| value.0.first() != Some(&b'0') || value.0.len() == 1;
        self.some(|value| decimal(core::str::from_utf8(value.0).ok()?).filter(|_| is_number(&value)))
    }

    /// A boolean; `None` for null.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when it is something else.
    pub fn flag(self) -> Result<Option<bool>, DecodeError> {
        self.some(|value| match value.0 {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        })
    }

    /// An object; `None` for null.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when it is something else.
    pub fn object<T: FromJson<'b>>(self) -> Result<Option<T>, DecodeError> {
        if self.is_null() { Ok(None) } else { object(self.0).map(Some) }
    }

    /// An array, whose values are then found one after the other; `None` for null.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when it is something else.
    pub fn items(self) -> Result<Option<Items<'b>>, DecodeError> {
        self.some(|value| value.0.starts_with(b"[").then(|| Items { scanner: Scanner::inside_list(), rest: value.0 }))
    }

    fn some<V>(self, read: impl FnOnce(Self) -> Option<V>) -> Result<Option<V>, DecodeError> {
        if self.is_null() { Ok(None) } else { read(self).map(Some).ok_or(DecodeError::Json) }
    }
}

/// The values of an array.
#[derive(Clone, Debug)]
pub struct Items<'b> {
    scanner: Scanner,
    rest: &'b [u8],
}

impl<'b> Iterator for Items<'b> {
    type Item = Result<Value<'b>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.scanner.step(self.rest, true) {
            Ok(Step::Found { event: Event::Item { value, .. }, consumed }) => {
                let value = Value(self.rest.get(value).unwrap_or_default());
                self.rest = self.rest.get(consumed..).unwrap_or_default();
                Some(Ok(value))
            }
            Ok(Step::End) => None,
            other => {
                // One error is enough.
                *self = Items { scanner: Scanner::at_end(), rest: &[] };
                Some(Err(other.err().unwrap_or(DecodeError::Json)))
            }
        }
    }
}

/// A type that is read from an object, one member at a time, beginning with its default.
pub trait FromJson<'b>: Default {
    /// Takes a member, or ignores one that it does not know.
    ///
    /// # Errors
    /// [`DecodeError::Json`] when the value is not of the member's type.
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError>;

    /// Reads a text that is one object. An empty text is an empty object.
    ///
    /// # Errors
    /// [`DecodeError::Json`], [`DecodeError::Truncated`] or [`DecodeError::TooDeep`].
    fn from_json(text: &'b [u8]) -> Result<Self, DecodeError> {
        object(text)
    }
}

/// Reads a response that is an object. An empty body is an empty object.
///
/// # Errors
/// [`DecodeError::Json`], [`DecodeError::Truncated`] or [`DecodeError::TooDeep`].
pub(crate) fn object<'b, T: FromJson<'b>>(body: &'b [u8]) -> Result<T, DecodeError> {
    let mut object = T::default();
    // Generic code for each type, around a function that is linked once.
    members(body, &mut object)?;
    Ok(object)
}

/// Like [`FromJson`], as a trait object. A closure would do, but one that is called through `dyn` is compiled twice.
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

/// Bytes of the longest member name in any response, `InventoryRetrievalParameters`.
const LONGEST_NAME: usize = 28;

/// Resolves the escapes of a name; `None` when it has none, or is longer than any known name.
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
    use std::vec::Vec;

    #[test]
    fn each_type_accepts_only_its_own_values() {
        assert_eq!(Value(b"\"a\\n\"").text().unwrap().unwrap(), "a\n");
        assert_eq!(Value(b"18446744073709551615").number(), Ok(Some(u64::MAX)));
        assert_eq!(Value(b"true").flag(), Ok(Some(true)));
        for value in [&b"x"[..], b"-1", b"1.0", b"1e3", b"\"1\"", b"18446744073709551616", b"", b"007", b"00"] {
            assert_eq!(Value(value).number(), Err(DecodeError::Json), "{value:?}");
        }
        for value in [&b"\""[..], b"\"a", b"5", b"\"\\x\""] {
            assert_eq!(Value(value).text(), Err(DecodeError::Json), "{value:?}");
        }
        assert_eq!((Value(b"null").number(), Value(b"null").flag()), (Ok(None), Ok(None)));
    }

    #[test]
    fn arrays_are_iterated() {
        let items = |json: &'static [u8]| -> Vec<_> { Value(json).items().unwrap().unwrap().map(|v| v.map(Value::raw)).collect() };
        assert_eq!(items(b"[ 1 , [2,3],\"]\" ]"), [Ok(&b"1"[..]), Ok(b"[2,3]"), Ok(b"\"]\"")]);
        assert_eq!(items(b"[]"), []);
        assert_eq!(items(b"[1 2]"), [Ok(&b"1"[..]), Err(DecodeError::Json)]);
        assert!(Value(b"{}").items().is_err());
    }
}

#[cfg(test)]
mod object_tests {
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
    fn malformed_json_is_rejected() {
        for body in [&b"[]"[..], b"<html>", b"{}x", br#"{"name":5}"#, b"\xff", b"{\"\xff\":1}", b"{\"name\":\"\xff\"}"] {
            assert_eq!(object::<Sample<'_>>(body), Err(DecodeError::Json), "{body:?}");
        }
        assert_eq!(object::<Sample<'_>>(b"{"), Err(DecodeError::Truncated));
        let mut deep = std::vec::Vec::from(&br#"{"a":"#[..]);
        deep.extend([b'['; 100_000]);
        assert_eq!(object::<Sample<'_>>(&deep), Err(DecodeError::TooDeep));
    }
}
