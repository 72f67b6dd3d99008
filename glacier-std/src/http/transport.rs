//! The transport: from core's request to hyper's, and back.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::BytesMut;
use glacier_core::{Head, Method, Request, SendError, Source, Transport};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, PROXY_AUTHORIZATION};
use hyper::{Response, Uri};

use super::connect::Connector;
use super::connection::{Connection, ExchangeError, feed};
use super::error::HttpError;
use super::options::HttpOptions;
use super::pool::ConnectionPool;
use super::proxy_error::ProxyErrorKind;
use super::request_body::{BodyBuffers, RequestBody};
use super::response_body::ResponseBody;
use super::setup_error::HttpSetupError;
use crate::config::BaseUrl;

/// Sends requests to one service over HTTP/1.1.
///
/// It sends one request at a time. Clones are cheap and share their idle connections: use one clone for each concurrent request.
/// Needs a tokio runtime of either flavor with I/O and time enabled. An upload holds at most 256 KiB of its body in memory.
///
/// ```no_run
/// use glacier_std::config::BaseUrl;
/// use glacier_std::http::{HttpOptions, HttpTransport};
///
/// let url = BaseUrl::parse("https://glacier.eu-west-1.amazonaws.com")?;
/// let transport = HttpTransport::new(&url, &HttpOptions::default())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct HttpTransport {
    shared: Arc<Shared>,
    buffers: Arc<BodyBuffers>,
    /// The body of the last response, until it is asked for. Never locked: the mutex makes a transport `Sync`, as the state of a
    /// web service must be.
    response: Mutex<Option<ResponseBody>>,
}

struct Shared {
    connector: Connector,
    pool: Arc<ConnectionPool>,
}

impl HttpTransport {
    /// A transport to `url`. It does not connect yet; for https it loads the trusted certificates, which takes a few milliseconds.
    ///
    /// # Errors
    /// [`HttpSetupError`] when [`HttpOptions::ca_bundle`] cannot be used, or the proxy for `url` in [`HttpOptions::proxies`].
    pub fn new(url: &BaseUrl, options: &HttpOptions) -> Result<Self, HttpSetupError> {
        let connector = Connector::new(url, options)?;
        Ok(HttpTransport {
            shared: Arc::new(Shared { connector, pool: Arc::new(ConnectionPool::new(options.max_idle)) }),
            buffers: Arc::default(),
            response: Mutex::default(),
        })
    }

    /// Sends on an idle connection, or on a new one. If an idle connection turns out closed before a byte was written, the next one
    /// is used; once a byte was written, the service may have acted.
    async fn exchange<S: Source>(
        &mut self,
        mut message: hyper::Request<RequestBody>,
        body: &mut S,
    ) -> Result<(Box<Connection>, Response<hyper::body::Incoming>), SendError<HttpError, S::Error>> {
        let size = body.size();
        let buffers = Arc::clone(&self.buffers);
        let mut feeding = pin!(feed(&buffers, body, size));
        let mut fed = false;
        loop {
            let reused = self.shared.pool.take();
            let fresh = reused.is_none();
            let mut connection = match reused {
                Some(connection) => connection,
                None => Box::new(self.shared.connector.connect().await.map_err(SendError::NotSent)?),
            };
            match connection.exchange(message, &buffers, feeding.as_mut(), &mut fed).await {
                Ok(response) => return Ok((connection, response)),
                Err(ExchangeError::Unsent(_)) if fresh => return Err(SendError::NotSent(HttpError::Closed { reason: None })),
                // What was read of the body is still in the buffers, and reading continues where it is.
                Err(ExchangeError::Unsent(again)) => message = again,
                Err(ExchangeError::Source(error)) => return Err(SendError::Source(error)),
                Err(ExchangeError::Broken(error)) => return Err(SendError::Transport(error)),
            }
        }
    }

    /// Empties the buffers. A request that was dropped may still own the old ones; new ones are made then.
    fn empty_buffers(&mut self) {
        match Arc::get_mut(&mut self.buffers) {
            Some(buffers) => buffers.clear(),
            None => self.buffers = Arc::default(),
        }
    }
}

impl HttpTransport {
    fn response(&mut self) -> &mut Option<ResponseBody> {
        self.response.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for HttpTransport {
    type Error = HttpError;
    type Body<'t> = ResponseBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<HttpError, S::Error>> {
        // A response that was not read to its end takes its connection with it.
        *self.response() = None;
        self.empty_buffers();
        let request_body = RequestBody::new(Arc::clone(&self.buffers), body.size());
        let message = message(request, &self.shared.connector, body.size(), request_body).map_err(SendError::NotSent)?;
        let (connection, response) = self.exchange(message, body).await?;
        let status = response.status().as_u16();
        if status < 200 {
            return Err(SendError::Transport(HttpError::NotHttp {
                reason: format!("status {status} to a request without Upgrade"),
            }));
        }
        if let Some(error) = intercepted(&response, &self.shared.connector) {
            // The connection can be kept if there is no body.
            drop(ResponseBody::new(connection, response.into_body(), Arc::clone(&self.shared.pool)));
            return Err(SendError::NotSent(error));
        }
        head.start(status);
        for (name, value) in response.headers() {
            head.push(name.as_str(), value.as_bytes())?;
        }
        *self.response() = Some(ResponseBody::new(connection, response.into_body(), Arc::clone(&self.shared.pool)));
        Ok(())
    }

    fn body(&mut self) -> ResponseBody {
        self.response().take().unwrap_or_else(|| ResponseBody::none(&self.shared.pool))
    }
}

impl Clone for HttpTransport {
    fn clone(&self) -> Self {
        HttpTransport { shared: Arc::clone(&self.shared), buffers: Arc::default(), response: Mutex::default() }
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("url", self.shared.connector.url()).finish_non_exhaustive()
    }
}

/// The names of Glacier's own headers, which then need not be allocated for each request.
static NAMES: [HeaderName; 8] = [
    HeaderName::from_static("x-amz-archive-description"),
    HeaderName::from_static("x-amz-archive-size"),
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-glacier-version"),
    HeaderName::from_static("x-amz-part-size"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-amz-sha256-tree-hash"),
];

fn header_name(name: &str) -> Result<HeaderName, HttpError> {
    match NAMES.iter().find(|known| known.as_str() == name) {
        Some(known) => Ok(known.clone()),
        None => HeaderName::from_bytes(name.as_bytes()).map_err(|_| HttpError::Unsendable { what: "header name" }),
    }
}

/// The error of a response that is not the service's own. It never redirects; a proxy or a captive portal does, and they have not
/// let the request through.
fn intercepted<B>(response: &Response<B>, connector: &Connector) -> Option<HttpError> {
    let status = response.status().as_u16();
    match (status, connector.forwarding_proxy()) {
        (407, Some(proxy)) => {
            let kind = ProxyErrorKind::Authentication { given: proxy.authorization.is_some() };
            return Some(connector.proxy_error(proxy, kind));
        }
        (300..=399 | 407 | 511, _) => {}
        _ => return None,
    }
    // It is shown to people, so it is cut at a length that anybody reads.
    let visible = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' };
    let location = response.headers().get(LOCATION).map(|value| value.as_bytes().iter().take(300).map(visible).collect::<String>());
    Some(HttpError::Intercepted { status, location: location.filter(|location| !location.is_empty()) })
}

/// The request as hyper's type: its headers in their order, after `Host`.
fn message(
    request: &Request<'_>,
    connector: &Connector,
    size: u64,
    body: RequestBody,
) -> Result<hyper::Request<RequestBody>, HttpError> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 3);
    headers.insert(HOST, HeaderValue::from_str(request.host).map_err(|_| HttpError::Unsendable { what: "host" })?);
    // One copy of all values together, of which each header shares its piece.
    let mut values = BytesMut::with_capacity(request.headers.iter().map(|(_, value)| value.len()).sum());
    for (name, value) in request.headers {
        values.extend_from_slice(value.as_bytes());
        let value = HeaderValue::from_maybe_shared(values.split().freeze());
        headers.append(header_name(name)?, value.map_err(|_| HttpError::Unsendable { what: "header value" })?);
    }
    if size > 0 || matches!(request.method, Method::Put | Method::Post) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    }
    let mut target = String::with_capacity(request.path.len() + request.query.len() + 1);
    if let Some(proxy) = connector.forwarding_proxy() {
        target.push_str(&connector.url().origin());
        if let Some(authorization) = &proxy.authorization {
            headers.insert(PROXY_AUTHORIZATION, authorization.clone());
        }
    }
    target.push_str(request.path);
    if !request.query.is_empty() {
        target.push('?');
        target.push_str(request.query);
    }
    let mut message = hyper::Request::new(body);
    *message.method_mut() =
        hyper::Method::from_bytes(request.method.as_str().as_bytes()).map_err(|_| HttpError::Unsendable { what: "method" })?;
    *message.uri_mut() = Uri::from_maybe_shared(bytes::Bytes::from(target))
        .ok()
        .filter(|uri| uri.path() == request.path && uri.query().unwrap_or_default() == request.query)
        .ok_or(HttpError::Unsendable { what: "path or query" })?;
    *message.headers_mut() = headers;
    Ok(message)
}
