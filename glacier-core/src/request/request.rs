//! A request as a transport sees it.

use core::fmt;

use super::encode::Method;

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
