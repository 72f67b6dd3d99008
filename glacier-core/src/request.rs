//! From an operation to a signed request, all in one caller's buffer.

use core::fmt;

use crate::credentials::Credentials;
use crate::draft::{Draft, HeaderList};
use crate::encode::{Encode, Headers, Method, Path, Payload, Query};
use crate::error::EncodeError;
use crate::hash::{LinearHash, LinearHasher};
use crate::service::Service;
use crate::sign::Signer;
use crate::sink::Sink;
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
    headers: HeaderList<'b>,
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
        let mut draft = Draft::new(buf);
        draft.text.put(service.base_path().as_bytes());
        operation.path(&mut Path::new(&mut draft.text));
        let path = draft.cut();
        operation.query(&mut Query::new(&mut draft.text));
        let query = draft.cut();

        // The transport writes `host`; it is here for the signature, which then takes its place.
        draft.add_header("host", service.host());
        let mut own = Headers::new(&mut draft);
        own.put("x-amz-date", &now).put("x-amz-glacier-version", &API_VERSION);
        if operation.payload() == Payload::Json {
            own.put("content-type", &"application/json");
        }
        operation.headers(&mut own);
        if let Some(token) = credentials.session_token() {
            draft.add_header("x-amz-security-token", token);
        }

        let (method, host) = (operation.method(), service.host());
        let request = Request { method, host, path, query, headers: &draft.headers };
        signer.authorize_ordered(&service.scope(), credentials, now, &request, &payload, &mut draft.text);
        let value = draft.cut();
        draft.replace_header("host", "authorization", value);
        let (headers, used, rest) = draft.finish()?;
        Ok((SignedRequest { method, host, path, query, headers, payload, used }, rest))
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
