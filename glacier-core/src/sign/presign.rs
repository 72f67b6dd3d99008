//! Presigned URLs, which carry their own signature, for a person or program without credentials.
//!
//! Such a URL is signed for one method, for the headers of the operation (its user must send the same values), and for an empty body.
//! The service requires the header `x-amz-glacier-version` with every request. As in AWS's own tools it is not signed, so the user of the
//! URL adds it.

use core::fmt;

use super::canonical::Canonical;
use super::scope::{Scope, put_scope};
use super::signer::Signer;
use super::sorted::Sorted;
use crate::hash::LinearHash;
use crate::request::{Encode, Headers, Method, Payload, Request, RequestBuilder};
use crate::values::{Credentials, Endpoint, Timestamp};
use crate::wire::{BufferTooSmall, EncodeError, Path, Percent, Query, Sink, Wire, put_hex};

/// How long a presigned URL is valid: 1 second to 7 days, by default an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Expiry(u32);

impl Expiry {
    /// The shortest, 1 second.
    pub const MIN: Expiry = Expiry(1);
    /// The longest, 7 days.
    pub const MAX: Expiry = Expiry(7 * 24 * 3600);

    /// This many seconds, 1 to 604,800.
    ///
    /// # Errors
    /// [`InvalidExpiry`] for any other number.
    pub const fn from_seconds(seconds: u32) -> Result<Self, InvalidExpiry> {
        if seconds >= Expiry::MIN.0 && seconds <= Expiry::MAX.0 { Ok(Expiry(seconds)) } else { Err(InvalidExpiry { seconds }) }
    }

    /// The seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

/// An hour.
impl Default for Expiry {
    fn default() -> Self {
        Expiry(3600)
    }
}

/// A number of seconds for which no presigned URL can be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InvalidExpiry {
    /// The seconds that were given.
    pub seconds: u32,
}

impl fmt::Display for InvalidExpiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a presigned URL is valid for 1 to 604800 seconds (7 days), not {}", self.seconds)
    }
}

impl core::error::Error for InvalidExpiry {}

/// How a presigned URL will be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PresignOptions {
    /// `https`, or `http` for a local endpoint.
    pub scheme: &'static str,
    /// How long it is valid.
    pub expiry: Expiry,
    /// A method other than that of the operation, such as HEAD for the headers alone.
    pub method: Option<Method>,
}

impl Default for PresignOptions {
    fn default() -> Self {
        PresignOptions { scheme: "https", expiry: Expiry::default(), method: None }
    }
}

impl Signer {
    /// Writes the URL of `operation`, valid from `now` on, to `out`. Meanwhile `buf` holds path, query and headers; 2 KiB are enough.
    ///
    /// # Errors
    /// [`PresignError`]. Nothing was written then.
    #[allow(clippy::too_many_arguments)] // They have nothing in common, so that a struct would only rename them.
    pub fn presign(
        &mut self,
        operation: &(dyn Encode + Sync),
        endpoint: &Endpoint,
        credentials: &Credentials<'_>,
        options: &PresignOptions,
        now: Timestamp,
        buf: &mut [u8],
        out: &mut dyn Sink,
    ) -> Result<(), PresignError> {
        if operation.payload() != Payload::Empty {
            return Err(PresignError::HasBody);
        }
        let mut builder = RequestBuilder::new(buf);
        builder.text.put(endpoint.base_path().as_bytes());
        operation.path(&mut Path::new(&mut builder.text));
        let path = builder.cut();
        operation.headers(&mut Headers::new(&mut builder));
        operation.query(&mut Query::new(&mut builder.text));
        if !builder.text.is_empty() {
            builder.text.put(b"&");
        }
        put_parameters(&mut builder.text, &Scope::of(endpoint), credentials, options.expiry, now, &builder.headers);
        let query = builder.cut();

        let (headers, ..) = builder.finish()?;
        let method = options.method.unwrap_or(operation.method());
        let request = Request { method, host: endpoint.host(), path, query, headers: &headers };
        let canonical = Canonical { request: &request, order: &Sorted, payload: &LinearHash::EMPTY };
        let signature = self.signature(&Scope::of(endpoint), credentials, now, &now.date(), &canonical);
        for piece in [options.scheme, "://", request.host, request.path, "?", request.query, "&X-Amz-Signature="] {
            out.put(piece.as_bytes());
        }
        put_hex(out, &signature);
        Ok(())
    }
}

/// The query parameters in place of the headers of a signature.
fn put_parameters(
    out: &mut dyn Sink,
    scope: &Scope<'_>,
    credentials: &Credentials<'_>,
    expiry: Expiry,
    now: Timestamp,
    headers: &[(&str, &str)],
) {
    out.put(b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
    let mut value = Percent { out, keep_slash: false };
    value.put(credentials.access_key_id().as_bytes());
    value.put(b"/");
    put_scope(scope, &now.date(), &mut value);
    out.put(b"&X-Amz-Date=");
    now.wire(out);
    out.put(b"&X-Amz-Expires=");
    u64::from(expiry.0).wire(out);
    out.put(b"&X-Amz-SignedHeaders=");
    let request = Request { method: Method::Get, host: "", path: "", query: "", headers };
    Canonical { request: &request, order: &Sorted, payload: &LinearHash::EMPTY }
        .signed_headers(&mut Percent { out, keep_slash: false });
    if let Some(token) = credentials.session_token() {
        out.put(b"&X-Amz-Security-Token=");
        Percent { out, keep_slash: false }.put(token.as_bytes());
    }
}

/// Why an operation cannot be presigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PresignError {
    /// The operation has a body. Glacier accepts no unsigned body, so its hash would have to be known.
    HasBody,
    /// The buffer is too small.
    Buffer(BufferTooSmall),
    /// The operation has more headers than there is room for, which only an `Encode` of your own can have.
    TooManyHeaders,
    /// The operation wrote bytes that are not UTF-8, which only an `Encode` of your own can do.
    NotText,
}

impl fmt::Display for PresignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HasBody => f.write_str(
                "an operation with a body cannot be presigned, since Glacier requires the hash of the body in the signature: send it signed",
            ),
            Self::Buffer(short) => write!(f, "the URL does not fit: {short}"),
            Self::TooManyHeaders => EncodeError::TooManyHeaders.fmt(f),
            Self::NotText => EncodeError::NotText.fmt(f),
        }
    }
}

impl core::error::Error for PresignError {}

impl From<EncodeError> for PresignError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::Buffer(short) => PresignError::Buffer(short),
            EncodeError::TooManyHeaders => PresignError::TooManyHeaders,
            EncodeError::NotText => PresignError::NotText,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_second_to_seven_days() {
        assert_eq!(Expiry::from_seconds(0), Err(InvalidExpiry { seconds: 0 }));
        assert!(Expiry::from_seconds(1).is_ok() && Expiry::from_seconds(604_800).is_ok());
        assert_eq!(Expiry::from_seconds(604_801), Err(InvalidExpiry { seconds: 604_801 }));
    }
}
