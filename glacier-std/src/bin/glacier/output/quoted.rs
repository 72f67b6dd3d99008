//! Words of a command line, quoted so that a shell reads them as they are.

use std::ffi::OsStr;

use super::printable::is_unprintable;

/// One word, for a POSIX shell; for cmd and PowerShell on Windows.
pub(crate) fn quoted(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    match word.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(is_plain) => text.into(),
        // What is unprintable would be replaced where the line is printed.
        Some(text) if !text.contains(is_unprintable) || cfg!(windows) => in_quotes(text),
        _ => escaped(word.as_encoded_bytes()),
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-+=.,:/@%".contains(c)
}

#[cfg(not(windows))]
fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(windows)]
fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

/// As `$'...'`, which POSIX has since 2024 and bash, zsh, ksh and busybox always had.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            // Three octal digits, as a digit that follows must not be taken for one of them.
            byte => out += &format!("\\{byte:03o}"),
        }
    }
    out + "'"
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_shell_reads_each_word_as_it_is() {
        for word in [
            &b"plain-word_1.tar"[..],
            b"",
            b"a b",
            b"it's",
            b"$HOME `x` \"y\" \\ * ~ # !",
            "\u{fc}ber 5\u{20ac} \u{202e}x".as_bytes(),
            b"line\nbreak\t7",
            b"\xff\xfe01",
        ] {
            let script = format!("printf %s {}", quoted(OsStr::from_bytes(word)));
            let printed = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(printed.stdout, word, "{script}");
            assert!(!script.contains(|c: char| c.is_control() || c == '\u{202e}'), "{script}");
        }
        assert_eq!(quoted("http://x:4566/a?b=1"), "'http://x:4566/a?b=1'");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("-abc/de.f:9"), "-abc/de.f:9");
    }
}
