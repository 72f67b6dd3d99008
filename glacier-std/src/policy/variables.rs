//! Policy variables: `${key}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}` for the characters themselves. The language of
//! 2012-10-17 has them, the older one does not.
//!
//! Source: "IAM policy elements: Variables and tags", IAM user guide.

use super::context::ConditionContext;
use super::pattern::{Piece, piece};

/// What a text of the policy means for this request: its wildcards, and the values of its variables, in which nothing is a wildcard.
/// `None` when a variable has no value: such a text equals nothing.
pub(super) fn expand(text: &str, with_variables: bool, context: &ConditionContext) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((variable, after)) = rest.strip_prefix("${").filter(|_| with_variables).and_then(until_brace) {
            pieces.extend(value(variable.trim(), context)?.chars().map(Piece::One));
            rest = after;
        } else {
            pieces.push(piece(character));
            rest = &rest[character.len_utf8()..];
        }
    }
    Some(pieces)
}

/// The six parts of an ARN in a policy. A colon in the name of a variable separates nothing.
pub(super) fn arn_parts(text: &str, with_variables: bool) -> Option<[&str; 6]> {
    let mut parts = [""; 6];
    let (mut rest, mut at) = (text, 0);
    let mut end = 0;
    while at < 5 {
        let tail = rest.get(end..).filter(|tail| !tail.is_empty())?;
        if let Some((variable, _)) = tail.strip_prefix("${").filter(|_| with_variables).and_then(until_brace) {
            end += variable.len() + 3;
        } else if let Some(after) = tail.strip_prefix(':') {
            (parts[at], rest, end) = (&rest[..end], after, 0);
            at += 1;
        } else {
            end += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    parts[5] = rest;
    Some(parts)
}

/// Splits at the closing brace; one within quotes does not close.
fn until_brace(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

fn value(variable: &str, context: &ConditionContext) -> Option<String> {
    if matches!(variable, "*" | "?" | "$") {
        return Some(variable.to_owned());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key.trim_end(), Some(default.trim())),
        None => (variable, None),
    };
    match context.values(&key.to_lowercase()) {
        // Which of several values is meant nobody could say.
        Some([one]) => Some(one.clone()),
        Some([_, _, ..]) => None,
        Some([]) | None => Some(default?.strip_prefix('\'')?.strip_suffix('\'')?.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pattern::matches;

    fn like(pattern: &str, text: &str) -> bool {
        let context = ConditionContext::new().with("aws:username", ["arch*"]).with("aws:TagKeys", ["a", "b"]);
        expand(pattern, true, &context).is_some_and(|pieces| matches(&pieces, text))
    }

    #[test]
    fn variables_have_values_defaults_or_none() {
        assert!(like("x-${AWS:UserName}", "x-arch*") && !like("${aws:username}", "archive"));
        assert!(like("${aws:none, 'no}body'}!", "no}body!") && !like("${aws:none}", "") && !like("${aws:none, nobody}", "nobody"));
        assert!(like("${aws:username, 'other'}", "arch*"));
        assert!(!like("${aws:TagKeys}", "a"), "several values");
        assert!(like("a${*}b${?}${$}*", "a*b?$ and more") && !like("a${*}b", "axb"));
        assert!(like("${aws:username", "${aws:username"), "not closed, so not a variable");
    }

    #[test]
    fn a_variable_in_an_arn_separates_nothing() {
        let arn = "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}:x";
        assert_eq!(arn_parts(arn, true), Some(["arn", "aws", "iam", "", "${aws:PrincipalAccount}", "user/${aws:username}:x"]));
        assert_eq!(arn_parts(arn, false), Some(["arn", "aws", "iam", "", "${aws", "PrincipalAccount}:user/${aws:username}:x"]));
        assert_eq!(arn_parts("arn:aws:iam::", true), None);
        assert_eq!(arn_parts("arn:aws:ü:::", true), Some(["arn", "aws", "ü", "", "", ""]));
    }

    #[test]
    fn the_older_language_has_none() {
        let pieces = expand("${aws:username}", false, &ConditionContext::new().with("aws:username", ["x"])).unwrap();
        assert!(matches(&pieces, "${aws:username}"));
    }
}
