//! Who signs: static keys where they stand, and the way to fetch others.

use std::fmt;

use zeroize::Zeroizing;

use super::credentials::{AwsCredentials, OwnedCredentials};
use super::error::ConfigError;
use super::find::{Config, Found};
use super::set;

impl Config<'_> {
    /// The credentials. A profile asked for by a flag goes first; then `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; then a web
    /// identity, the profile, a container's role, and the machine's, all but static keys only in builds with the feature `aws-config`.
    /// Only these wait for anything; dropping the future stops them.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub async fn credentials(&self) -> Result<Found<AwsCredentials>, ConfigError> {
        match self.source()? {
            Source::Static(found) => Ok(Found { value: AwsCredentials::Static(found.value), from: found.from }),
            Source::Fetched(way) => self.fetch(way).await,
        }
    }

    #[cfg(feature = "aws-config")]
    async fn fetch(&self, way: Way) -> Result<Found<AwsCredentials>, ConfigError> {
        if self.flagged && matches!(way, Way::Machine) {
            return Err(self.no_credentials());
        }
        let region = self.region(None).ok().map(|found| found.value);
        let chain = super::chain::ChainCredentials::load(&way, &self.profile, region).await?;
        Ok(Found::new(AwsCredentials::Chain(chain), way.to_string()))
    }

    #[cfg(not(feature = "aws-config"))]
    async fn fetch(&self, way: Way) -> Result<Found<AwsCredentials>, ConfigError> {
        Err(match way {
            Way::Machine => self.no_credentials(),
            _ => ConfigError::NeedsAwsConfig { what: way.to_string() },
        })
    }

    fn no_credentials(&self) -> ConfigError {
        ConfigError::NoCredentials { profile: self.profile.name.clone(), files: self.profile.files.clone() }
    }

    fn source(&self) -> Result<Source, ConfigError> {
        if self.flagged {
            // Nothing else was asked for.
            return Ok(self.profile_source()?.unwrap_or(Source::Fetched(Way::Machine)));
        }
        if let Some(found) = self.environment_key()? {
            return Ok(Source::Static(found));
        }
        if set(self.env, "AWS_WEB_IDENTITY_TOKEN_FILE").is_some() && set(self.env, "AWS_ROLE_ARN").is_some() {
            return Ok(Source::Fetched(Way::WebIdentity));
        }
        if let Some(source) = self.profile_source()? {
            return Ok(source);
        }
        let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        let set = container.into_iter().find(|name| set(self.env, name).is_some());
        Ok(Source::Fetched(set.map_or(Way::Machine, Way::Container)))
    }

    fn environment_key(&self) -> Result<Option<Found<OwnedCredentials>>, ConfigError> {
        let (id, secret) = (set(self.env, "AWS_ACCESS_KEY_ID"), set(self.env, "AWS_SECRET_ACCESS_KEY"));
        let half = |missing| Err(ConfigError::HalfCredentials { from: "the environment".to_owned(), missing });
        match (id, secret.map(Zeroizing::new)) {
            (None, None) => Ok(None),
            (Some(_), None) => half("AWS_SECRET_ACCESS_KEY"),
            (None, Some(_)) => half("AWS_ACCESS_KEY_ID"),
            (Some(id), Some(secret)) => {
                owned(id, secret, set(self.env, "AWS_SESSION_TOKEN").map(Zeroizing::new), "AWS_ACCESS_KEY_ID".to_owned()).map(Some)
            }
        }
    }

    /// What the profile says; `None` when it says nothing of credentials.
    fn profile_source(&self) -> Result<Option<Source>, ConfigError> {
        let described = |(key, how): (&str, &str)| {
            let (_, file) = self.profile.get(key)?;
            Some(Source::Fetched(Way::Profile(format!("the {how} ({key}) of {}", self.profile.describe(file)))))
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
            return owned(id, secret, section.get("aws_session_token").cloned(), from).map(|found| Some(Source::Static(found)));
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

/// Where credentials are to be had.
enum Source {
    Static(Found<OwnedCredentials>),
    Fetched(Way),
}

/// How credentials are fetched that do not stand in what can be read here.
pub(super) enum Way {
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`.
    WebIdentity,
    /// The profile says how; in words.
    Profile(String),
    /// The container this runs in; the variable that says so.
    Container(&'static str),
    /// Perhaps the machine this runs on has a role.
    Machine,
}

impl fmt::Display for Way {
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
