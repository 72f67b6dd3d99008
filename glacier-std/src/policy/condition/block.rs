//! The condition block of a statement: all of its operators and keys have to hold, and of the values of a key one.

use super::super::context::ConditionContext;
use super::super::error::PolicyError;
use super::super::json::Json;
use super::operator::{Kind, Operator, Set};
use super::test::Test;

/// `Condition`.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Conditions {
    conditions: Vec<Condition>,
    with_variables: bool,
}

#[derive(Clone, Debug)]
struct Condition {
    operator: Operator,
    /// In lower case: keys ignore case.
    key: String,
    tests: Vec<Test>,
}

impl Conditions {
    pub(in super::super) fn parse(value: &Json, with_variables: bool) -> Result<Self, PolicyError> {
        let mut conditions = Vec::new();
        for (name, keys) in value.members("Condition")? {
            let operator = Operator::parse(name)?;
            for (key, values) in keys.members(&format!("Condition {name}"))? {
                check_key(key).map_err(|error| error.within(name))?;
                let tests = values
                    .items(&format!("{name} {key}"))?
                    .iter()
                    .map(|value| match value {
                        Json::Text(text) | Json::Scalar(text) => Test::parse(operator.kind, text),
                        other => {
                            Err(PolicyError::new(format_args!("a value is a string, a number or a boolean, not {}", other.kind())))
                        }
                    })
                    .collect::<Result<_, _>>()
                    .map_err(|error| error.within(format_args!("{name} {key}")))?;
                conditions.push(Condition { operator, key: key.to_lowercase(), tests });
            }
        }
        Ok(Conditions { conditions, with_variables })
    }

    /// Whether all of them hold for a request.
    pub(in super::super) fn hold(&self, context: &ConditionContext) -> bool {
        self.conditions.iter().all(|condition| condition.holds(self.with_variables, context))
    }
}

impl Condition {
    fn holds(&self, with_variables: bool, context: &ConditionContext) -> bool {
        let Operator { kind, negated, set, if_exists } = self.operator;
        let found = context.values(&self.key);
        if kind == Kind::Null {
            return self
                .tests
                .iter()
                .any(|test| test.holds(if found.is_none() { "true" } else { "false" }, with_variables, context));
        }
        let Some(found) = found else {
            return if_exists || set == Set::ForAll || negated && set == Set::One;
        };
        let any_test = |value: &String| self.tests.iter().any(|test| test.holds(value, with_variables, context));
        match set {
            Set::One => found.iter().any(any_test) != negated,
            Set::ForAll => found.iter().all(|value| any_test(value) != negated),
            Set::ForAny => found.iter().any(|value| any_test(value) != negated),
        }
    }
}

/// A key has a prefix. Of this service's own only those that it documents exist; whether it knows a global one is left open.
fn check_key(key: &str) -> Result<(), PolicyError> {
    let known = match key.to_lowercase().split_once(':') {
        Some(("aws", name)) => !name.is_empty(),
        Some(("glacier", "archiveageindays")) => true,
        Some(("glacier", name)) => name.strip_prefix("resourcetag/").is_some_and(|tag| !tag.is_empty()),
        _ => false,
    };
    if known {
        return Ok(());
    }
    Err(PolicyError::new(format_args!(
        "{key} is no condition key: use glacier:ArchiveAgeInDays, glacier:ResourceTag/TAG or a global one that begins with aws:"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(block: &str, values: Option<&[&str]>) -> bool {
        let context = match values {
            Some(values) => ConditionContext::new().with("aws:TagKeys", values.iter().copied()),
            None => ConditionContext::new(),
        };
        Conditions::parse(&Json::parse(block).unwrap(), true).unwrap().hold(&context)
    }

    #[test]
    fn absent_and_empty_and_sets() {
        let block = |operator: &str| format!(r#"{{"{operator}":{{"AWS:tagkeys":["a","b"]}}}}"#);
        let table: [(&str, [bool; 5]); 9] = [
            // absent, empty, a, x, a and x
            ("StringEquals", [false, false, true, false, true]),
            ("StringEqualsIfExists", [true, false, true, false, true]),
            ("StringNotEquals", [true, true, false, true, false]),
            ("ForAllValues:StringEquals", [true, true, true, false, false]),
            ("ForAllValues:StringNotEquals", [true, true, false, true, false]),
            ("ForAnyValue:StringEquals", [false, false, true, false, true]),
            ("ForAnyValue:StringEqualsIfExists", [true, false, true, false, true]),
            ("ForAnyValue:StringNotEquals", [false, false, false, true, true]),
            ("ForAnyValue:StringNotEqualsIfExists", [true, false, false, true, true]),
        ];
        for (operator, expected) in table {
            let inputs = [None, Some(&[][..]), Some(&["a"][..]), Some(&["x"][..]), Some(&["a", "x"][..])];
            assert_eq!(inputs.map(|values| hold(&block(operator), values)), expected, "{operator}");
        }
        assert!(hold(r#"{"Null":{"aws:TagKeys":"true"}}"#, None) && hold(r#"{"Null":{"aws:TagKeys":false}}"#, Some(&[])));
        assert!(hold("{}", None) && hold(r#"{"StringEquals":{}}"#, None));
    }

    #[test]
    fn what_cannot_be_asked_is_named() {
        for (block, named) in [
            (r#"[]"#, "Condition"),
            (r#"{"StringEquals":[]}"#, "StringEquals"),
            (r#"{"StringEquals":{"ArchiveAgeInDays":"1"}}"#, "ArchiveAgeInDays"),
            (r#"{"StringEquals":{"s3:prefix":"1"}}"#, "s3:prefix"),
            (r#"{"StringEquals":{"glacier:Age":"1"}}"#, "glacier:Age"),
            (r#"{"StringEquals":{"glacier:ResourceTag/":"1"}}"#, "glacier:ResourceTag/"),
            (r#"{"StringEquals":{"aws:UserAgent":[]}}"#, "aws:UserAgent"),
            (r#"{"StringEquals":{"aws:UserAgent":[["a"]]}}"#, "aws:UserAgent"),
            (r#"{"Bool":{"aws:SecureTransport":"yes"}}"#, "yes"),
        ] {
            let error = Conditions::parse(&Json::parse(block).unwrap(), true).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
