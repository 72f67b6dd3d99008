//! What a `credential_process` prints: one JSON object.

use glacier_core::{DecodeError, FromJson, Text, Timestamp, Value};
use std::time::Duration;
use zeroize::Zeroizing;

use super::owned_credentials::OwnedCredentials;
use super::process_error::ProcessError;
use super::renewing::Fetched;

/// The members, borrowed from what was printed.
#[derive(Default)]
pub(super) struct ProcessOutput<'o> {
    version: Option<&'o [u8]>,
    id: Option<Text<'o>>,
    secret: Option<Text<'o>>,
    token: Option<Text<'o>>,
    expiration: Option<Text<'o>>,
}

impl<'o> FromJson<'o> for ProcessOutput<'o> {
    fn member(&mut self, name: &str, value: Value<'o>) -> Result<(), DecodeError> {
        match name {
            "Version" => self.version = Some(value.raw()),
            "AccessKeyId" => self.id = value.text()?,
            "SecretAccessKey" => self.secret = value.text()?,
            "SessionToken" => self.token = value.text()?,
            "Expiration" => self.expiration = value.text()?,
            _ => {}
        }
        Ok(())
    }
}

impl ProcessOutput<'_> {
    pub(super) fn fetched(self) -> Result<Fetched, ProcessError> {
        if self.version != Some(b"1".as_slice()) {
            return Err(ProcessError::Version);
        }
        let missing = |member| ProcessError::Missing(member);
        let id = self.id.ok_or(missing("AccessKeyId"))?.chars().collect();
        let secret = text(&self.secret.ok_or(missing("SecretAccessKey"))?);
        let token = self.token.as_ref().filter(|token| !token.is_empty()).map(text);
        let expires = match self.expiration.as_ref().map(text) {
            None => None,
            Some(end) => Some(time(&end).ok_or(ProcessError::Expiration)?),
        };
        let credentials = OwnedCredentials::new(id, secret, token).map_err(ProcessError::Credentials)?;
        Ok(Fetched { credentials, expires })
    }
}

/// The text without its escapes, in memory that is never given back before it is zeroed.
fn text(escaped: &Text<'_>) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(escaped.raw().len()));
    plain.extend(escaped.chars());
    plain
}

/// ISO 8601 with `Z` or an offset from UTC, as languages print it.
fn time(text: &str) -> Option<Timestamp> {
    if let Some(time) = Timestamp::parse_iso(text) {
        return Some(time);
    }
    let at = text.rfind(['+', '-']).filter(|at| *at > text.find('T').unwrap_or(usize::MAX))?;
    let (local, offset) = text.split_at_checked(at)?;
    let local = Timestamp::parse_iso(&format!("{local}Z"))?;
    let (sign, digits) = offset.split_at_checked(1)?;
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<u64>().ok()?, 0),
        4 => (digits.get(..2)?.parse::<u64>().ok()?, digits.get(2..)?.parse::<u64>().ok()?),
        _ => return None,
    };
    let by = Duration::from_secs((hours * 60 + minutes) * 60);
    if sign == "+" { local.checked_sub(by) } else { local.checked_add(by) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Fetched, ProcessError> {
        ProcessOutput::from_json(json.as_bytes()).map_err(|_| ProcessError::NotJson)?.fetched()
    }

    #[test]
    fn the_members_are_read_and_others_ignored() {
        let json = r#" {"Version": 1, "AccessKeyId": "ID", "SecretAccessKey": "a\/b+\u0063", "SessionToken": "T", "AccountId": "1",
                        "Expiration": "2030-01-01T02:00:00+02:00", "More": [{}]} "#;
        let fetched = read(json).unwrap();
        // date -u -d 2030-01-01 +%s
        assert_eq!(fetched.expires.map(Timestamp::unix), Some(1_893_456_000));
        let shown = format!("{:?}", fetched.credentials);
        assert!(shown.contains("ID") && !shown.contains("a/b"), "{shown}");
        let without =
            read(r#"{"Version":1,"AccessKeyId":"ID","SecretAccessKey":"x","SessionToken":null,"Expiration":null}"#).unwrap();
        assert_eq!(without.expires, None);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_and_not_shown() {
        let key = r#""AccessKeyId":"ID","SecretAccessKey":"HUSH""#;
        for (json, part) in [
            ("", "Version"),
            ("{}", "Version"),
            (r#"{"Version":2}"#, "Version"),
            (r#"{"Version":"1"}"#, "Version"),
            (r#"{"Version":1,"SecretAccessKey":"HUSH"}"#, "AccessKeyId"),
            (r#"{"Version":1,"AccessKeyId":"HUSH"}"#, "SecretAccessKey"),
            (r#"{"Version":1,"AccessKeyId":7}"#, "JSON"),
            ("HUSH", "JSON"),
            (&format!(r#"{{"Version":1,{key}}} HUSH"#), "JSON"),
            (&format!(r#"{{"Version":1,{key},"Expiration":"HUSH"}}"#), "Expiration"),
            (&format!(r#"{{"Version":1,{key},"Expiration":"2030-01-01T00:00:00"}}"#), "Expiration"),
            (r#"{"Version":1,"AccessKeyId":"ID","SecretAccessKey":"HU SH"}"#, "secret"),
        ] {
            let error = read(json).err().unwrap_or_else(|| panic!("{json}"));
            let shown = format!("{error} {error:?}");
            assert!(shown.to_lowercase().contains(&part.to_lowercase()), "{json}: {shown}");
            assert!(!shown.contains("HUSH") && !shown.contains("HU SH"), "{shown}");
        }
    }

    #[test]
    fn times_have_a_zone() {
        let unix = |text| time(text).map(Timestamp::unix);
        for text in [
            "2030-01-01T00:00:00Z",
            "20300101T000000Z",
            "2030-01-01T00:00:00.123456Z",
            "2030-01-01T00:00:00+00:00",
            "2029-12-31T18:30:00.5-0530",
            "2030-01-01T01:00:00+01",
        ] {
            assert_eq!(unix(text), Some(1_893_456_000), "{text}");
        }
        for text in ["", "2030-01-01", "2030-01-01T00:00:00", "2030-01-01T00:00:00+1", "2030-01-01T00:00:00+é:00"] {
            assert_eq!(unix(text), None, "{text}");
        }
    }
}
