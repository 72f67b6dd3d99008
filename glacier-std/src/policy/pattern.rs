//! Patterns with `*` for any characters and `?` for one.

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// This character.
    One(char),
    /// `?`
    AnyOne,
    /// `*`
    Any,
}

/// The pieces of a text in which `*` and `?` are wildcards.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    text.chars().map(piece).collect()
}

pub(super) fn piece(character: char) -> Piece {
    match character {
        '*' => Piece::Any,
        '?' => Piece::AnyOne,
        other => Piece::One(other),
    }
}

/// Whether the pattern stands for all of `text`. Takes at most the product of both lengths, whatever the number of stars.
pub(super) fn matches(pattern: &[Piece], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut position) = (0, 0);
    // Where to go on when the text does not fit: after the last star, which then stands for one character more.
    let mut star = None;
    loop {
        match (pattern.get(at), text.get(position)) {
            (None, None) => return true,
            (Some(Piece::Any), _) => {
                star = Some((at + 1, position));
                at += 1;
            }
            (Some(Piece::AnyOne), Some(_)) => (at, position) = (at + 1, position + 1),
            (Some(Piece::One(wanted)), Some(found)) if wanted == found => (at, position) = (at + 1, position + 1),
            _ => match star {
                Some((after, from)) if from < text.len() => {
                    star = Some((after, from + 1));
                    (at, position) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}

/// Whether a pattern, in which `*` and `?` are wildcards, stands for all of `text`, without regard to case.
pub(super) fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pieces(&pattern.to_lowercase()), &text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        matches(&pieces(pattern), text)
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text) in
            [("", ""), ("*", ""), ("a*", "a"), ("*b*a*", "xbya"), ("a?c", "abc"), ("**", "x"), ("*.tar", "a.tar.tar"), ("ü?", "üß")]
        {
            assert!(like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("?", ""), ("a", "A"), ("*b*a*", "xaybz"), ("a?", "a"), ("v?", "v12"), ("a.c", "abc")] {
            assert!(!like(pattern, text), "{pattern} {text}");
        }
        assert!(matches_ignoring_case("GLACIER:list*", "glacier:ListJobs"));
    }

    #[test]
    fn many_stars_end_quickly() {
        assert!(!like(&"*a".repeat(2_000), &"a".repeat(1_999)));
        assert!(!like("*a*a*a*a*b", &"a".repeat(10_000)));
    }
}
