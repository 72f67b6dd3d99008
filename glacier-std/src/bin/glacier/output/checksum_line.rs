//! Lines of checksum lists, in the format of sha256sum.

use std::ffi::{OsStr, OsString};

use glacier_core::TreeHash;

/// A file name on one line, and what goes before the line: a backslash if backslashes or line breaks in the name were escaped.
pub(crate) fn escape(name: &OsStr) -> (&'static str, Vec<u8>) {
    let bytes = name.as_encoded_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'\\' | b'\n' | b'\r')) {
        return ("", bytes.into());
    }
    let mut out = Vec::with_capacity(bytes.len() + 2);
    for byte in bytes {
        match byte {
            b'\\' => out.extend(b"\\\\"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            byte => out.push(*byte),
        }
    }
    ("\\", out)
}

/// Reads `HASH  FILE` or `HASH *FILE`.
pub(crate) fn parse(line: &[u8]) -> Option<(TreeHash, OsString)> {
    let (line, is_escaped) = line.strip_prefix(b"\\").map_or((line, false), |rest| (rest, true));
    let (hash, name) = line.split_at_checked(64)?;
    let name = name.strip_prefix(b"  ").or_else(|| name.strip_prefix(b" *")).filter(|name| !name.is_empty())?;
    let hash = std::str::from_utf8(hash).ok()?.parse().ok()?;
    Some((hash, os_string(if is_escaped { unescape(name)? } else { name.into() })?))
}

fn unescape(name: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => *byte,
        });
    }
    Some(out)
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn names_with_line_breaks_and_backslashes_round_trip() {
        for name in ["plain", "a\\b", "a\nb", "a\rb\\n", " * ", "ü"] {
            let (mark, shown) = escape(OsStr::new(name));
            assert!(!shown.contains(&b'\n'), "{name:?}");
            for space in ["  ", " *"] {
                let line = [mark.as_bytes(), HASH.as_bytes(), space.as_bytes(), &shown].concat();
                assert_eq!(parse(&line), Some((HASH.parse().unwrap(), name.into())), "{name:?}");
            }
        }
        assert_eq!(escape(OsStr::new("a\\b")), ("\\", b"a\\\\b".to_vec()));
    }

    #[test]
    fn invalid_lines_are_rejected() {
        let short = HASH.replace("e3", "e");
        for line in [
            "",
            HASH,
            &format!("{HASH} x"),
            &format!("{HASH}  "),
            &format!("{short}  x"),
            &format!("g{short}  x"),
            &format!("\\{HASH}  a\\x"),
            &format!("\\{HASH}  a\\"),
        ] {
            assert_eq!(parse(line.as_bytes()), None, "{line}");
        }
    }
}
