//! Endpoint, credentials and time of a case, from its `env`.

use glacier_core::{Credentials, Endpoint, Timestamp};
use glacier_std::config::endpoint::{self, ResolvedEndpoint, Variant};
use serde_json::Value;

use super::{NotPassed, text};

/// The environment of a case, borrowed from it.
pub(super) struct Env<'a> {
    pub(super) scheme: &'static str,
    pub(super) endpoint: Endpoint,
    pub(super) credentials: Credentials<'a>,
    pub(super) now: Timestamp,
}

impl<'a> Env<'a> {
    /// Reads the environment and resolves its endpoint.
    pub(super) fn new(env: &'a Value) -> Result<Self, NotPassed> {
        let custom = env["endpoint"].as_str();
        let variant =
            Variant::default().with_fips(env["fips"] == true).with_dualstack(env["dualstack"] == true).with_custom(custom);
        let ResolvedEndpoint { url, region, .. } =
            endpoint::resolve(text(env, "region")?, variant).map_err(|error| error.to_string())?;
        let scheme = if url.is_tls() { "https" } else { "http" };
        let endpoint = url.to_core(&region).map_err(|error| error.to_string())?;
        Ok(Env { scheme, endpoint, credentials: credentials(env)?, now: now(env)? })
    }
}

pub(super) fn credentials(env: &Value) -> Result<Credentials<'_>, NotPassed> {
    let token = env["session_token"].as_str();
    Credentials::new(text(env, "access_key_id")?, text(env, "secret_access_key")?, token)
        .map_err(|error| NotPassed::Failed(format!("credentials: {error}")))
}

pub(super) fn now(env: &Value) -> Result<Timestamp, NotPassed> {
    let clock = text(env, "clock")?;
    Timestamp::parse_iso(clock).ok_or_else(|| NotPassed::Failed(format!("{clock} is not a valid time")))
}

/// The region that signatures name: that of a pseudo region such as `fips-us-east-1` is the one in it (section 8 of the reference).
pub(super) fn signing_region(env: &Value) -> Result<&str, NotPassed> {
    let region = text(env, "region")?;
    Ok(region.strip_prefix("fips-").or_else(|| region.strip_suffix("-fips")).unwrap_or(region))
}
