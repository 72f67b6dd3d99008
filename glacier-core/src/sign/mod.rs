//! AWS Signature Version 4, without a buffer: the canonical request goes into a hash while it is written.
//! What is signed is encoded in `request`; where the time comes from belongs to `client`.
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
