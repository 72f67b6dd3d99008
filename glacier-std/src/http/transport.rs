//! The transport itself: from core's request to hyper's, and back.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use bytes::BytesMut;
use glacier_core::{Head, Method, Request, SendError, Source, Transport};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use hyper::{Response, Uri};

use super::answer::Answer;
use super::connect::Connector;
use super::connection::{Connection, Failure, feed};
use super::error::Error;
use super::options::Options;
use super::pipe::{Outgoing, Pipe};
use super::pool::Pool;
use super::tls::InvalidRoots;
use crate::config::BaseUrl;

/// Sends requests to one service over HTTP/1.1.
///
/// It sends one request at a time. Clones are cheap and share their idle connections, so the way to have more in flight is more clones.
/// Works within a tokio runtime of either kind that has I/O and time enabled; an upload holds at most 256 KiB of its body in memory.
///
/// ```no_run
/// use glacier_std::config::BaseUrl;
/// use glacier_std::http::{HttpTransport, Options};
///
/// let url = BaseUrl::parse("https://glacier.eu-west-1.amazonaws.com")?;
/// let transport = HttpTransport::new(&url, &Options::default())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct HttpTransport {
    shared: Arc<Shared>,
    pipe: Arc<Pipe>,
    /// The body of the last response, until it is asked for.
    response: Option<Answer>,
}

struct Shared {
    connector: Connector,
    pool: Arc<Pool>,
}

impl HttpTransport {
    /// A transport to `url`. It does not connect yet; for https it loads the certificates to trust, which takes a few milliseconds.
    ///
    /// # Errors
    /// [`InvalidRoots`] when [`Options::ca_bundle`] cannot be used.
    pub fn new(url: &BaseUrl, options: &Options) -> Result<Self, InvalidRoots> {
        let connector = Connector::new(url, options)?;
        Ok(HttpTransport {
            shared: Arc::new(Shared { connector, pool: Arc::new(Pool::new(options.max_idle)) }),
            pipe: Arc::default(),
            response: None,
        })
    }

    /// Sends on an idle connection, or on a new one. A request that an idle one did not take goes to the next; one that it took in part
    /// does not, as the service may have acted on it.
    async fn exchange<S: Source>(
        &mut self,
        mut message: hyper::Request<Outgoing>,
        body: &mut S,
    ) -> Result<(Box<Connection>, Response<hyper::body::Incoming>), SendError<Error, S::Error>> {
        let size = body.size();
        let pipe = Arc::clone(&self.pipe);
        let mut feeding = pin!(feed(&pipe, body, size));
        let mut fed = false;
        loop {
            let reused = self.shared.pool.take();
            let fresh = reused.is_none();
            let mut connection = match reused {
                Some(connection) => connection,
                None => Box::new(self.shared.connector.connect().await.map_err(SendError::NotSent)?),
            };
            match connection.exchange(message, &pipe, feeding.as_mut(), &mut fed).await {
                Ok(response) => return Ok((connection, response)),
                Err(Failure::Unsent(_)) if fresh => return Err(SendError::NotSent(Error::Closed { reason: None })),
                // What was read of the body is still in the pipe, and the reading goes on where it is.
                Err(Failure::Unsent(again)) => message = again,
                Err(Failure::Source(error)) => return Err(SendError::Source(error)),
                Err(Failure::Broken(error)) => return Err(SendError::Transport(error)),
            }
        }
    }

    /// A pipe with nothing of an earlier request in it. One that was given up may still hold on to the old one.
    fn fresh_pipe(&mut self) {
        match Arc::get_mut(&mut self.pipe) {
            Some(pipe) => pipe.clear(),
            None => self.pipe = Arc::default(),
        }
    }
}

impl Transport for HttpTransport {
    type Error = Error;
    type Body<'t> = Answer;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Error, S::Error>> {
        // A response that was not read to its end takes its connection with it.
        self.response = None;
        self.fresh_pipe();
        let outgoing = Outgoing::new(Arc::clone(&self.pipe), body.size());
        let message = message(request, &self.shared.connector, body.size(), outgoing).map_err(SendError::NotSent)?;
        let (connection, response) = self.exchange(message, body).await?;
        let status = response.status().as_u16();
        if status < 200 {
            return Err(SendError::Transport(Error::NotHttp { reason: format!("status {status} was not asked for") }));
        }
        head.start(status);
        for (name, value) in response.headers() {
            head.push(name.as_str(), value.as_bytes())?;
        }
        self.response = Some(Answer::new(connection, response.into_body(), Arc::clone(&self.shared.pool)));
        Ok(())
    }

    fn body(&mut self) -> Answer {
        self.response.take().unwrap_or_else(|| Answer::none(&self.shared.pool))
    }
}

impl Clone for HttpTransport {
    fn clone(&self) -> Self {
        HttpTransport { shared: Arc::clone(&self.shared), pipe: Arc::default(), response: None }
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("url", self.shared.connector.url()).finish_non_exhaustive()
    }
}

/// The names of Glacier's own headers, which then need not be made for each request.
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

fn header_name(name: &str) -> Result<HeaderName, Error> {
    match NAMES.iter().find(|known| known.as_str() == name) {
        Some(known) => Ok(known.clone()),
        None => HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::Unsendable { what: "header name" }),
    }
}

/// hyper's form of the request: its headers in their order, behind `Host`.
fn message(request: &Request<'_>, connector: &Connector, size: u64, body: Outgoing) -> Result<hyper::Request<Outgoing>, Error> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 3);
    headers.insert(HOST, HeaderValue::from_str(request.host).map_err(|_| Error::Unsendable { what: "host" })?);
    // One copy of all values together, of which each header shares its piece.
    let mut values = BytesMut::with_capacity(request.headers.iter().map(|(_, value)| value.len()).sum());
    for (name, value) in request.headers {
        values.extend_from_slice(value.as_bytes());
        let value = HeaderValue::from_maybe_shared(values.split().freeze());
        headers.append(header_name(name)?, value.map_err(|_| Error::Unsendable { what: "header value" })?);
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
        hyper::Method::from_bytes(request.method.as_str().as_bytes()).map_err(|_| Error::Unsendable { what: "method" })?;
    *message.uri_mut() = Uri::from_maybe_shared(bytes::Bytes::from(target))
        .ok()
        .filter(|uri| uri.path() == request.path && uri.query().unwrap_or_default() == request.query)
        .ok_or(Error::Unsendable { what: "path or query" })?;
    *message.headers_mut() = headers;
    Ok(message)
}
