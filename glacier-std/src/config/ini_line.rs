//! One line of a shared file: its indentation, a section's header, a property, a comment.

use zeroize::Zeroizing;

/// A value may be a secret, so all are zeroed when they are dropped.
pub(super) type Value = Zeroizing<String>;

/// A line that says something, and by how many characters it is indented.
pub(super) struct Indented<'l> {
    pub(super) by: usize,
    pub(super) content: &'l str,
}

impl<'l> Indented<'l> {
    /// `None` for an empty line and a comment.
    pub(super) fn new(line: &'l str) -> Option<Self> {
        let content = line.trim();
        let by = line.chars().take_while(|c| c.is_whitespace()).count();
        (!content.is_empty() && !content.starts_with(['#', ';'])).then_some(Indented { by, content })
    }
}

/// The lines, which end with LF, CR LF or CR.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((line, after)) = rest.find(['\n', '\r']).and_then(|at| rest.split_at_checked(at)) else {
            return Some(std::mem::take(&mut rest));
        };
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or_default();
        Some(line)
    })
}

/// The name in `[NAME]`, which only a comment may follow.
pub(super) fn section_name(content: &str) -> Result<&str, &'static str> {
    let (name, after) = content.trim_start_matches('[').split_once(']').ok_or("a section must end with ]")?;
    let after = after.trim_start();
    if !after.is_empty() && !after.starts_with(['#', ';']) {
        return Err("only a comment may follow the ] of a section: begin a new line");
    }
    Some(name.trim()).filter(|name| !name.is_empty()).ok_or("a section must have a name")
}

/// `key = value` or `key: value`, the key in lower case.
pub(super) fn property(content: &str) -> Option<(String, Value)> {
    let (key, value) = content.split_once(['=', ':'])?;
    let key = key.trim().to_lowercase();
    let value = without_comment(value, key == "credential_process");
    (!key.is_empty()).then_some((key, value))
}

/// A value without the comment after it, which begins with white space and `#` or `;`; not within quotes, where the value has them.
pub(super) fn without_comment(value: &str, quotes: bool) -> Value {
    let mut quote = None;
    let mut before = ' ';
    let mut end = value.len();
    for (at, c) in value.char_indices() {
        match quote {
            _ if !quotes => {}
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        if quote.is_none() && matches!(c, '#' | ';') && before.is_whitespace() {
            end = at;
            break;
        }
        before = c;
    }
    Zeroizing::new(value.get(..end).unwrap_or(value).trim().to_owned())
}

/// Whether a property is one that this crate or the credentials' providers read; all of these have values of one line.
pub(super) fn known(key: &str) -> bool {
    const KNOWN: [&str; 26] = [
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "ca_bundle",
        "credential_process",
        "credential_source",
        "endpoint_url",
        "external_id",
        "ignore_configured_endpoint_urls",
        "login_session",
        "max_attempts",
        "mfa_serial",
        "output",
        "region",
        "retry_mode",
        "role_arn",
        "role_session_name",
        "services",
        "source_profile",
        "sso_account_id",
        "sso_role_name",
        "sso_session",
        "sso_start_url",
        "use_dualstack_endpoint",
        "use_fips_endpoint",
        "web_identity_token_file",
    ];
    KNOWN.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_on_every_platform() {
        assert_eq!(lines("a\nb\r\n\rc\r\r\nd").collect::<Vec<_>>(), ["a", "b", "", "c", "", "d"]);
        assert_eq!(lines("\n").collect::<Vec<_>>(), [""]);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn a_comment_begins_after_white_space_and_outside_of_a_commands_quotes() {
        for (value, quotes, kept) in [
            (" a#b;c # d", false, "a#b;c"),
            ("# all", false, ""),
            ("a\t; b", false, "a"),
            ("it's # here", false, "it's"),
            ("run 'a # b' \" ; \" # c", true, "run 'a # b' \" ; \""),
        ] {
            assert_eq!(without_comment(value, quotes).as_str(), kept, "{value}");
        }
    }
}
