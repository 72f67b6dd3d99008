//! Amazon Glacier on a host.
#![forbid(unsafe_code)]
// Errors carry the service's own words, as in glacier-core.
#![allow(clippy::result_large_err, clippy::large_enum_variant)]

pub mod clock;
pub mod config;
pub mod file;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "transfer")]
pub mod transfer;
