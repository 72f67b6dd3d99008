//! Where the credentials are: static keys, or the provider that must be asked for them.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::config::Config;
use super::environment::non_empty;
use super::error::ConfigError;
use super::file_credentials::FileCredentials;
use super::found::Found;
use super::ini::Value;
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

    /// The profile's credentials; `None` when it has none. The order is botocore's: a role, keys in the credentials file, the other
    /// ways, keys in the config file.
    fn profile_source(&self) -> Result<Option<CredentialSource>, ConfigError> {
        let described = |key: &str, how: &str| {
            let (_, file) = self.profile.get(key)?;
            let text = format!("the {how} ({key}) of {}", self.profile.describe(file));
            Some(CredentialSource::Fetched(CredentialProvider::Profile(text)))
        };
        if let Some(role) = described("role_arn", "role") {
            return Ok(Some(role));
        }
        let [config, credentials] = &self.profile.files;
        if let Some(keys) = self.profile_keys(credentials)? {
            return Ok(Some(keys));
        }
        let sso = described("sso_session", "single sign-on").or_else(|| described("sso_start_url", "single sign-on"));
        let process = || {
            let (command, file) = self.profile.get("credential_process")?;
            Some(CredentialSource::Process { command: command.clone(), from: self.profile.describe(file) })
        };
        let other = || described("login_session", "login session");
        let identity = || described("web_identity_token_file", "web identity");
        match sso.or_else(process).or_else(other).or_else(identity) {
            Some(found) => Ok(Some(found)),
            None => self.profile_keys(config),
        }
    }

    fn profile_keys(&self, file: &Path) -> Result<Option<CredentialSource>, ConfigError> {
        let found = FileCredentials::load(&self.profile, file)?;
        Ok(found.map(|value| CredentialSource::File(Found { value, from: self.profile.describe(file) })))
    }
}

/// Where credentials are.
pub(super) enum CredentialSource {
    /// In the environment.
    Static(Found<OwnedCredentials>),
    /// In a shared file.
    File(Found<FileCredentials>),
    /// A program prints them.
    Process {
        command: Value,
        /// The profile and its file.
        from: String,
    },
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
