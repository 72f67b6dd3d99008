//! How often requests are retried, as for AWS's own tools.

use glacier_core::retry::RetryPolicy;

use super::config::Config;
use super::error::ConfigError;
use super::found::Found;

/// The SDKs' way to retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// As [`glacier_core::retry`] does.
    Standard,
    /// Done as [`Standard`](RetryMode::Standard), which replaces it in the SDKs too.
    Legacy,
    /// Done as [`Standard`](RetryMode::Standard): the rate limit that an SDK of this mode imposes on itself is not.
    Adaptive,
}

impl Config<'_> {
    /// The mode: `AWS_RETRY_MODE`, the profile's `retry_mode`; `None` when neither is set.
    ///
    /// # Errors
    /// [`ConfigError::NotUnderstood`] for another mode than those of the SDKs.
    pub fn retry_mode(&self) -> Result<Option<Found<RetryMode>>, ConfigError> {
        let Some(found) = self.variable("AWS_RETRY_MODE").or_else(|| self.property("retry_mode")) else { return Ok(None) };
        let value = match found.value.to_ascii_lowercase().as_str() {
            "standard" => RetryMode::Standard,
            "legacy" => RetryMode::Legacy,
            "adaptive" => RetryMode::Adaptive,
            _ => return Err(not_understood(found, "a retry mode: use standard, adaptive or legacy")),
        };
        Ok(Some(Found { value, from: found.from }))
    }

    /// The retries of a request that moves no archive: [`RetryPolicy::default`], with as many attempts as `AWS_MAX_ATTEMPTS` or the
    /// profile's `max_attempts` says; more than 255 are 255.
    ///
    /// # Errors
    /// [`ConfigError::NotUnderstood`] when that is no number, or 0.
    pub fn retry_policy(&self) -> Result<RetryPolicy, ConfigError> {
        let Some(found) = self.variable("AWS_MAX_ATTEMPTS").or_else(|| self.property("max_attempts")) else {
            return Ok(RetryPolicy::default());
        };
        let digits = found.value.chars().all(|c| c.is_ascii_digit());
        let attempts = match found.value.parse::<u64>() {
            Ok(number) => u8::try_from(number).unwrap_or(u8::MAX),
            Err(_) if digits => u8::MAX,
            Err(_) => 0,
        };
        if attempts == 0 {
            return Err(not_understood(found, "a number of attempts: use a whole number from 1"));
        }
        Ok(RetryPolicy::default().with_max_attempts(attempts))
    }
}

fn not_understood(found: Found<String>, expected: &'static str) -> ConfigError {
    ConfigError::NotUnderstood { from: found.from, value: found.value, expected }
}
