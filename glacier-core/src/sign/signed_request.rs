//! From an operation to a signed request, in one buffer of the caller.

use super::scope::Scope;
use super::signer::Signer;
use crate::hash::{LinearHash, LinearHasher};
use crate::request::{API_VERSION, Encode, HeaderList, Headers, Method, Payload, Request, RequestBuilder};
use crate::values::{Credentials, Endpoint, Timestamp};
use crate::wire::{EncodeError, Path, Query, Sink};

/// A signed request. It owns the list of its headers, and borrows their text from the buffer that it was written into.
pub struct SignedRequest<'b> {
    method: Method,
    host: &'b str,
    path: &'b str,
    query: &'b str,
    headers: HeaderList<'b>,
    payload: LinearHash,
    used: usize,
}

impl<'b> SignedRequest<'b> {
    /// Encodes and signs `operation` into `buf`, and returns the rest of the buffer. 1 KiB is enough for most requests, 2 KiB for any
    /// with a full description.
    ///
    /// # Errors
    /// [`EncodeError::Buffer`] when `buf` is too small, with the size needed; the others only for an [`Encode`] of your own.
    pub fn new(
        operation: &(dyn Encode + Sync),
        endpoint: &'b Endpoint,
        credentials: &Credentials<'b>,
        signer: &mut Signer,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<(Self, &'b mut [u8]), EncodeError> {
        let payload = payload_hash(operation);
        let mut builder = RequestBuilder::new(buf);
        builder.text.put(endpoint.base_path().as_bytes());
        operation.path(&mut Path::new(&mut builder.text));
        let path = builder.cut();
        operation.query(&mut Query::new(&mut builder.text));
        let query = builder.cut();

        // `host` is here to be signed; the transport writes it, and the signature takes its place in the list.
        builder.add_header("host", endpoint.host());
        let mut own = Headers::new(&mut builder);
        own.put("x-amz-date", &now).put("x-amz-glacier-version", &API_VERSION);
        if operation.payload() == Payload::Json {
            own.put("content-type", &"application/json");
        }
        operation.headers(&mut own);
        if let Some(token) = credentials.session_token() {
            builder.add_header("x-amz-security-token", token);
        }

        let (method, host) = (operation.method(), endpoint.host());
        let request = Request { method, host, path, query, headers: &builder.headers };
        signer.authorize_ordered(&Scope::of(endpoint), credentials, now, &request, &payload, &mut builder.text);
        let value = builder.cut();
        builder.replace_header("host", "authorization", value);
        let (headers, used, rest) = builder.finish()?;
        Ok((SignedRequest { method, host, path, query, headers, payload, used }, rest))
    }

    /// The request, for a transport.
    #[must_use]
    pub fn as_request(&self) -> Request<'_> {
        Request { method: self.method, host: self.host, path: self.path, query: self.query, headers: &self.headers }
    }

    /// The hash of the body, which is signed too.
    #[must_use]
    pub fn payload_hash(&self) -> &LinearHash {
        &self.payload
    }

    /// The bytes of the buffer that the request uses.
    pub(crate) fn used(&self) -> usize {
        self.used
    }
}

/// The hash of the body: given with the operation, or computed by writing the body into a hasher.
fn payload_hash(operation: &(dyn Encode + Sync)) -> LinearHash {
    match operation.payload() {
        Payload::Empty => LinearHash::EMPTY,
        Payload::Stream(hash) => hash,
        Payload::Json => {
            let mut hasher = LinearHasher::new();
            operation.json(&mut hasher);
            hasher.finish()
        }
    }
}
