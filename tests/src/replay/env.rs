//! Who calls what and when, from a case's `env`.

use glacier_core::{Credentials, Service, Timestamp};
use serde_json::Value;

use super::{Not, text};
use crate::vectors::Url;

/// The surroundings of a case; what is borrowed lies in the case.
pub(super) struct Env<'a> {
    pub(super) service: Service,
    pub(super) credentials: Credentials<'a>,
    pub(super) now: Timestamp,
}

impl<'a> Env<'a> {
    /// The surroundings, calling the host of `url`, whose path begins with the endpoint's own.
    pub(super) fn new(env: &'a Value, url: &Url<'_>) -> Result<Self, Not> {
        let base = match env["endpoint"].as_str() {
            Some(endpoint) => Url::parse(endpoint)?.path,
            None => "",
        };
        let service = Service::new(text(env, "region")?, &url.host).and_then(|service| service.with_base_path(base));
        Ok(Env { service: service.map_err(|error| format!("service: {error}"))?, credentials: credentials(env)?, now: now(env)? })
    }
}

pub(super) fn credentials(env: &Value) -> Result<Credentials<'_>, Not> {
    let token = env["session_token"].as_str();
    Credentials::new(text(env, "access_key_id")?, text(env, "secret_access_key")?, token)
        .map_err(|error| Not::Failed(format!("credentials: {error}")))
}

pub(super) fn now(env: &Value) -> Result<Timestamp, Not> {
    let clock = text(env, "clock")?;
    Timestamp::parse_iso(clock).ok_or_else(|| Not::Failed(format!("no time: {clock}")))
}
