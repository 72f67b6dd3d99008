//! The tags of a vault.

use std::collections::BTreeMap;

use glacier_core::ErrorCode;
use serde::{Deserialize, Serialize};

use super::api_error::ApiError;

/// Tags of a vault, at most.
const MAX_TAGS: usize = 50;
/// Tags or keys of one request, at most.
const MAX_IN_REQUEST: usize = 10;
/// Characters of a key and of a value, at most.
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

/// The tags of a vault, by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Adds tags, or gives those that are there other values: all of them, or none.
    pub(crate) fn add(&mut self, tags: BTreeMap<String, String>) -> Result<(), ApiError> {
        check_count(tags.len(), "Tags")?;
        for (key, value) in &tags {
            check_key(key)?;
            check_text(value, MAX_VALUE).map_err(|problem| {
                ApiError::invalid(format!("Invalid value of the tag {key}: {problem}. A value has up to {MAX_VALUE} {CHARACTERS}"))
            })?;
        }
        let new = tags.keys().filter(|key| !self.0.contains_key(*key)).count();
        if self.0.len() + new > MAX_TAGS {
            let message = format!("A vault has at most {MAX_TAGS} tags; this one has {}: remove some first", self.0.len());
            return Err(ApiError::new(ErrorCode::LimitExceeded, message));
        }
        self.0.extend(tags);
        Ok(())
    }

    /// The tags, by their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Removes tags. It is not an error if there are none with these keys.
    pub(crate) fn remove(&mut self, keys: &[String]) -> Result<(), ApiError> {
        check_count(keys.len(), "TagKeys")?;
        keys.iter().try_for_each(|key| check_key(key))?;
        self.0.retain(|key, _| !keys.contains(key));
        Ok(())
    }
}

const CHARACTERS: &str = "letters, digits, spaces and the characters _ . : / = + - @";

fn check_count(count: usize, member: &str) -> Result<(), ApiError> {
    if (1..=MAX_IN_REQUEST).contains(&count) {
        return Ok(());
    }
    Err(ApiError::invalid(format!("Invalid {member}: there are {count}. A request has 1 to {MAX_IN_REQUEST}")))
}

fn check_key(key: &str) -> Result<(), ApiError> {
    let problem = match check_text(key, MAX_KEY) {
        Err(problem) => problem,
        Ok(()) if key.is_empty() => "it is empty".to_owned(),
        Ok(()) if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) => {
            "keys that begin with aws: are reserved".to_owned()
        }
        Ok(()) => return Ok(()),
    };
    Err(ApiError::invalid(format!("Invalid tag key: {key}: {problem}. A key has 1 to {MAX_KEY} {CHARACTERS}")))
}

fn check_text(text: &str, longest: usize) -> Result<(), String> {
    let count = text.chars().count();
    if count > longest {
        return Err(format!("it has {count} characters"));
    }
    let is_allowed = |c: &char| c.is_alphanumeric() || " _.:/=+-@".contains(*c);
    match text.chars().find(|c| !is_allowed(c)) {
        Some(other) => Err(format!("it contains {other:?}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn numbered(range: std::ops::Range<usize>) -> BTreeMap<String, String> {
        range.map(|n| (format!("k{n}"), String::new())).collect()
    }

    #[test]
    fn tags_are_added_replaced_and_removed() {
        let mut tags = Tags::default();
        tags.add(map(&[("a", "1"), ("b", ""), ("Größe 法", "x_.:/=+-@ y")])).unwrap();
        tags.add(map(&[("a", "2")])).unwrap();
        tags.remove(&["b".into(), "none".into()]).unwrap();
        assert_eq!(tags, Tags(map(&[("a", "2"), ("Größe 法", "x_.:/=+-@ y")])));
    }

    #[test]
    fn what_breaks_a_limit_changes_nothing() {
        let mut tags = Tags::default();
        for start in [0, 10, 20, 30] {
            tags.add(numbered(start..start + 10)).unwrap();
        }
        tags.add(numbered(40..49)).unwrap();
        let before = tags.clone();
        assert_eq!(tags.add(numbered(49..51)).unwrap_err().code, ErrorCode::LimitExceeded);
        for bad in [
            map(&[("ok", ""), ("", "")]),
            map(&[("ok", ""), ("aws:x", "")]),
            map(&[("ok", ""), ("AWS:x", "")]),
            map(&[("a*", "")]),
            map(&[("a", "b<")]),
            map(&[("a", &"v".repeat(257))]),
            map(&[(&"k".repeat(129), "")]),
            map(&[]),
            numbered(0..11),
        ] {
            assert_eq!(tags.add(bad).unwrap_err().code, ErrorCode::InvalidParameterValue);
        }
        for bad in [vec![], vec!["a".to_owned(); 11], vec![String::new()]] {
            assert_eq!(tags.remove(&bad).unwrap_err().code, ErrorCode::InvalidParameterValue);
        }
        assert_eq!(tags, before);
        // Replacing does not count as new.
        tags.add(map(&[("k0", "new"), ("k50", &"ü".repeat(256))])).unwrap();
    }
}
