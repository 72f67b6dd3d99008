//! One connection: requests one after the other, until either side closes it.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use glacier_core::{ErrorCode, Method, Request};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;

use super::body::{BodyError, RequestBody};
use super::write_timeout::WriteTimeout;
use crate::local::model::ApiError;
use crate::local::response::{LocalBody, LocalResponse};
use crate::local::service::Vaults;

/// How long to wait for the head of a request, and so how long a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How long to keep reading from a connection after its last response, so that the response is not lost to a reset.
const LINGER: Duration = Duration::from_secs(3);

/// Serves a connection to its end, or, once `stopped` is true, to the end of the request in progress.
pub(super) async fn serve<I: AsyncRead + AsyncWrite + Unpin>(vaults: Vaults, io: I, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(move |request| {
        let vaults = vaults.clone();
        Box::pin(async move { Ok::<_, Infallible>(respond(&vaults, request).await) })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(WriteTimeout::new(io)), service);
    let mut stop = std::pin::pin!(stopped.wait_for(|stopped| *stopped));
    let mut stopping = false;
    let ended = std::future::poll_fn(|context| {
        if !stopping && stop.as_mut().poll(context).is_ready() {
            stopping = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        connection.poll_without_shutdown(context)
    });
    // An error here changes nothing: what follows a failed request may not even be HTTP, and its response is still being sent.
    let _ = ended.await;
    linger(connection.into_parts().io.into_inner()).await;
}

/// Closes our side and keeps reading for a while. Closing a socket with unread bytes, as an early service error leaves them, resets
/// the connection, and the peer might never see the response.
async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) {
    let drain = async {
        let mut buf = [0; 8192];
        if io.shutdown().await.is_ok() {
            while matches!(io.read(&mut buf).await, Ok(1..)) {}
        }
    };
    let _ = timeout(LINGER, drain).await;
}

/// Responds to one request. If it was not read to its end, the connection is closed after the response.
async fn respond(vaults: &Vaults, request: hyper::Request<Incoming>) -> hyper::Response<LocalBody> {
    let (head, incoming) = request.into_parts();
    let size = incoming.size_hint().exact();
    let mut body = RequestBody::new(incoming);
    let response = match read_head(&head) {
        Ok((method, host, headers)) => {
            let request =
                Request { method, host, path: head.uri.path(), query: head.uri.query().unwrap_or_default(), headers: &headers };
            match vaults.handle(&request, size, &mut body).await {
                Ok(response) => response,
                Err(BodyError::TimedOut) => vaults.error_response(&ApiError::new(ErrorCode::RequestTimeout, "Request timed out.")),
                // The peer is gone; nobody receives this response.
                Err(BodyError::Connection(error)) => {
                    vaults.error_response(&ApiError::new(ErrorCode::BadRequest, format!("The body could not be read: {error}")))
                }
            }
        }
        Err(error) => vaults.error_response(&error),
    };
    to_hyper(response, body.is_read())
}

type Head<'h> = (Method, &'h str, Vec<(&'h str, &'h str)>);

/// Method, host and all other headers, as core has them.
fn read_head(head: &hyper::http::request::Parts) -> Result<Head<'_>, ApiError> {
    let method = match head.method.as_str() {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "POST" => Method::Post,
        "DELETE" => Method::Delete,
        other => return Err(ApiError::new(ErrorCode::BadRequest, format!("{other} is not a method of this service"))),
    };
    let mut headers = Vec::with_capacity(head.headers.len());
    let mut host = "";
    for (name, value) in &head.headers {
        let text = std::str::from_utf8(value.as_bytes());
        let value = text.map_err(|_| ApiError::invalid(format!("The header {name} is not UTF-8")))?;
        if name == HOST {
            host = value;
        } else {
            headers.push((name.as_str(), value));
        }
    }
    Ok((method, host, headers))
}

fn to_hyper(response: LocalResponse, is_read: bool) -> hyper::Response<LocalBody> {
    // Statuses and headers of this service are valid HTTP.
    let status = hyper::StatusCode::from_u16(response.status()).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    if !is_read {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let mut hyper_response = hyper::Response::new(response.into_body());
    *hyper_response.status_mut() = status;
    *hyper_response.headers_mut() = headers;
    hyper_response
}
