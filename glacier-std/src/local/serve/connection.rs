//! One connection: requests one after the other, until either side has enough.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use glacier_core::{ErrorCode, Method, Request};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;

use super::super::answer::{Answer, AnswerBody};
use super::super::refuse::Refused;
use super::Vaults;
use super::body::{Arriving, BodyError};
use super::patient::Patient;

/// How long the head of a request may take, and a connection lie idle before it.
const HEAD: Duration = Duration::from_secs(60);
/// How long a connection is read on after its last answer, so that the answer is not lost to a reset.
const LINGER: Duration = Duration::from_secs(3);

/// Serves a connection to its end, or until the request in hand is answered once `stopped` says so.
pub(super) async fn serve<I: AsyncRead + AsyncWrite + Unpin>(vaults: Vaults, io: I, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(move |request| {
        let vaults = vaults.clone();
        Box::pin(async move { Ok::<_, Infallible>(answer(&vaults, request).await) })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(Patient::new(io)), service);
    let mut stop = std::pin::pin!(stopped.wait_for(|stopped| *stopped));
    let mut stopping = false;
    let ended = std::future::poll_fn(|context| {
        if !stopping && stop.as_mut().poll(context).is_ready() {
            stopping = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        connection.poll_without_shutdown(context)
    });
    // Well or badly: what follows a refused request may not even look like HTTP, and the refusal is still on its way.
    let _ = ended.await;
    linger(connection.into_parts().io.into_inner()).await;
}

/// Closes our side and reads on for a while. Closing a socket with unread bytes, as an early refusal would leave them, resets the
/// connection, and the peer might never see the answer.
async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) {
    let read_on = async {
        let mut buf = [0; 8192];
        if io.shutdown().await.is_ok() {
            while matches!(io.read(&mut buf).await, Ok(1..)) {}
        }
    };
    let _ = timeout(LINGER, read_on).await;
}

/// Answers one request. When it is not read to its end, the connection is closed behind the answer.
async fn answer(vaults: &Vaults, request: hyper::Request<Incoming>) -> hyper::Response<AnswerBody> {
    let (head, incoming) = request.into_parts();
    let size = incoming.size_hint().exact();
    let mut body = Arriving::new(incoming);
    let answer = match read_head(&head) {
        Ok((method, host, headers)) => {
            let request =
                Request { method, host, path: head.uri.path(), query: head.uri.query().unwrap_or_default(), headers: &headers };
            match vaults.answer(&request, size, &mut body).await {
                Ok(answer) => answer,
                Err(BodyError::Slow) => vaults.refuse(&Refused::new(ErrorCode::RequestTimeout, "Request timed out.")),
                // The peer is gone; what is answered goes nowhere.
                Err(BodyError::Broken(error)) => {
                    vaults.refuse(&Refused::new(ErrorCode::BadRequest, format!("The body could not be read: {error}")))
                }
            }
        }
        Err(refused) => vaults.refuse(&refused),
    };
    respond(answer, body.is_read())
}

type Head<'h> = (Method, &'h str, Vec<(&'h str, &'h str)>);

/// Method, host and all other headers, as core knows them.
fn read_head(head: &hyper::http::request::Parts) -> Result<Head<'_>, Refused> {
    let method = match head.method.as_str() {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "POST" => Method::Post,
        "DELETE" => Method::Delete,
        other => return Err(Refused::new(ErrorCode::BadRequest, format!("{other} is no method of this service"))),
    };
    let mut headers = Vec::with_capacity(head.headers.len());
    let mut host = "";
    for (name, value) in &head.headers {
        let text = std::str::from_utf8(value.as_bytes());
        let value = text.map_err(|_| Refused::invalid(format!("The header {name} is not UTF-8")))?;
        if name == HOST {
            host = value;
        } else {
            headers.push((name.as_str(), value));
        }
    }
    Ok((method, host, headers))
}

fn respond(answer: Answer, is_read: bool) -> hyper::Response<AnswerBody> {
    let Answer { status, headers, body } = answer;
    let mut response = hyper::Response::new(body);
    // Our statuses are all legal, and our headers too.
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (hyper::header::HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    if !is_read {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
