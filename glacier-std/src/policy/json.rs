//! JSON that keeps the order of its members and accepts none twice, as the grammar of policies wants it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::PolicyError;

/// A JSON value. Numbers and booleans are kept as text, since conditions may have them with and without quotes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Scalar(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Parses a whole document.
    pub(super) fn parse(text: &str) -> Result<Json, PolicyError> {
        serde_json::from_str(text).map_err(|error| PolicyError::new(format_args!("this is not JSON: {error}")))
    }

    /// The members of an object; `what` names it in the error.
    pub(super) fn members(&self, what: &str) -> Result<&[(String, Json)], PolicyError> {
        match self {
            Json::Object(members) => Ok(members),
            other => Err(PolicyError::new(format_args!("{what} is a JSON object, not {}", other.kind()))),
        }
    }

    /// A string.
    pub(super) fn text(&self, what: &str) -> Result<&str, PolicyError> {
        match self {
            Json::Text(text) => Ok(text),
            other => Err(PolicyError::new(format_args!("{what} is a string, not {}", other.kind()))),
        }
    }

    /// A string, or a list of at least one.
    pub(super) fn texts(&self, what: &str) -> Result<Vec<&str>, PolicyError> {
        self.items(what)?.iter().map(|item| item.text(what)).collect()
    }

    /// A value, or a list of at least one, as a slice.
    pub(super) fn items(&self, what: &str) -> Result<&[Json], PolicyError> {
        match self {
            Json::List(items) if items.is_empty() => {
                Err(PolicyError::new(format_args!("{what} is an empty list: give at least one")))
            }
            Json::List(items) => Ok(items),
            one => Ok(std::slice::from_ref(one)),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Scalar(_) => "a number or boolean",
            Json::Text(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonVisitor;

        impl<'de> Visitor<'de> for JsonVisitor {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Scalar(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Scalar(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Scalar(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Scalar(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element()? {
                    items.push(item);
                }
                Ok(Json::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut members: Vec<(String, Json)> = Vec::new();
                let mut names = std::collections::HashSet::new();
                while let Some((name, value)) = access.next_entry::<String, Json>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format_args!("{name} occurs twice in one object")));
                    }
                    members.push((name, value));
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(JsonVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_booleans_are_text_and_members_keep_their_order() {
        let parsed = Json::parse(r#"{"b":true,"a":[365,-1,1.5,"x",null]}"#).unwrap();
        let scalar = |text: &str| Json::Scalar(text.into());
        let list = Json::List(vec![scalar("365"), scalar("-1"), scalar("1.5"), Json::Text("x".into()), Json::Null]);
        assert_eq!(parsed, Json::Object(vec![("b".into(), scalar("true")), ("a".into(), list)]));
    }

    #[test]
    fn what_is_no_json_or_has_a_member_twice_is_an_error() {
        for bad in ["", "{", "{} x", "{'a':1}", "[1,]"] {
            assert!(Json::parse(bad).unwrap_err().to_string().starts_with("this is not JSON"), "{bad}");
        }
        assert!(Json::parse(r#"{"a":1,"b":2,"a":1}"#).unwrap_err().to_string().contains("a occurs twice"));
        let deep = "[".repeat(100_000);
        assert!(Json::parse(&deep).is_err(), "no stack overflow");
    }

    #[test]
    fn a_value_stands_for_a_list_of_one() {
        assert_eq!(Json::parse(r#""a""#).unwrap().texts("Action"), Ok(vec!["a"]));
        assert_eq!(Json::parse(r#"["a","b"]"#).unwrap().texts("Action"), Ok(vec!["a", "b"]));
        assert_eq!(
            Json::parse("[]").unwrap().texts("Action").unwrap_err().to_string(),
            "Action is an empty list: give at least one"
        );
        assert_eq!(
            Json::parse("7").unwrap().texts("Action").unwrap_err().to_string(),
            "Action is a string, not a number or boolean"
        );
    }
}
