//! A command line as the words that a shell would make of it, without running one: as botocore splits a `credential_process`.

use zeroize::Zeroizing;

/// A word may be a secret, such as a token on the command line.
pub(super) type Word = Zeroizing<String>;

/// The words of `line`, with this platform's quoting.
///
/// # Errors
/// What is wrong, without the text.
pub(super) fn split(line: &str) -> Result<Vec<Word>, &'static str> {
    if cfg!(windows) { split_windows(line) } else { split_posix(line) }
}

const UNCLOSED: &str = "it has a quote that is not closed";

/// Python's `shlex.split`: quotes of both kinds, and a backslash for the next character, outside of single quotes.
fn split_posix(line: &str) -> Result<Vec<Word>, &'static str> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<Word>, None::<char>);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let space = matches!(c, ' ' | '\t' | '\r' | '\n');
        match quote {
            None if space => words.extend(word.take()),
            None if matches!(c, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            Some(open) if c == open => quote = None,
            None if c == '\\' => {
                let next = chars.next().ok_or("it ends with a backslash")?;
                word.get_or_insert_default().push(next);
            }
            Some('"') if c == '\\' => {
                let next = chars.next().ok_or(UNCLOSED)?;
                let word = word.get_or_insert_default();
                if !matches!(next, '\\' | '"') {
                    word.push('\\');
                }
                word.push(next);
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(UNCLOSED);
    }
    words.extend(word);
    Ok(words)
}

/// The rules of the Windows C runtime: double quotes only, and backslashes are special only before one.
fn split_windows(line: &str) -> Result<Vec<Word>, &'static str> {
    let (mut words, mut word, mut quoted, mut backslashes) = (Vec::new(), None::<Word>, false, 0usize);
    for c in line.chars() {
        if c == '\\' {
            backslashes += 1;
            continue;
        }
        let kept = if c == '"' { backslashes / 2 } else { backslashes };
        if kept > 0 {
            word.get_or_insert_default().push_str(&"\\".repeat(kept));
        }
        let escaped = backslashes % 2 == 1;
        backslashes = 0;
        match c {
            '"' if escaped => word.get_or_insert_default().push('"'),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        return Err(UNCLOSED);
    }
    if backslashes > 0 {
        word.get_or_insert_default().push_str(&"\\".repeat(backslashes));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(split: fn(&str) -> Result<Vec<Word>, &'static str>, line: &str) -> Option<Vec<String>> {
        Some(split(line).ok()?.iter().map(|word| word.to_string()).collect())
    }

    /// Expected values: `shlex.split` of Python 3.11.
    #[test]
    fn as_shlex_does() {
        let cases: &[(&str, Option<&[&str]>)] = &[
            ("/bin/x", Some(&["/bin/x"])),
            ("/bin/x  a\tb\r\nc ", Some(&["/bin/x", "a", "b", "c"])),
            ("\"/opt/my tool/x\" --a", Some(&["/opt/my tool/x", "--a"])),
            ("/opt/my\\ tool/x", Some(&["/opt/my tool/x"])),
            ("'a b' 'c\\d' ''", Some(&["a b", "c\\d", ""])),
            ("a\"b c\"d", Some(&["ab cd"])),
            ("\"a\\\"b\" \"c\\\\d\" \"e\\nf\" \"g\\$h\"", Some(&["a\"b", "c\\d", "e\\nf", "g\\$h"])),
            ("'it'\\''s'", Some(&["it's"])),
            ("a # b", Some(&["a", "#", "b"])),
            ("a;b && c | d $HOME `x` *", Some(&["a;b", "&&", "c", "|", "d", "$HOME", "`x`", "*"])),
            ("\"\"", Some(&[""])),
            ("\"a", None),
            ("'a", None),
            ("a\\", None),
            ("\"a\\", None),
            ("", Some(&[])),
            ("  ", Some(&[])),
            ("é ü", Some(&["é", "ü"])),
            ("a\\\nb", Some(&["a\nb"])),
        ];
        for (line, expected) in cases {
            assert_eq!(
                words(split_posix, line),
                expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect()),
                "{line}"
            );
        }
    }

    /// Expected values: `botocore.compat._windows_shell_split` of botocore 1.44.8.
    #[test]
    fn as_botocore_does_on_windows() {
        let cases: &[(&str, Option<&[&str]>)] = &[
            ("C:\\x\\y.exe a", Some(&["C:\\x\\y.exe", "a"])),
            ("\"C:\\Program Files\\x.exe\" --a", Some(&["C:\\Program Files\\x.exe", "--a"])),
            ("a\\\"b c", Some(&["a\"b", "c"])),
            ("\"a\\\\\" b", Some(&["a\\", "b"])),
            ("\"a\\\\\\\"b\"", Some(&["a\\\"b"])),
            ("'a b'", Some(&["'a", "b'"])),
            ("\"\"", Some(&[""])),
            ("a \"\" b", Some(&["a", "", "b"])),
            ("\"a", None),
            ("a\\", Some(&["a\\"])),
            ("a\\\\ b", Some(&["a\\\\", "b"])),
            ("", Some(&[])),
            ("  a\t b ", Some(&["a", "b"])),
            ("a\\b\"c d\"e", Some(&["a\\bc de"])),
        ];
        for (line, expected) in cases {
            assert_eq!(
                words(split_windows, line),
                expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect()),
                "{line}"
            );
        }
    }
}
