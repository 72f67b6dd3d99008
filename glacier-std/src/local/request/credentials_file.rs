//! A file of access keys: JSON, `[{"accessKeyId", "secretAccessKey", "sessionToken"?, "principal", "account", "mfa"?, "expires"?}]`.

use std::fmt;
use std::path::{Path, PathBuf};

use glacier_core::{Credentials, Timestamp};

use super::access_key::AccessKey;
use super::credentials_json::{Entry, read_entries};
use crate::bounded_file;
use crate::local::model::{is_account, principal_account};

/// The largest file, in bytes: some thousand keys.
const MAX_FILE: u64 = 1 << 20;

const REQUIRED: [&str; 4] = ["accessKeyId", "secretAccessKey", "principal", "account"];
const OPTIONAL: [&str; 3] = ["sessionToken", "mfa", "expires"];

impl AccessKey {
    /// Reads access keys from JSON: a list of objects with `accessKeyId`, `secretAccessKey`, `principal` (an ARN) and `account` (12 digits, those in the
    /// ARN), and where they are temporary `sessionToken`, `mfa` (whether multi-factor authentication was used for it, false if absent) and `expires`
    /// (`2026-12-31T23:59:59Z`).
    ///
    /// ```
    /// use glacier_std::local::AccessKey;
    ///
    /// let text = r#"[{
    ///     "accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "secret",
    ///     "principal": "arn:aws:iam::111122223333:user/backup", "account": "111122223333"
    /// }]"#;
    /// let keys = AccessKey::list_from_json(text.as_bytes())?;
    /// assert_eq!(keys.len(), 1);
    /// # Ok::<(), glacier_std::local::CredentialsFileError>(())
    /// ```
    ///
    /// # Errors
    /// [`CredentialsFileError`], which names the entry and what is wrong with it, and never a secret.
    pub fn list_from_json(json: &[u8]) -> Result<Vec<AccessKey>, CredentialsFileError> {
        let entries =
            read_entries(json).map_err(|(entry, reason)| CredentialsFileError { entry, ..CredentialsFileError::new(reason) })?;
        let mut keys: Vec<AccessKey> = Vec::with_capacity(entries.len());
        for (entry, number) in entries.iter().zip(1..) {
            let key = key(entry).and_then(|key| match keys.iter().position(|other| other.id() == key.id()) {
                Some(other) => Err(format!("accessKeyId is that of entry {} too: its id must tell who signs", other + 1)),
                None => Ok(key),
            });
            keys.push(key.map_err(|reason| CredentialsFileError::at(number, reason))?);
        }
        if keys.is_empty() {
            return Err(CredentialsFileError::new("it lists no access key, and so nobody could sign: add one"));
        }
        Ok(keys)
    }

    /// Reads such a file, of 1 MiB at most. This blocks the thread.
    ///
    /// # Errors
    /// [`CredentialsFileError`], which names the file.
    pub fn list_from_file(path: impl AsRef<Path>) -> Result<Vec<AccessKey>, CredentialsFileError> {
        let path = path.as_ref();
        let bytes = bounded_file::read(path, MAX_FILE).map_err(|error| CredentialsFileError::new(error.to_string()));
        let keys = bytes.and_then(|bytes| {
            let text = bounded_file::text(&bytes).map_err(CredentialsFileError::new)?;
            AccessKey::list_from_json(text.trim_start_matches('\u{feff}').as_bytes())
        });
        keys.map_err(|error| CredentialsFileError { file: Some(path.to_owned()), ..error })
    }
}

/// A file of access keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialsFileError {
    /// The file, if it is one.
    pub file: Option<PathBuf>,
    /// The entry that is wrong, from 1; `None` if it is not one entry alone.
    pub entry: Option<usize>,
    /// What is wrong, without any value that may be secret.
    pub reason: String,
}

impl CredentialsFileError {
    fn new(reason: impl Into<String>) -> Self {
        CredentialsFileError { file: None, entry: None, reason: reason.into() }
    }

    fn at(entry: usize, reason: impl Into<String>) -> Self {
        CredentialsFileError { entry: Some(entry), ..CredentialsFileError::new(reason) }
    }
}

impl fmt::Display for CredentialsFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "the credentials in {}: ", file.display())?,
            None => f.write_str("the credentials: ")?,
        }
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}: ")?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for CredentialsFileError {}

/// The key of an entry, or what is wrong with it.
fn key(entry: &Entry<'_>) -> Result<AccessKey, String> {
    for (name, number) in entry.names().zip(0..) {
        if !REQUIRED.contains(&name) && !OPTIONAL.contains(&name) {
            let names = [&REQUIRED[..], &OPTIONAL[..]].concat().join(", ");
            return Err(format!("{name:?} is not a member of a key: the members are {names}"));
        }
        if entry.names().take(number).any(|other| other == name) {
            return Err(format!("{name} occurs twice: write it once"));
        }
    }
    let (id, secret) = (entry.required("accessKeyId")?, entry.required("secretAccessKey")?);
    let token = entry.text("sessionToken")?;
    Credentials::new(id, secret, token).map_err(|error| format!("it is not a valid key: {error}"))?;
    let (principal, account) = (entry.required("principal")?, entry.required("account")?);
    let owner = principal_account(principal).ok_or_else(|| {
        format!(
            "principal {principal:?} is not the ARN of a root, user, role or session: write one such as \
             arn:aws:iam::111122223333:user/backup"
        )
    })?;
    if !is_account(account) {
        return Err(format!("account {account:?} is not 12 digits, such as \"111122223333\""));
    }
    if account != owner {
        return Err(format!("account {account} is not that of the principal, {owner}: write the same in both"));
    }
    let mut key = AccessKey::new(id, secret).with_principal(principal);
    if let Some(token) = token {
        key = key.with_session_token(token);
    }
    match (entry.boolean("mfa")?, token) {
        (Some(true), Some(_)) => key = key.with_mfa(),
        (Some(false), Some(_)) | (None, _) => {}
        (Some(_), None) => return Err("mfa is of a temporary key: add its sessionToken, or leave it out".to_owned()),
    }
    if let Some(text) = entry.text("expires")? {
        let wrong = || format!("expires {text:?} is not a time in ISO 8601 and UTC, such as \"2026-12-31T23:59:59Z\"");
        key = key.with_expiry(Timestamp::parse_iso(text).ok_or_else(wrong)?);
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"accessKeyId": "AKID", "secretAccessKey": "hush/1", "principal": "arn:aws:iam::111122223333:user/a", "account": "111122223333"}"#;

    #[test]
    fn keys_are_read_with_their_owners() {
        let session = GOOD
            .replace("AKID", "ASIA")
            .replace("hush/1", r"hush\/2")
            .replace("iam::111122223333:user/a", "sts::111122223333:assumed-role/r/s")
            .replace('}', r#", "sessionToken": "tick", "expires": "2026-12-31T23:59:59Z"}"#);
        let none = GOOD.replace("AKID", "AKIE").replace('}', r#", "sessionToken": null, "mfa": null, "expires": null}"#);
        let keys = AccessKey::list_from_json(format!(" [{GOOD},\n{session}, {none}] ").as_bytes()).unwrap();
        let shown: Vec<_> =
            keys.iter().map(|key| (key.id(), key.secret(), key.session_token(), key.account(), key.principal())).collect();
        let (account, user) = (Some("111122223333"), Some("arn:aws:iam::111122223333:user/a"));
        let role = Some("arn:aws:sts::111122223333:assumed-role/r/s");
        let expected = [
            ("AKID", "hush/1", None, account, user),
            ("ASIA", "hush/2", Some("tick"), account, role),
            ("AKIE", "hush/1", None, account, user),
        ];
        assert_eq!(shown, expected);
        // From `date -u -d 2026-12-31T23:59:59Z +%s`.
        let end = Timestamp::from_unix(1_798_761_599);
        assert!(keys[1].has_expired(end) && !keys[1].has_expired(Timestamp::from_unix(end.unix() - 1)));
        assert!(!keys[0].has_expired(end) && !keys[2].has_expired(end));
        for (mfa, expected) in [("false", false), ("true", true)] {
            let session = session.replace('}', &format!(r#", "mfa": {mfa}}}"#));
            let keys = AccessKey::list_from_json(format!("[{session}]").as_bytes()).unwrap();
            assert_eq!(keys[0].has_mfa(), expected);
        }
        assert!(!keys[1].has_mfa(), "not said");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_entry_and_without_secrets() {
        let with = |from: &str, to: &str| {
            assert!(GOOD.contains(from), "{from}");
            format!("[{}, {}]", GOOD.replace("AKID", "AKIE"), GOOD.replace(from, to))
        };
        for (json, entry, words) in [
            (with(r#""AKID""#, r#""""#), Some(2), "accessKeyId is empty"),
            (with(r#""AKID""#, r#""a b""#), Some(2), "not a valid key"),
            (with(r#""AKID""#, r#""AKIE""#), Some(2), "accessKeyId is that of entry 1"),
            (with(r#""accessKeyId": "AKID", "#, ""), Some(2), "accessKeyId is missing"),
            (
                with(r#""accessKeyId""#, r#""AccessKeyId""#),
                Some(2),
                r#""AccessKeyId" is not a member of a key: the members are accessKeyId,"#,
            ),
            (
                with(r#""accessKeyId": "AKID""#, r#""accessKeyId": "AKID", "accessKeyId": "AKID""#),
                Some(2),
                "accessKeyId occurs twice",
            ),
            (with(r#""hush/1""#, "5"), Some(2), "secretAccessKey is a number"),
            (with(r#""hush/1""#, "-5.5"), Some(2), "secretAccessKey is a number"),
            (with(r#""hush/1""#, "true"), Some(2), "secretAccessKey is true or false"),
            (with(r#""hush/1""#, r#"["hush"]"#), Some(2), "secretAccessKey is a list"),
            (with(r#""hush/1""#, r#"{"a": "hush"}"#), Some(2), "secretAccessKey is an object"),
            (with(r#""hush/1""#, "null"), Some(2), "secretAccessKey is missing"),
            (with(r#""hush/1""#, r#""hush\n""#), Some(2), "not a valid key"),
            (with(r#""hush/1""#, "\"hush\n\""), Some(2), "control character"),
            (with(r#""hush/1""#, r#""hush"#), Some(2), "line 1 column"),
            (with("user/a", "group/a"), Some(2), "principal \"arn:aws:iam::111122223333:group/a\" is not the ARN"),
            (with(r#""account": "111122223333""#, r#""account": "1""#), Some(2), "account \"1\" is not 12 digits"),
            (with(r#""account": "111122223333""#, r#""account": 111122223333"#), Some(2), "account is a number: write a text"),
            (
                with(r#""account": "111122223333""#, r#""account": "444455556666""#),
                Some(2),
                "not that of the principal, 111122223333",
            ),
            (with(r#""account""#, r#""expires": "2026-12-31", "account""#), Some(2), "expires \"2026-12-31\" is not a time"),
            (with(r#""account""#, r#""expires": "2026-12-31T23:59:59+01:00", "account""#), Some(2), "is not a time"),
            (with(r#""account""#, r#""mfa": true, "account""#), Some(2), "mfa is of a temporary key: add its sessionToken"),
            (with(r#""account""#, r#""mfa": false, "account""#), Some(2), "mfa is of a temporary key"),
            (with(r#""account""#, r#""sessionToken": "hush", "mfa": "true", "account""#), Some(2), "mfa is neither true nor false"),
            (with(r#""account""#, r#""sessionToken": "", "account""#), Some(2), "sessionToken is empty"),
            (format!("[{GOOD}, \"hush\"]"), Some(2), "a text is not an object"),
            (format!("[{GOOD}, 7]"), Some(2), "expected an object"),
            (format!("[{GOOD},]"), Some(2), "line 1 column"),
            (format!("[{GOOD}"), Some(2), "line 1 column"),
            (format!("[{GOOD}] x"), None, "trailing characters"),
            (GOOD.to_owned(), None, "expected a list"),
            ("\"hush\"".to_owned(), None, "a text is not a list"),
            ("[]".to_owned(), None, "lists no access key"),
            (String::new(), None, "line 1 column 0"),
        ] {
            let error = AccessKey::list_from_json(json.as_bytes()).unwrap_err();
            assert_eq!(error.entry, entry, "{json}: {error}");
            let shown = format!("{error} {error:?}");
            assert!(error.to_string().contains(words) && !shown.contains("hush"), "{words}: {shown}");
        }
    }

    #[test]
    fn a_file_is_named_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            AccessKey::list_from_file(&path).map(|keys| keys.len()).map_err(|error| error.to_string())
        };
        assert_eq!(read(&format!("\u{feff}[{GOOD}]")), Ok(1));
        assert!(read("[{}]").unwrap_err().contains("keys.json: entry 1: accessKeyId is missing"));
        let large = format!("{}[{GOOD}]", " ".repeat(1 << 20));
        assert!(read(&large).unwrap_err().contains("1024 KiB"));
        assert!(AccessKey::list_from_file(folder.path().join("none")).unwrap_err().to_string().contains("none"));
    }
}
