//! Where the credentials are: static keys, or the provider that must be asked for them.

use std::fmt;

use zeroize::Zeroizing;

use super::config::Config;
use super::environment::non_empty;
use super::error::ConfigError;
use super::found::Found;
use super::owned_credentials::OwnedCredentials;

impl Config<'_> {
    /// Where the credentials are.
    pub(super) fn credential_source(&self) -> Result<CredentialSource, ConfigError> {
        if self.profile_selected {
            // No other source was asked for.
            return Ok(self.profile_source()?.unwrap_or(CredentialSource::Fetched(CredentialProvider::Machine)));
        }
        if let Some(found) = self.environment_key()? {
            return Ok(CredentialSource::Static(found));
        }
        if non_empty(self.env, "AWS_WEB_IDENTITY_TOKEN_FILE").is_some() && non_empty(self.env, "AWS_ROLE_ARN").is_some() {
            return Ok(CredentialSource::Fetched(CredentialProvider::WebIdentity));
        }
        if let Some(source) = self.profile_source()? {
            return Ok(source);
        }
        let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        let set = container.into_iter().find(|name| non_empty(self.env, name).is_some());
        Ok(CredentialSource::Fetched(set.map_or(CredentialProvider::Machine, CredentialProvider::Container)))
    }

    fn environment_key(&self) -> Result<Option<Found<OwnedCredentials>>, ConfigError> {
        let (id, secret) = (non_empty(self.env, "AWS_ACCESS_KEY_ID"), non_empty(self.env, "AWS_SECRET_ACCESS_KEY"));
        let half = |missing| Err(ConfigError::HalfCredentials { from: "the environment".to_owned(), missing });
        match (id, secret.map(Zeroizing::new)) {
            (None, None) => Ok(None),
            (Some(_), None) => half("AWS_SECRET_ACCESS_KEY"),
            (None, Some(_)) => half("AWS_ACCESS_KEY_ID"),
            (Some(id), Some(secret)) => {
                owned(id, secret, non_empty(self.env, "AWS_SESSION_TOKEN").map(Zeroizing::new), "AWS_ACCESS_KEY_ID".to_owned())
                    .map(Some)
            }
        }
    }

    /// The profile's credentials; `None` when it has none.
    fn profile_source(&self) -> Result<Option<CredentialSource>, ConfigError> {
        let described = |(key, how): (&str, &str)| {
            let (_, file) = self.profile.get(key)?;
            Some(CredentialSource::Fetched(CredentialProvider::Profile(format!(
                "the {how} ({key}) of {}",
                self.profile.describe(file)
            ))))
        };
        if let Some(role) = described(("role_arn", "role")) {
            return Ok(Some(role));
        }
        if let Some((section, file)) = self.profile.section_with("aws_access_key_id") {
            let from = self.profile.describe(file);
            let id = section.get("aws_access_key_id").map(|id| id.to_string()).unwrap_or_default();
            let Some(secret) = section.get("aws_secret_access_key").cloned() else {
                return Err(ConfigError::HalfCredentials { from, missing: "aws_secret_access_key" });
            };
            return owned(id, secret, section.get("aws_session_token").cloned(), from)
                .map(|found| Some(CredentialSource::Static(found)));
        }
        if let Some((_, file)) = self.profile.get("aws_secret_access_key") {
            return Err(ConfigError::HalfCredentials { from: self.profile.describe(file), missing: "aws_access_key_id" });
        }
        let others = [
            ("sso_session", "single sign-on"),
            ("sso_start_url", "single sign-on"),
            ("login_session", "login session"),
            ("credential_process", "process"),
            ("web_identity_token_file", "web identity"),
        ];
        Ok(others.into_iter().find_map(described))
    }
}

/// Where credentials are.
pub(super) enum CredentialSource {
    Static(Found<OwnedCredentials>),
    Fetched(CredentialProvider),
}

/// Who supplies credentials that are neither in the environment nor in the shared files.
pub(super) enum CredentialProvider {
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`.
    WebIdentity,
    /// What the profile names, in words.
    Profile(String),
    /// The container's role; the variable that says so.
    Container(&'static str),
    /// The machine's role, if it has one.
    Machine,
}

impl fmt::Display for CredentialProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebIdentity => f.write_str("the web identity in AWS_WEB_IDENTITY_TOKEN_FILE"),
            Self::Profile(how) => f.write_str(how),
            Self::Container(variable) => write!(f, "the container's role in {variable}"),
            Self::Machine => f.write_str("the role of the machine this runs on"),
        }
    }
}

fn owned(
    id: String,
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
    from: String,
) -> Result<Found<OwnedCredentials>, ConfigError> {
    match OwnedCredentials::new(id, secret, token) {
        Ok(value) => Ok(Found { value, from }),
        Err(error) => Err(ConfigError::Credentials { from, error }),
    }
}
