//! A string of a response, borrowed from the buffer with its escapes.

use core::fmt::{self, Write};

/// A JSON string: [`Display`](fmt::Display) and [`chars`](Text::chars) resolve the escapes, and [`as_plain`](Text::as_plain) borrows it when there are none.
#[derive(Clone, Copy, Default)]
pub struct Text<'b> {
    raw: &'b str,
}

impl<'b> Text<'b> {
    /// A text that needs no escapes; `None` when `plain` has a backslash or a double quote.
    #[must_use]
    pub fn from_plain(plain: &'b str) -> Option<Self> {
        if plain.contains(['\\', '"']) { None } else { Some(Text { raw: plain }) }
    }

    /// The characters between the quotes; `None` when an escape is malformed or a control character is not escaped.
    #[must_use]
    pub fn from_escaped(raw: &'b str) -> Option<Self> {
        let mut rest = Unescape(raw);
        while let Some(character) = rest.step() {
            character.ok()?;
        }
        Some(Text { raw })
    }

    /// The text with its escapes.
    #[must_use]
    pub const fn raw(&self) -> &'b str {
        self.raw
    }

    /// The text itself, when it has no escapes, as with all ids, dates, hashes and names.
    #[must_use]
    pub fn as_plain(&self) -> Option<&'b str> {
        if self.raw.contains('\\') { None } else { Some(self.raw) }
    }

    /// The text's characters.
    pub fn chars(&self) -> impl Iterator<Item = char> + 'b {
        let mut rest = Unescape(self.raw);
        // The constructor has rejected malformed escapes.
        core::iter::from_fn(move || rest.step().and_then(Result::ok))
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_plain() {
            Some(plain) => f.write_str(plain),
            None => self.chars().try_for_each(|character| f.write_char(character)),
        }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.raw)
    }
}

/// Compares the texts, not how they were escaped.
impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

struct Unescape<'b>(&'b str);

/// An invalid escape, half a surrogate pair, or a control character that is not escaped.
struct Malformed;

impl Unescape<'_> {
    fn step(&mut self) -> Option<Result<char, Malformed>> {
        let mut chars = self.0.chars();
        let first = chars.next()?;
        self.0 = chars.as_str();
        Some(match first {
            '\\' => self.escape().ok_or(Malformed),
            // Control characters must be escaped.
            '\0'..' ' => Err(Malformed),
            _ => Ok(first),
        })
    }

    fn escape(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let kind = chars.next()?;
        self.0 = chars.as_str();
        Some(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(),
            _ => return None,
        })
    }

    /// `\uXXXX`, and the second one of a surrogate pair (RFC 8259, section 7).
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.0 = self.0.strip_prefix("\\u")?;
        let second = self.hex4().filter(|low| (0xdc00..0xe000).contains(low))?;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex4(&mut self) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(4)?;
        let value = digits.chars().try_fold(0, |value, digit| Some(value << 4 | digit.to_digit(16)?))?;
        self.0 = rest;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn escapes_are_decoded() {
        let text = Text::from_escaped(r#"a\"b\\\/\n\u00e9\ud83d\ude00"#).unwrap();
        assert_eq!(text.to_string(), "a\"b\\/\né😀");
        assert_eq!(text.as_plain(), None);
        assert_eq!(Text::from_escaped("plain").unwrap().as_plain(), Some("plain"));
        assert_eq!(Text::from_escaped(r"\u0041"), Text::from_plain("A"));
    }

    #[test]
    fn malformed_escapes_are_rejected() {
        for raw in [r"\", r"\x", r"\u12", r"\u12g4", r"\ud83d", r"\ud83dx", r"\ud83d\u0041", r"\ude00", r"\u+123", "a\tb", "\0"] {
            assert!(Text::from_escaped(raw).is_none(), "{raw}");
        }
    }
}
