//! The settings: an option comes before the environment, and the environment before the files.

use std::fmt;
use std::path::{Path, PathBuf};

use super::endpoint::{self, EndpointError, ResolvedEndpoint, Variant};
use super::environment::{Env, non_empty};
use super::error::ConfigError;
use super::files::Profile;
use super::found::Found;

/// The environment and one profile of the shared files.
pub struct Config<'e> {
    pub(super) env: &'e Env<'e>,
    pub(super) profile: Profile,
    /// The profile was selected explicitly, so its credentials come before the environment's, as with AWS's own tools.
    pub(super) profile_selected: bool,
}

impl<'e> Config<'e> {
    /// Reads the shared files. Without `profile`, the profile is that of `AWS_PROFILE`, or `default`.
    ///
    /// # Errors
    /// [`ConfigError`] when a file cannot be read or the profile that was selected does not exist. A missing file is not an error.
    pub fn load(env: &'e Env<'e>, profile: Option<&str>) -> Result<Self, ConfigError> {
        Ok(Config { env, profile: Profile::load(env, profile)?, profile_selected: profile.is_some() })
    }

    /// The region: `option`, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile. There is no other default.
    ///
    /// # Errors
    /// [`ConfigError::NoRegion`]
    pub fn region(&self, option: Option<&str>) -> Result<Found<String>, ConfigError> {
        option
            .map(|region| Found::new(region.to_owned(), "--region"))
            .or_else(|| self.variable("AWS_REGION"))
            .or_else(|| self.variable("AWS_DEFAULT_REGION"))
            .or_else(|| self.property("region"))
            .ok_or_else(|| ConfigError::NoRegion { profile: self.profile.name.clone() })
    }

    /// The endpoint. `region` and `url` are those of options. A URL is also taken from `AWS_ENDPOINT_URL_GLACIER`,
    /// `AWS_ENDPOINT_URL`, the profile's `services` section and its `endpoint_url`, in this order, unless these are to be ignored;
    /// without one, AWS's rules say.
    ///
    /// # Errors
    /// [`ConfigError`], for example when a host of AWS would be called without TLS and `insecure_http` does not allow it.
    pub fn endpoint(
        &self,
        region: Option<&str>,
        url: Option<&str>,
        insecure_http: bool,
    ) -> Result<Found<ResolvedEndpoint>, ConfigError> {
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

    /// The trusted certificates, in place of the platform's: `option`, `AWS_CA_BUNDLE`, the profile's `ca_bundle`.
    pub fn ca_bundle(&self, option: Option<&Path>) -> Option<PathBuf> {
        let configured = || self.variable("AWS_CA_BUNDLE").or_else(|| self.property("ca_bundle"));
        option.map(Path::to_owned).or_else(|| Some(configured()?.value.into()))
    }

    /// The format in which a command prints its results, as written there: `AWS_DEFAULT_OUTPUT`, the profile's `output`.
    pub fn output(&self) -> Option<Found<String>> {
        self.variable("AWS_DEFAULT_OUTPUT").or_else(|| self.property("output"))
    }

    pub(super) fn variable(&self, name: &str) -> Option<Found<String>> {
        Some(Found::new(non_empty(self.env, name)?, name))
    }

    pub(super) fn property(&self, key: &str) -> Option<Found<String>> {
        let (value, file) = self.profile.get(key)?;
        Some(Found::new(value.to_string(), self.profile.describe(file)))
    }

    fn boolean(&self, variable: &'static str, key: &'static str) -> Result<bool, ConfigError> {
        let found = self.variable(variable).map(|found| (variable, found)).or_else(|| Some((key, self.property(key)?)));
        match found {
            None => Ok(false),
            Some((_, found)) if found.value.eq_ignore_ascii_case("true") => Ok(true),
            Some((_, found)) if found.value.eq_ignore_ascii_case("false") => Ok(false),
            Some((name, found)) => Err(ConfigError::NotBoolean { name, value: found.value }),
        }
    }
}

/// Shows no properties, as some are secret.
impl fmt::Debug for Config<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("profile", &self.profile.name).field("files", &self.profile.files).finish_non_exhaustive()
    }
}
