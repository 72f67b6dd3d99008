//! What counts: a flag before the environment before the files.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::credentials::{AwsCredentials, OwnedCredentials};
use super::endpoint::{self, Endpoint, EndpointError, Variant};
use super::error::ConfigError;
use super::files::Profile;
use super::{Env, set};

/// Something, and where it was found, in words for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// What was found.
    pub value: T,
    /// Where, such as `AWS_REGION` or `the profile default in /home/me/.aws/config`.
    pub from: String,
}

impl<T> Found<T> {
    fn new(value: T, from: impl Into<String>) -> Self {
        Found { value, from: from.into() }
    }
}

/// The environment and one profile of the shared files.
pub struct Config<'e> {
    env: &'e Env<'e>,
    profile: Profile,
    /// The profile was asked for by a flag, so its credentials go before the environment's, as with AWS's own tools.
    flagged: bool,
}

impl<'e> Config<'e> {
    /// Reads the shared files. `profile` is that of a flag; without it `AWS_PROFILE` counts, then `default`.
    ///
    /// # Errors
    /// [`ConfigError`] when a file cannot be understood or the profile asked for does not exist. Missing files are no error.
    pub fn load(env: &'e Env<'e>, profile: Option<&str>) -> Result<Self, ConfigError> {
        Ok(Config { env, profile: Profile::load(env, profile)?, flagged: profile.is_some() })
    }

    /// The region: `flag`, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile. There is no other default.
    ///
    /// # Errors
    /// [`ConfigError::NoRegion`]
    pub fn region(&self, flag: Option<&str>) -> Result<Found<String>, ConfigError> {
        flag.map(|region| Found::new(region.to_owned(), "--region"))
            .or_else(|| self.variable("AWS_REGION"))
            .or_else(|| self.variable("AWS_DEFAULT_REGION"))
            .or_else(|| self.property("region"))
            .ok_or_else(|| ConfigError::NoRegion { profile: self.profile.name.clone() })
    }

    /// Where to call. `region` and `url` are those of flags. A URL is also taken from `AWS_ENDPOINT_URL_GLACIER`, `AWS_ENDPOINT_URL`, the
    /// profile's `services` section and its `endpoint_url`, in this order, unless these are to be ignored; without one, AWS's rules say.
    ///
    /// # Errors
    /// [`ConfigError`], for one when a host of AWS would be called without TLS and `insecure_http` does not allow it.
    pub fn endpoint(&self, region: Option<&str>, url: Option<&str>, insecure_http: bool) -> Result<Found<Endpoint>, ConfigError> {
        let region = self.region(region)?;
        let custom = match url {
            Some(url) => Some(Found::new(url.to_owned(), "--endpoint-url")),
            None => self.configured_url()?,
        };
        let variant = Variant {
            fips: self.boolean("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
            dualstack: self.boolean("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
            custom: custom.as_ref().map(|url| url.value.as_str()),
        };
        let endpoint = endpoint::resolve(&region.value, variant).map_err(|error| {
            let of_url = !matches!(error, EndpointError::Region { .. } | EndpointError::NoRegion);
            let from = custom.as_ref().filter(|_| of_url).map_or(&region.from, |url| &url.from);
            ConfigError::Endpoint { from: from.clone(), error }
        })?;
        if !endpoint.url.is_tls() && endpoint::is_aws_host(endpoint.url.host()) && !insecure_http {
            return Err(ConfigError::InsecureHttp { url: endpoint.url.to_string() });
        }
        let from = custom.map_or_else(|| format!("AWS's rules for the region of {}", region.from), |url| url.from);
        Ok(Found { value: endpoint, from })
    }

    fn configured_url(&self) -> Result<Option<Found<String>>, ConfigError> {
        if self.boolean("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")? {
            return Ok(None);
        }
        let services = || {
            let url = self.profile.get_for_glacier("endpoint_url")?;
            Some(Found::new(url.to_string(), format!("the services section of the profile {}", self.profile.name)))
        };
        Ok(self
            .variable("AWS_ENDPOINT_URL_GLACIER")
            .or_else(|| self.variable("AWS_ENDPOINT_URL"))
            .or_else(services)
            .or_else(|| self.property("endpoint_url")))
    }

    /// The certificates to trust in place of the platform's: `flag`, `AWS_CA_BUNDLE`, the profile's `ca_bundle`.
    pub fn ca_bundle(&self, flag: Option<&Path>) -> Option<PathBuf> {
        let configured = || self.variable("AWS_CA_BUNDLE").or_else(|| self.property("ca_bundle"));
        flag.map(Path::to_owned).or_else(|| Some(configured()?.value.into()))
    }

    /// The credentials. A profile asked for by a flag goes first; then `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; then the
    /// profile; then, in builds with the feature `aws-config`, all other ways AWS's tools have. Only these wait for anything.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub async fn credentials(&self) -> Result<Found<AwsCredentials>, ConfigError> {
        match self.static_credentials()? {
            Source::Static(found) => Ok(Found { value: AwsCredentials::Static(found.value), from: found.from }),
            Source::Elsewhere(why) => self.fetched_credentials(why).await,
        }
    }

    #[cfg(feature = "aws-config")]
    async fn fetched_credentials(&self, why: Option<String>) -> Result<Found<AwsCredentials>, ConfigError> {
        // The environment would come first there, and a profile asked for by name goes before it.
        let only = self.flagged.then_some(self.profile.name.as_str());
        let chain = super::chain::ChainCredentials::load(&self.profile.name, only).await?;
        let from = why.unwrap_or_else(|| "the container or instance this runs in".to_owned());
        Ok(Found { value: AwsCredentials::Chain(chain), from })
    }

    #[cfg(not(feature = "aws-config"))]
    async fn fetched_credentials(&self, why: Option<String>) -> Result<Found<AwsCredentials>, ConfigError> {
        Err(match why {
            Some(what) => ConfigError::NeedsAwsConfig { what },
            None => ConfigError::NoCredentials { profile: self.profile.name.clone(), files: self.profile.files.clone() },
        })
    }

    fn static_credentials(&self) -> Result<Source, ConfigError> {
        if self.flagged {
            // Nothing else was asked for, so an empty profile is not passed over.
            return self.from_profile().map(|source| source.unwrap_or(Source::Elsewhere(None)));
        }
        if let Some(found) = self.from_env()? {
            return Ok(Source::Static(found));
        }
        if set(self.env, "AWS_WEB_IDENTITY_TOKEN_FILE").is_some() && set(self.env, "AWS_ROLE_ARN").is_some() {
            return Ok(Source::Elsewhere(Some("the web identity in AWS_WEB_IDENTITY_TOKEN_FILE".to_owned())));
        }
        if let Some(source) = self.from_profile()? {
            return Ok(source);
        }
        let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        let set = container.into_iter().find(|name| set(self.env, name).is_some());
        Ok(Source::Elsewhere(set.map(|name| format!("the container's role in {name}"))))
    }

    fn from_env(&self) -> Result<Option<Found<OwnedCredentials>>, ConfigError> {
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
    fn from_profile(&self) -> Result<Option<Source>, ConfigError> {
        let described = |(key, how): (&str, &str)| {
            let (_, file) = self.profile.get(key)?;
            Some(Source::Elsewhere(Some(format!("the {how} ({key}) of {}", self.profile.describe(file)))))
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

    fn variable(&self, name: &str) -> Option<Found<String>> {
        Some(Found::new(set(self.env, name)?, name))
    }

    fn property(&self, key: &str) -> Option<Found<String>> {
        let (value, file) = self.profile.get(key)?;
        Some(Found::new(value.to_string(), self.profile.describe(file)))
    }

    fn boolean(&self, variable: &'static str, key: &'static str) -> Result<bool, ConfigError> {
        let found = self.variable(variable).map(|found| (variable, found)).or_else(|| Some((key, self.property(key)?)));
        match found {
            None => Ok(false),
            Some((_, found)) if found.value.eq_ignore_ascii_case("true") => Ok(true),
            Some((_, found)) if found.value.eq_ignore_ascii_case("false") => Ok(false),
            Some((name, found)) => Err(ConfigError::NoBoolean { name, value: found.value }),
        }
    }
}

/// Shows no property: some are secret.
impl fmt::Debug for Config<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("profile", &self.profile.name).field("files", &self.profile.files).finish_non_exhaustive()
    }
}

/// Where credentials are to be had.
enum Source {
    Static(Found<OwnedCredentials>),
    /// Not in what can be read here; what asks for another way, if anything does.
    Elsewhere(Option<String>),
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
