//! Looking for a mark in a text, so that no panic is linked in.
//!
//! `str::split_once` and its kin slice inside the standard library, and for a `char` or a `str` the optimizer cannot see that the
//! slices are in bounds. What is here does the same with checks that give `None`.

/// The text before and behind the first `mark`, which is not empty.
pub(crate) fn split_once<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = (0..text.len()).find(|at| begins(text, *at, mark))?;
    around(text, at, mark)
}

/// The text before and behind the last `mark`, which is not empty.
pub(crate) fn rsplit_once<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = (0..text.len()).rev().find(|at| begins(text, *at, mark))?;
    around(text, at, mark)
}

/// Whether `mark`, which is not empty, stands somewhere in the text.
pub(crate) fn contains(text: &str, mark: &str) -> bool {
    (0..text.len()).any(|at| begins(text, at, mark))
}

/// The pieces between the marks.
pub(crate) fn split(text: &str, mark: char) -> impl Iterator<Item = &str> + Clone {
    // As a list of one, the mark is looked for without slices.
    text.split([mark])
}

fn begins(text: &str, at: usize, mark: &str) -> bool {
    text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(mark.as_bytes()))
}

fn around<'t>(text: &'t str, at: usize, mark: &str) -> Option<(&'t str, &'t str)> {
    Some((text.get(..at)?, text.get(at.checked_add(mark.len())?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn as_the_standard_library() {
        for text in ["", "=", "a=b", "a=b=c", "==", "é=ü", "a", "=a", "a="] {
            for mark in ["=", "==", "é", "b="] {
                assert_eq!(split_once(text, mark), text.split_once(mark), "{text:?} {mark:?}");
                assert_eq!(rsplit_once(text, mark), text.rsplit_once(mark), "{text:?} {mark:?}");
                assert_eq!(contains(text, mark), text.contains(mark), "{text:?} {mark:?}");
            }
            assert_eq!(split(text, '=').collect::<Vec<_>>(), text.split('=').collect::<Vec<_>>());
        }
    }
}
