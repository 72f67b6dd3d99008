//! One value of a condition: what it is, and which values of a key it is true of.

use super::super::arn::parts;
use super::super::context::ConditionContext;
use super::super::error::PolicyError;
use super::super::pattern::{Piece, matches};
use super::super::variables::{arn_parts, expand};
use super::address::AddressRange;
use super::date::Moment;
use super::number::Number;
use super::operator::{Comparison, Kind};

/// A value that the policy compares with.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Text(String),
    TextIgnoringCase(String),
    TextLike(String),
    Arn(String),
    Numeric(Comparison, Number),
    Date(Comparison, Moment),
    /// `Bool`, and `Null` with what it asks.
    Bool(bool),
    Binary(String),
    Address(AddressRange),
}

impl Test {
    /// A value has to fit its operator.
    pub(super) fn parse(kind: Kind, value: &str) -> Result<Self, PolicyError> {
        let parsed = match kind {
            Kind::Text => Some(Test::Text(value.into())),
            Kind::TextIgnoringCase => Some(Test::TextIgnoringCase(value.into())),
            Kind::TextLike => Some(Test::TextLike(value.into())),
            Kind::Arn => Some(Test::Arn(value.into())),
            Kind::Binary => Some(Test::Binary(value.into())),
            Kind::Numeric(comparison) => Number::parse(value).map(|number| Test::Numeric(comparison, number)),
            Kind::Date(comparison) => Moment::parse(value).map(|moment| Test::Date(comparison, moment)),
            Kind::Bool | Kind::Null => boolean(value).map(Test::Bool),
            Kind::Address => AddressRange::parse(value).map(Test::Address),
        };
        parsed.ok_or_else(|| {
            let wanted = match kind {
                Kind::Numeric(_) => "a number, such as 365",
                Kind::Date(_) => "a date, such as 2030-01-01T00:00:00Z or seconds since 1970",
                Kind::Address => "an IP address or range, such as 203.0.113.0/24",
                _ => "true or false",
            };
            PolicyError::new(format_args!("{value:?} is not {wanted}"))
        })
    }

    /// Whether it is true of one value of a key. A value that cannot be read as the operator wants it is like none.
    pub(super) fn holds(&self, found: &str, with_variables: bool, context: &ConditionContext) -> bool {
        let expanded = |text: &str| expand(text, with_variables, context);
        let literal = |text: &str| expanded(text).map(|pieces| pieces.iter().map(character).collect::<String>());
        match self {
            Test::Text(text) => literal(text).is_some_and(|text| text == found),
            Test::TextIgnoringCase(text) => literal(text).is_some_and(|text| text.to_lowercase() == found.to_lowercase()),
            Test::TextLike(text) => expanded(text).is_some_and(|pattern| matches(&pattern, found)),
            Test::Arn(text) => match (arn_parts(text, with_variables), parts(found)) {
                (Some(patterns), Some(found)) => patterns
                    .iter()
                    .zip(found)
                    .all(|(pattern, found)| expanded(pattern).is_some_and(|pattern| matches(&pattern, found))),
                _ => false,
            },
            Test::Numeric(comparison, number) => Number::parse(found).is_some_and(|found| comparison.holds(&found, number)),
            Test::Date(comparison, moment) => Moment::parse(found).is_some_and(|found| comparison.holds(&found, moment)),
            Test::Bool(wanted) => boolean(found) == Some(*wanted),
            Test::Binary(text) => text == found,
            Test::Address(range) => range.contains(found),
        }
    }
}

/// In operators without wildcards, `*` and `?` are characters like others.
fn character(piece: &Piece) -> char {
    match piece {
        Piece::One(character) => *character,
        Piece::Any => '*',
        Piece::AnyOne => '?',
    }
}

impl Comparison {
    fn holds<V: Ord>(self, found: &V, value: &V) -> bool {
        match self {
            Comparison::Equal => found == value,
            Comparison::Less => found < value,
            Comparison::LessOrEqual => found <= value,
            Comparison::Greater => found > value,
            Comparison::GreaterOrEqual => found >= value,
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    match () {
        () if text.eq_ignore_ascii_case("true") => Some(true),
        () if text.eq_ignore_ascii_case("false") => Some(false),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(kind: Kind, value: &str, found: &str) -> bool {
        let context = ConditionContext::new().with("aws:username", ["arch*:x"]);
        Test::parse(kind, value).unwrap().holds(found, true, &context)
    }

    #[test]
    fn wildcards_work_where_the_operator_has_them() {
        assert!(holds(Kind::Text, "tape*", "tape*") && !holds(Kind::Text, "tape*", "tape-robot"));
        assert!(holds(Kind::TextLike, "tape*", "tape-robot") && !holds(Kind::TextLike, "Tape*", "tape-robot"));
        assert!(holds(Kind::TextIgnoringCase, "ZÜRICH", "zürich") && !holds(Kind::TextIgnoringCase, "Z*", "zürich"));
    }

    #[test]
    fn arns_are_compared_by_their_parts() {
        let found = "arn:aws:sns:us-west-2:111122223333:a:b";
        assert!(holds(Kind::Arn, "arn:aws:sns:*:111122223333:a:*", found));
        assert!(
            !holds(Kind::Arn, "arn:aws:sns:*:a:b", found)
                && !holds(Kind::Arn, "arn:aws:*:b", found)
                && !holds(Kind::Arn, "*", found)
        );
        assert!(holds(Kind::Arn, "arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:iam::111122223333:user/arch*:x"));
        assert!(!holds(Kind::Arn, "arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:iam::111122223333:user/arch:x"));
    }

    #[test]
    fn values_have_to_fit_their_operator_and_what_is_found_need_not() {
        for (kind, bad) in [
            (Kind::Numeric(Comparison::Less), "ten"),
            (Kind::Date(Comparison::Less), "soon"),
            (Kind::Bool, "yes"),
            (Kind::Null, ""),
            (Kind::Address, "here"),
            (Kind::Numeric(Comparison::Less), "${aws:username}"),
        ] {
            assert!(Test::parse(kind, bad).unwrap_err().to_string().starts_with(&format!("{bad:?} is not ")));
        }
        assert!(!holds(Kind::Numeric(Comparison::Less), "10", "ten") && !holds(Kind::Bool, "true", "yes"));
        assert!(!holds(Kind::Date(Comparison::Equal), "0", "soon") && !holds(Kind::Address, "::/0", "here"));
    }
}
