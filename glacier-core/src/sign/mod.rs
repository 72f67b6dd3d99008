//! AWS Signature Version 4, without a buffer: the canonical request is hashed while it is written.
//! Encoding what is signed belongs in `request`; where the time comes from belongs in `client`.
//!
//! The secret access key is only borrowed. A [`Signer`] caches the signing key derived from it, which is valid for one day, region and
//! service, and overwrites it on drop and when another takes its place. A key that is moved with its signer may leave copies in memory, as
//! any moved value in Rust.
//!
//! Source: "Create a signed AWS API request", AWS IAM user guide; the files here are its steps.

mod canonical;
#[cfg(not(feature = "rustcrypto"))]
mod hmac;
#[cfg(feature = "rustcrypto")]
#[path = "hmac_rustcrypto.rs"]
mod hmac;
mod key;
mod presign;
mod scope;
mod signed_request;
mod signer;
mod sorted;
mod string_to_sign;

pub use presign::{Expiry, InvalidExpiry, PresignError, PresignOptions};
pub use scope::Scope;
pub use signed_request::SignedRequest;
pub use signer::Signer;
pub use string_to_sign::{canonical_request, string_to_sign};
