//! The formats of mt-aws-glacier: a mark and JSON in Base64.
//!
//! Source: mt-aws-glacier, lib/App/MtAws/MetaData.pm. Milliseconds are another writer's.

use serde_json::Value;

use super::stored_name::{Damage, Details, Format, Problem, StoredName};
use super::{base64, time};

/// Reads `mt2 TOKEN`; `None` if the text does not carry the mark.
pub(super) fn read(text: &str) -> Option<(Format, Result<StoredName, Damage>)> {
    let mut words = text.split_ascii_whitespace();
    let format = match words.next()? {
        "mt1" => Format::Mt1,
        "mt2" => Format::Mt2,
        _ => return None,
    };
    let token = words.next()?;
    // Two bytes are in three digits, or in two and a part: what begins otherwise are words of a person.
    let start = base64::decode(token.get(..3)?)?;
    let is_marked = matches!(start.as_slice(), [b'{', b'"' | b'}' | b' ' | b'\t' | b'\r' | b'\n', ..]);
    is_marked.then(|| (format, payload(format, token)))
}

fn payload(format: Format, token: &str) -> Result<StoredName, Damage> {
    let bytes = base64::decode(token).ok_or(Damage::Base64)?;
    let mut text = String::from_utf8(bytes).map_err(|_| Damage::Utf8)?;
    if format == Format::Mt1 {
        // Its UTF-8 was taken for Latin-1 and encoded once more.
        let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
        text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Damage::Utf8)?;
    }
    let json: Value = serde_json::from_str(&text).map_err(|_| Damage::Json)?;
    let name = json["filename"].as_str().ok_or(Damage::Field)?;
    let mut stored = StoredName::new(name.to_owned(), Details::None);
    stored.mtime = match &json["mtime"] {
        Value::Null => None,
        Value::String(text) => stored.take(mtime(text), Problem::Mtime),
        _ => stored.take(None, Problem::Mtime),
    };
    Ok(stored)
}

fn mtime(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let milliseconds: i64 = text.parse().ok()?;
        return Some(milliseconds.div_euclid(1000)).filter(|seconds| time::RANGE.contains(seconds));
    }
    time::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mt2(json: &str) -> Option<(Format, Result<StoredName, Damage>)> {
        use ::base64::Engine;
        read(&format!("mt2 {}", ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json)))
    }

    #[test]
    fn marks_and_damage() {
        assert!(mt2("[1]").is_none() && read("mt2 zzz").is_none() && read("mt2").is_none() && read("mt2 é").is_none());
        assert_eq!(mt2("{}"), Some((Format::Mt2, Err(Damage::Field))));
        assert_eq!(mt2("{\"filename\":\"a\""), Some((Format::Mt2, Err(Damage::Json))));
        let stored = mt2(r#"{"filename":"a","mtime":"-1500","x":[{}]}"#).unwrap().1.unwrap();
        assert_eq!((stored.name.as_str(), stored.mtime, stored.problems), ("a", Some(-2), vec![]));
        let stored = mt2(r#"{"filename":"a","mtime":7}"#).unwrap().1.unwrap();
        assert_eq!((stored.mtime, stored.problems), (None, vec![Problem::Mtime]));
    }
}
