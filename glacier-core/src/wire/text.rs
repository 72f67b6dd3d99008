//! Searching and splitting text without linking a panic.
//!
//! `str::split_once` and similar functions slice inside the standard library, and for a `char` or a `str` the optimizer cannot see
//! that the slices are in bounds. The functions here do the same with checks that return `None`.

/// The text before and after the first `mark`; `mark` is not empty.
pub(crate) fn split_once<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = (0..text.len()).find(|at| begins(text, *at, mark))?;
    around(text, at, mark.len())
}

/// The text before and after the last `mark`, which is not empty.
pub(crate) fn rsplit_once<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = (0..text.len()).rev().find(|at| begins(text, *at, mark))?;
    around(text, at, mark.len())
}

/// Whether `mark`, which is not empty, occurs in the text.
pub(crate) fn contains(text: &str, mark: &str) -> bool {
    (0..text.len()).any(|at| begins(text, at, mark))
}

/// The pieces between the bytes that are marks; these are ASCII.
pub(crate) fn split(text: &str, is_mark: fn(u8) -> bool) -> Split<'_> {
    Split { rest: Some(text), is_mark }
}

/// See [`split`]. It is not generic over the mark, as each instance would take flash.
#[derive(Clone)]
pub(crate) struct Split<'t> {
    rest: Option<&'t str>,
    is_mark: fn(u8) -> bool,
}

impl<'t> Iterator for Split<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest?;
        let piece = rest.bytes().position(self.is_mark).and_then(|at| around(rest, at, 1));
        self.rest = piece.map(|(_, after)| after);
        Some(piece.map_or(rest, |(before, _)| before))
    }
}

fn begins(text: &str, at: usize, mark: &str) -> bool {
    text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(mark.as_bytes()))
}

fn around(text: &str, at: usize, mark: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at.checked_add(mark)?..)?))
}

pub(crate) fn decimal(text: &str) -> Option<u64> {
    // `u64::from_str` takes a leading `+`.
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn searching_agrees_with_the_standard_library() {
        for text in ["", "=", "a=b", "a=b=c", "==", "é=ü", "a", "=a", "a="] {
            for mark in ["=", "==", "é", "b="] {
                assert_eq!(split_once(text, mark), text.split_once(mark), "{text:?} {mark:?}");
                assert_eq!(rsplit_once(text, mark), text.rsplit_once(mark), "{text:?} {mark:?}");
                assert_eq!(contains(text, mark), text.contains(mark), "{text:?} {mark:?}");
            }
            assert_eq!(split(text, |byte| byte == b'=').collect::<Vec<_>>(), text.split('=').collect::<Vec<_>>());
        }
    }
}
