//! Descriptions that are JSON objects with a path: CloudBerry's, and those of a NAS.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::stored_name::{Details, Format, Problem, StoredName};
use super::{time, utf7};

/// Reads a JSON object with a path; `None` if the text is none.
pub(super) fn read(text: &str) -> Option<(Format, StoredName)> {
    if !(text.starts_with('{') && text.ends_with('}')) {
        return None;
    }
    let members: Members = serde_json::from_str(text).ok()?;
    let path = members.get("Path")?.as_str()?;
    let (date, flags) = (members.get("UTCDateModified"), members.get("Flags"));
    if date.is_none() && flags.is_none() {
        let kind = members.get("type").and_then(Value::as_str).map(str::to_owned);
        return Some((Format::Json, StoredName::new(path.to_owned(), Details::Json { kind })));
    }
    let mut stored = StoredName::new(String::new(), Details::None);
    stored.name = stored.take(utf7::decode(path), Problem::Utf7).unwrap_or_else(|| path.to_owned());
    stored.mtime = match date {
        None | Some(Value::Null) => None,
        Some(date) => stored.take(date.as_str().and_then(time::parse), Problem::Mtime),
    };
    let flags = match flags {
        None | Some(Value::Null) => None,
        Some(flags) => stored.take(flags.as_u64().and_then(|flags| flags.try_into().ok()), Problem::Flags),
    };
    stored.details = Details::CloudBerry { flags };
    Some((Format::CloudBerry, stored))
}

/// The members in their order; of two with one name the last.
struct Members(Vec<(String, Value)>);

impl Members {
    /// The member of this name, or the first that differs in case only.
    fn get(&self, name: &str) -> Option<&Value> {
        let find = |fits: &dyn Fn(&str) -> bool| self.0.iter().find(|(known, _)| fits(known)).map(|(_, value)| value);
        find(&|known| known == name).or_else(|| find(&|known| known.eq_ignore_ascii_case(name)))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Value)> = Vec::new();
                let mut places: HashMap<String, usize> = HashMap::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    match places.get(&name) {
                        Some(place) => members[*place].1 = value,
                        None => {
                            places.insert(name.clone(), members.len());
                            members.push((name, value));
                        }
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_it_one_and_which_member_counts() {
        let (format, stored) = read(r#"{"path":"x","Path":"a","Path":"b+AF8-","FLAGS":4294967296}"#).unwrap();
        assert_eq!((format, stored.name.as_str()), (Format::CloudBerry, "b_"));
        assert_eq!((stored.details, stored.problems), (Details::CloudBerry { flags: None }, vec![Problem::Flags]));
        let (format, stored) = read(r#"{"path":"a+AF8-","Type":1}"#).unwrap();
        assert_eq!((format, stored.name.as_str(), stored.details), (Format::Json, "a+AF8-", Details::Json { kind: None }));
        for plain in ["{}", "[]", r#"{"Path":7,"Flags":1}"#, r#"{"Path":"a",}"#, "{", r#"{"Path":"a"} {}"#] {
            assert!(read(plain).is_none(), "{plain}");
        }
    }
}
