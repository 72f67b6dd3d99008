//! Why a configuration cannot be used.

use std::fmt;
use std::io;
use std::path::PathBuf;

use glacier_core::InvalidCredentials;

use super::endpoint::EndpointError;
use super::process_error::ProcessError;

/// Why there is no endpoint or there are no credentials.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// A shared file cannot be read.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line if there is one.
        reason: String,
        /// The system's error, if there was one.
        source: Option<io::Error>,
    },
    /// The profile that was selected is in neither file.
    NoProfile {
        /// Its name.
        profile: String,
        /// The config and the credentials file.
        files: [PathBuf; 2],
    },
    /// A profile names a services section that is not there.
    NoServices {
        /// The profile.
        profile: String,
        /// The section it names.
        services: String,
    },
    /// No region was found anywhere.
    NoRegion {
        /// The profile that was read.
        profile: String,
    },
    /// The region or the URL does not lead to an endpoint.
    Endpoint {
        /// Where the region or the URL is from.
        from: String,
        /// What is wrong.
        error: EndpointError,
    },
    /// A host of AWS would be called without TLS.
    InsecureHttp {
        /// The URL.
        url: String,
    },
    /// A setting is neither true nor false.
    NotBoolean {
        /// The variable or property.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// A setting has a value that it cannot have.
    NotUnderstood {
        /// Where it is from.
        from: String,
        /// Its value.
        value: String,
        /// What it can be.
        expected: &'static str,
    },
    /// An access key id without a secret, or the reverse.
    HalfCredentials {
        /// Where it is from.
        from: String,
        /// What is missing there.
        missing: &'static str,
    },
    /// The credentials are not valid.
    Credentials {
        /// Where they are from.
        from: String,
        /// Which part is wrong.
        error: InvalidCredentials,
    },
    /// The credentials must be fetched, which needs the feature `aws-config`.
    NeedsAwsConfig {
        /// What requires it.
        what: String,
    },
    /// The credentials could not be fetched.
    Fetch {
        /// The messages of the chain of providers.
        reason: String,
        /// Its error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The profile's `credential_process` gave no credentials.
    Process {
        /// The profile and its file.
        from: String,
        /// Why.
        error: ProcessError,
    },
    /// No credentials were found anywhere.
    NoCredentials {
        /// The profile that was read.
        profile: String,
        /// The config and the credentials file.
        files: [PathBuf; 2],
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, reason, .. } => write!(f, "{} cannot be used: {reason}", path.display()),
            Self::NoProfile { profile, files: [config, credentials] } => write!(
                f,
                "there is no profile {profile:?}, neither [profile {profile}] in {} nor [{profile}] in {}",
                config.display(),
                credentials.display()
            ),
            Self::NoServices { profile, services } => {
                write!(
                    f,
                    "the profile {profile} says `services = {services}`, but the config file has no section [services {services}]"
                )
            }
            Self::NoRegion { profile } => write!(
                f,
                "no region: give one with --region, AWS_REGION or AWS_DEFAULT_REGION, or `region = ...` in the profile {profile}"
            ),
            Self::Endpoint { from, error } => write!(f, "{error} (from {from})"),
            Self::InsecureHttp { url } => {
                write!(f, "{url} would send archives unencrypted to a host of AWS: use https://, or allow it with --insecure-http")
            }
            Self::NotBoolean { name, value } => write!(f, "{name} must be true or false, not {value:?}"),
            Self::NotUnderstood { from, value, expected } => write!(f, "{value:?} (from {from}) is not {expected}"),
            Self::HalfCredentials { from, missing } => {
                write!(f, "{missing} is missing: {from} has only the other half of the access key")
            }
            Self::Credentials { from, error } => write!(f, "{error} (from {from})"),
            Self::NeedsAwsConfig { what } => write!(
                f,
                "{what} needs a build with the feature `aws-config`: cargo build --release -p glacier-std --features cli,aws-config; \
                 or give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), as `aws configure export-credentials \
                 --format env` prints them"
            ),
            Self::Fetch { reason, .. } => write!(f, "no credentials: {reason}"),
            Self::Process { from, error } => write!(f, "no credentials from the credential_process of {from}: {error}"),
            Self::NoCredentials { profile, files: [config, credentials] } => write!(
                f,
                "no credentials: give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put aws_access_key_id and aws_secret_access_key under \
                 the profile {profile} in {} or {}",
                credentials.display(),
                config.display()
            ),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => source.as_ref().map(|error| error as _),
            Self::Endpoint { error, .. } => Some(error),
            Self::Credentials { error, .. } => Some(error),
            Self::Process { error, .. } => Some(error),
            Self::Fetch { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}
