//! The names of the condition operators.

use super::super::error::PolicyError;

/// What two values are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What the values of an operator are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    TextIgnoringCase,
    /// With `*` and `?`.
    TextLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Address,
    Arn,
    /// Whether the key is absent.
    Null,
}

/// How the values of a key with several are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// No set form: the key is taken for one value.
    One,
    ForAll,
    ForAny,
}

/// An operator, such as `ForAnyValue:StringNotLikeIfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) kind: Kind,
    pub(super) negated: bool,
    pub(super) set: Set,
    /// Holds when the key is absent.
    pub(super) if_exists: bool,
}

const NAMES: [(&str, Kind, bool); 27] = {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    [
        ("StringEquals", Kind::Text, false),
        ("StringNotEquals", Kind::Text, true),
        ("StringEqualsIgnoreCase", Kind::TextIgnoringCase, false),
        ("StringNotEqualsIgnoreCase", Kind::TextIgnoringCase, true),
        ("StringLike", Kind::TextLike, false),
        ("StringNotLike", Kind::TextLike, true),
        ("NumericEquals", Kind::Numeric(Equal), false),
        ("NumericNotEquals", Kind::Numeric(Equal), true),
        ("NumericLessThan", Kind::Numeric(Less), false),
        ("NumericLessThanEquals", Kind::Numeric(LessOrEqual), false),
        ("NumericGreaterThan", Kind::Numeric(Greater), false),
        ("NumericGreaterThanEquals", Kind::Numeric(GreaterOrEqual), false),
        ("DateEquals", Kind::Date(Equal), false),
        ("DateNotEquals", Kind::Date(Equal), true),
        ("DateLessThan", Kind::Date(Less), false),
        ("DateLessThanEquals", Kind::Date(LessOrEqual), false),
        ("DateGreaterThan", Kind::Date(Greater), false),
        ("DateGreaterThanEquals", Kind::Date(GreaterOrEqual), false),
        ("Bool", Kind::Bool, false),
        ("BinaryEquals", Kind::Binary, false),
        ("IpAddress", Kind::Address, false),
        ("NotIpAddress", Kind::Address, true),
        // The guide: ArnEquals and ArnLike behave alike.
        ("ArnEquals", Kind::Arn, false),
        ("ArnNotEquals", Kind::Arn, true),
        ("ArnLike", Kind::Arn, false),
        ("ArnNotLike", Kind::Arn, true),
        ("Null", Kind::Null, false),
    ]
};

impl Operator {
    pub(super) fn parse(name: &str) -> Result<Self, PolicyError> {
        let (set, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Set::ForAll, rest),
            Some(("ForAnyValue", rest)) => (Set::ForAny, rest),
            _ => (Set::One, name),
        };
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        match NAMES.iter().find(|(known, ..)| *known == base) {
            // It asks whether a key exists: neither form means anything with it.
            Some((_, Kind::Null, _)) if if_exists || set != Set::One => {
                Err(PolicyError::new(format_args!("{name}: Null is used alone")))
            }
            Some((_, kind, negated)) => Ok(Operator { kind: *kind, negated: *negated, set, if_exists }),
            None => Err(PolicyError::new(format_args!(
                "{name} is no condition operator: they are String, Numeric, Date, Bool, Binary, IpAddress, Arn and Null operators of the IAM user guide, such as NumericLessThan"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_forms() {
        let operator = Operator::parse("ForAnyValue:StringNotLikeIfExists").unwrap();
        assert_eq!(operator, Operator { kind: Kind::TextLike, negated: true, set: Set::ForAny, if_exists: true });
        assert!(Operator::parse("Null").is_ok());
        for bad in [
            "NullIfExists",
            "ForAllValues:Null",
            "ForSomeValues:StringEquals",
            "stringEquals",
            "IfExists",
            "",
            "BoolNot",
            "ForAllValues:",
        ] {
            assert!(Operator::parse(bad).unwrap_err().to_string().contains(bad));
        }
    }
}
