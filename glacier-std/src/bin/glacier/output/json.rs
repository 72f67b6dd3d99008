//! JSON in which every unprintable character is written as `\uXXXX`: it says exactly what the service said, and a terminal shows it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::printable::is_unprintable;

/// Writes a value, without a line break.
pub(super) fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Escaping)).map_err(Into::into)
}

/// Compact JSON. What JSON itself requires to be escaped, serde_json escapes; this adds what a terminal may not get.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unprintable) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            let mut chars = from.chars();
            for unit in chars.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        write_json(&mut out, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn unprintable_characters_are_escaped_in_keys_and_values() {
        let text = "a\u{9b}2J\u{202e}b\u{7f}\u{2028}\u{feff}\u{e0041}";
        assert_eq!(json(&text), r#""a\u009b2J\u202eb\u007f\u2028\ufeff\udb40\udc41""#);
        assert_eq!(serde_json::from_str::<String>(&json(&text)).unwrap(), text);
        assert_eq!(json(&serde_json::json!({ "\u{200f}": ["é", 1, null] })), r#"{"\u200f":["é",1,null]}"#);
    }

    #[test]
    fn what_json_requires_is_escaped_as_ever() {
        assert_eq!(json(&"\"\\\n\u{1b}\0"), r#""\"\\\n\u001b\u0000""#);
        assert_eq!(json(&"plain ü"), "\"plain ü\"");
    }
}
