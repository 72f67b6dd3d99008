//! Text that may come from anywhere, made safe to print: what a terminal would obey, or not show, is written out.
//!
//! A service, a file name or a configuration file can hold escape sequences (also as single characters, U+0080 to U+009F), marks that
//! reverse the direction of what follows, and characters without width that make two ids look alike. As `ls` does, names in results
//! are made safe for a terminal and left alone in a pipe; what a service says is made safe in both, since a pipe often ends in a
//! terminal and no true id, name or description holds such characters. JSON has all of them, as `\uXXXX`.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character must not reach a terminal: control characters, line and paragraph separators, and Unicode's format
/// characters, among them all that change the direction of text and all without width.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The text on one line: tabs and line breaks become spaces, other unprintable characters `\u{9b}` and the like.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ => None,
    })
}

/// The same for a text of several lines.
pub(super) fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| matches!(c, '\n' | '\t').then_some(c))
}

/// The same for bytes of lines, such as those with file names. Bytes that are not UTF-8 are shown as `\x9b`.
pub(super) fn printable_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out += &printable_lines(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn escaped(text: &str, instead: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match instead(c) {
            _ if !is_unprintable(c) => out.push(c),
            Some(c) => out.push(c),
            None => out.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_of_any_script_is_not_touched() {
        for text in [
            "",
            "NkbByEejwEggmBz2fTHgJrg0XBoDfjP4q6iu87-TjhqG6eGoOY9Z8i1",
            "Fotos 2025, Übersicht",
            "日本語 العربية עברית",
            "\u{e9}|~",
        ] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text), "{text:?}");
            assert_eq!(printable_bytes(text.as_bytes()), text);
        }
    }

    #[test]
    fn line_breaks_become_spaces_and_what_a_terminal_obeys_is_written_out() {
        assert_eq!(printable("a\r\nb\tc\u{2028}d\u{85}e"), "a  b c d e");
        assert_eq!(printable("a\u{1b}[31mb\u{7}\0\u{7f}"), r"a\u{1b}[31mb\u{7}\u{0}\u{7f}");
        assert_eq!(printable("\u{9b}2J\u{90}q\u{9c}"), r"\u{9b}2J\u{90}q\u{9c}");
        assert_eq!(
            printable("txt.\u{202e}exe\u{202c} \u{2066}x\u{2069}\u{200f}"),
            r"txt.\u{202e}exe\u{202c} \u{2066}x\u{2069}\u{200f}"
        );
        assert_eq!(
            printable("a\u{200b}\u{200d}\u{feff}\u{2060}\u{ad}b\u{e0041}"),
            r"a\u{200b}\u{200d}\u{feff}\u{2060}\u{ad}b\u{e0041}"
        );
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(printable_lines("a\n\tb\r\u{1b}c\n"), "a\n\tb\\u{d}\\u{1b}c\n");
        assert_eq!(printable_bytes(b"a\xff\x9b b\xc2\x9b\n"), "a\\xff\\x9b b\\u{9b}\n");
    }

    /// Every character of the general categories Cc, Cf, Zl and Zp up to Unicode 16, from its data file.
    #[test]
    fn all_format_characters_are_unprintable() {
        let ranges = [
            (0x00, 0x1f),
            (0x7f, 0x9f),
            (0xad, 0xad),
            (0x600, 0x605),
            (0x61c, 0x61c),
            (0x6dd, 0x6dd),
            (0x70f, 0x70f),
            (0x890, 0x891),
            (0x8e2, 0x8e2),
            (0x180e, 0x180e),
            (0x200b, 0x200f),
            (0x2028, 0x2029),
            (0x202a, 0x202e),
            (0x2060, 0x2064),
            (0x2066, 0x206f),
            (0xfeff, 0xfeff),
            (0xfff9, 0xfffb),
            (0x110bd, 0x110bd),
            (0x110cd, 0x110cd),
            (0x13430, 0x1343f),
            (0x1bca0, 0x1bca3),
            (0x1d173, 0x1d17a),
            (0xe0001, 0xe0001),
            (0xe0020, 0xe007f),
        ];
        for c in ranges.into_iter().flat_map(|(first, last)| first..=last).filter_map(char::from_u32) {
            assert!(is_unprintable(c), "U+{:04X}", c as u32);
        }
        for c in [' ', '~', '\u{a0}', '\u{e9}', '\u{2027}', '\u{202f}', '\u{205f}', '\u{3000}', '\u{fffd}', '\u{1f600}'] {
            assert!(!is_unprintable(c), "U+{:04X}", c as u32);
        }
    }
}
