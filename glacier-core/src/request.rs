//! From an operation to a signed request, all in one caller's buffer.

use core::fmt;

use crate::credentials::Credentials;
use crate::encode::{Encode, Headers, MAX_HEADERS, Method, Path, Payload, Query, Span};
use crate::error::BufferTooSmall;
use crate::hash::{LinearHash, LinearHasher};
use crate::service::Service;
use crate::sign::Signer;
use crate::sink::{Buffer, Sink};
use crate::time::Timestamp;

/// The version of the API, sent with every request as `x-amz-glacier-version`.
pub const API_VERSION: &str = "2012-06-01";

/// A request ready to send, as a transport sees it.
///
/// `Host` and `Content-Length` are not among the headers: the transport writes them, from [`host`](Request::host) and the body's size.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The value of the `Host` header, with the port when it is not the scheme's own.
    pub host: &'a str,
    /// The path, percent-encoded.
    pub path: &'a str,
    /// The query, percent-encoded, without its `?`; empty when there is none.
    pub query: &'a str,
    /// All other headers: names in lower case, values as they go on the wire.
    pub headers: &'a [(&'a str, &'a str)],
}

/// Shows no header value: some are secret.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.query.is_empty() { "" } else { "?" };
        write!(f, "{} {}{}{mark}{}", self.method.as_str(), self.host, self.path, self.query)
    }
}

/// A signed request that owns its list of headers; the text lies in the buffer it was written into.
pub struct SignedRequest<'b> {
    method: Method,
    host: &'b str,
    path: &'b str,
    query: &'b str,
    headers: heapless::Vec<(&'b str, &'b str), MAX_HEADERS>,
    payload: LinearHash,
    used: usize,
}

impl<'b> SignedRequest<'b> {
    /// Encodes and signs `operation` into `buf`; 1 KiB is enough for most requests, 2 KiB for any with a full description.
    ///
    /// # Errors
    /// [`EncodeError`] when `buf` is too small, with the size needed.
    pub fn new(
        operation: &(dyn Encode + Sync),
        service: &'b Service,
        credentials: &Credentials<'b>,
        signer: &mut Signer,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<(Self, &'b mut [u8]), EncodeError> {
        let payload = payload_hash(operation);
        let mut text = Buffer::new(buf);
        text.put(service.base_path().as_bytes());
        operation.path(&mut Path::new(&mut text));
        let path_end = text.len();
        operation.query(&mut Query::new(&mut text));
        let query_end = text.len();

        let mut spans: heapless::Vec<Span, MAX_HEADERS> = heapless::Vec::new();
        let mut too_many = false;
        let mut own = Headers::new(&mut text, &mut spans, &mut too_many);
        own.put("x-amz-date", &now).put("x-amz-glacier-version", &API_VERSION);
        if operation.payload() == Payload::Json {
            own.put("content-type", &"application/json");
        }
        operation.headers(&mut own);

        let (written, rest) = text.finish().map_err(EncodeError::Buffer)?;
        let written = core::str::from_utf8(written).map_err(|_| EncodeError::NotText)?;
        let slice = |from, to| written.get(from..to).ok_or(EncodeError::NotText);
        let mut headers = heapless::Vec::new();
        for &(name, from, to) in &spans {
            too_many |= headers.push((name, slice(from, to)?)).is_err();
        }
        if let Some(token) = credentials.session_token() {
            too_many |= headers.push(("x-amz-security-token", token)).is_err();
        }
        let mut signed = SignedRequest {
            method: operation.method(),
            host: service.host(),
            path: slice(0, path_end)?,
            query: slice(path_end, query_end)?,
            headers,
            payload,
            used: written.len(),
        };

        let capacity = rest.len();
        let mut authorization = Buffer::new(rest);
        signer.authorization(&service.scope(), credentials, now, &signed.as_request(), &payload, &mut authorization);
        let (value, rest) = authorization.finish().map_err(|short| {
            EncodeError::Buffer(BufferTooSmall {
                needed: short.needed.map(|n| n + signed.used as u64),
                capacity: signed.used + capacity,
            })
        })?;
        signed.used += value.len();
        let value = core::str::from_utf8(value).map_err(|_| EncodeError::NotText)?;
        too_many |= signed.headers.push(("authorization", value)).is_err();
        if too_many { Err(EncodeError::TooManyHeaders) } else { Ok((signed, rest)) }
    }

    /// The request, for a transport.
    pub fn as_request(&self) -> Request<'_> {
        Request { method: self.method, host: self.host, path: self.path, query: self.query, headers: &self.headers }
    }

    /// The hash of the body that was signed.
    pub fn payload_hash(&self) -> &LinearHash {
        &self.payload
    }

    /// Bytes of the buffer that the request takes.
    pub(crate) fn used(&self) -> usize {
        self.used
    }
}

/// The hash of the body: given with the operation, or made by writing the body into a hash.
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

/// Why a request could not be made. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// The buffer is too small for path, query and headers.
    Buffer(BufferTooSmall),
    /// The operation wrote more headers than there is room for: an `Encode` of your own with too many.
    TooManyHeaders,
    /// The operation wrote bytes that are not UTF-8: an `Encode` of your own.
    NotText,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buffer(short) => write!(f, "the request does not fit: {short}"),
            Self::TooManyHeaders => write!(f, "the operation has more than {MAX_HEADERS} headers"),
            Self::NotText => f.write_str("the operation wrote a path, query or header that is not UTF-8"),
        }
    }
}

impl core::error::Error for EncodeError {}
