//! The query of a presigned URL, which has the parts of a signature as parameters.

use glacier_core::sign::Expiry;

use super::signature_errors::malformed;
use super::text::{decode, number};
use crate::local::model::ApiError;

/// The parameters of a signature. Names are case-sensitive.
const NAMES: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// The parameters that carry a signature, decoded; none occurs twice.
pub(super) struct PresignedQuery(Vec<(String, String)>);

impl PresignedQuery {
    /// Reads them; `None` if the query has none of them.
    pub(super) fn of(query: &str) -> Result<Option<Self>, ApiError> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in PresignedQuery::pairs(query).filter(|(name, _)| NAMES.contains(&name.as_str())) {
            if found.iter().any(|(other, _)| *other == name) {
                return Err(malformed(format!("AWS query-string parameters must include '{name}' only once.")));
            }
            found.push((name, decode(value)?));
        }
        Ok(Some(PresignedQuery(found)).filter(|query| !query.0.is_empty()))
    }

    /// All parameters: the names decoded, the values as they are.
    pub(super) fn pairs(query: &str) -> impl Iterator<Item = (String, &str)> {
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        // A name that is not UTF-8 is none of these.
        pairs.map(|(name, value)| (decode(name).unwrap_or_default(), value))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        let missing =
            || malformed(format!("AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."));
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    /// How long the URL is valid, in seconds.
    pub(super) fn expires(&self) -> Result<u64, ApiError> {
        let text = self.required("X-Amz-Expires")?;
        let allowed = u64::from(Expiry::MIN.seconds())..=u64::from(Expiry::MAX.seconds());
        number(text).filter(|seconds| allowed.contains(seconds)).ok_or_else(|| {
            malformed(format!(
                "X-Amz-Expires must be a number of seconds from {} to {}, not {text}.",
                allowed.start(),
                allowed.end()
            ))
        })
    }
}

/// The query that was signed: all of it but the signature.
pub(super) fn without_signature(query: &str) -> String {
    replace(query, "X-Amz-Signature", None)
}

/// The query with a session token that may be shown.
pub(super) fn without_token(query: &str) -> String {
    replace(query, "X-Amz-Security-Token", Some("REDACTED"))
}

/// The query with another value of a parameter, or without it. All else stays as it is, in its own encoding.
fn replace(query: &str, name: &str, value: Option<&str>) -> String {
    let pairs = query.split('&').filter_map(|pair| {
        let (raw, _) = pair.split_once('=').unwrap_or((pair, ""));
        match (decode(raw).is_ok_and(|decoded| decoded == name), value) {
            (false, _) => Some(pair.to_owned()),
            (true, Some(value)) => Some(format!("{raw}={value}")),
            (true, None) => None,
        }
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ErrorCode;

    const QUERY: &str = "limit=1&X-Amz-Algorithm=a&X-Amz-Credential=AK%2F20120525&X-Amz-Date=d&X-Amz-Expires=60&X-Amz-SignedHeaders=host\
        &X-Amz-Security-Token=a%2Bb&X-Amz-Signature=0";

    #[test]
    fn parameters_are_decoded_and_occur_once() {
        let query = PresignedQuery::of(QUERY).unwrap().unwrap();
        assert_eq!((query.get("X-Amz-Credential"), query.get("X-Amz-Security-Token")), (Some("AK/20120525"), Some("a+b")));
        assert_eq!((query.get("limit"), query.expires()), (None, Ok(60)));
        assert!(PresignedQuery::of("limit=1&x-amz-date=d&X-Amz-Other=1").unwrap().is_none());
        for name in NAMES {
            for again in [name.to_owned(), name.replace('m', "%6D")] {
                let error = PresignedQuery::of(&format!("{QUERY}&{again}=x")).err().unwrap();
                assert!(error.code == ErrorCode::BadRequest && error.message.contains(name), "{error:?}");
            }
        }
    }

    #[test]
    fn an_expiry_is_a_second_to_a_week() {
        let expires = |text: &str| PresignedQuery::of(&format!("X-Amz-Expires={text}")).unwrap().unwrap().expires();
        assert_eq!((expires("1"), expires("604800")), (Ok(1), Ok(604_800)));
        for text in ["", "0", "604801", "-1", "+1", "1.5", "1s", "99999999999999999999"] {
            let error = expires(text).unwrap_err();
            assert!(error.code == ErrorCode::BadRequest && error.message.contains("X-Amz-Expires"), "{text}: {error:?}");
        }
    }

    #[test]
    fn the_signature_is_not_signed_and_the_token_not_shown() {
        assert_eq!(without_signature("a=%2f&X-Amz-Signature=0&b"), "a=%2f&b");
        assert_eq!(without_signature("X-Amz-%53ignature=0"), "");
        assert_eq!(without_token("a=1&X-Amz-Security-Token=tick&b"), "a=1&X-Amz-Security-Token=REDACTED&b");
    }
}
