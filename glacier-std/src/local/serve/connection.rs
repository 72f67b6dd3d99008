//! One connection: requests one after the other, until either side closes it.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
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

use super::body::{BodyError, RequestBody, ResponseBody};
use super::connections::{Connections, Ending, Slot, State};
use super::control_access::ControlAccess;
use super::first::first;
use super::own_paths;
use super::watched_io::WatchedIo;
use super::write_timeout::WriteTimeout;
use crate::local::model::ApiError;
use crate::local::request::{Origin, repeated_header};
use crate::local::response::LocalResponse;
use crate::local::service::{Outcome, Vaults};

/// How long a connection may be idle.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 32 << 10;
/// Bytes that are received at a time. hyper's own limit is six times as many, and each of 64 uploads would keep them.
const RECEIVE: usize = 64 << 10;
/// How long to keep reading from a connection after its last response, so that the response is not lost to a reset.
const LINGER: Duration = Duration::from_secs(3);

/// What a connection serves.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) vaults: Vaults,
    /// None unless it was asked for.
    pub(super) control: Option<ControlAccess>,
}

/// How a connection ends.
enum End {
    /// Another takes its place.
    Yielded,
    /// The server stops, and there is no request in progress.
    Stopped,
    /// By a fault.
    Fault(Ending),
    /// By itself.
    Closed(hyper::Result<()>),
}

/// Serves one connection that no [`Server`](super::Server) accepted, such as a pipe or a Unix socket, to its end. The peer counts as one on this
/// machine, and the connection as one without TLS.
pub async fn serve_connection<I: AsyncRead + AsyncWrite + Unpin>(vaults: &Vaults, io: I) {
    let (_stop, stopped) = watch::channel(false);
    if let Ok(slot) = Connections::new(1).admit(Ipv4Addr::LOCALHOST.into()) {
        let service = Service { vaults: vaults.clone(), control: None };
        let _ended = serve(service, io, Origin::PIPE, slot, stopped).await;
    }
}

/// Serves a connection to its end, until it has to yield, or, once `stopped` is true, to the end of the request in progress. If there is a
/// result, a fault wants it to be reset.
pub(super) async fn serve<I: AsyncRead + AsyncWrite + Unpin>(
    service: Service,
    io: I,
    origin: Origin,
    slot: Slot,
    mut stopped: watch::Receiver<bool>,
) -> Option<I> {
    let slot = Arc::new(slot);
    let service = service_fn(|request| {
        slot.set(State::Working);
        let (service, slot) = (service.clone(), slot.clone());
        Box::pin(async move { Ok::<_, Infallible>(respond(&service, origin, &slot, request).await) })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .max_header_size(MAX_HEAD)
        .max_buf_size(RECEIVE)
        .serve_connection(TokioIo::new(WatchedIo::new(WriteTimeout::new(io), slot.clone())), service);
    let mut stop = std::pin::pin!(stopped.wait_for(|stopped| *stopped));
    let mut yields = std::pin::pin!(slot.yields());
    let mut stopping = false;
    let end = std::future::poll_fn(|context| {
        if yields.as_mut().poll(context).is_ready() {
            return Poll::Ready(End::Yielded);
        }
        if !stopping && stop.as_mut().poll(context).is_ready() {
            stopping = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        let polled = connection.poll_without_shutdown(context);
        if let Some(ending) = slot.ending() {
            return Poll::Ready(End::Fault(ending));
        }
        match polled {
            Poll::Ready(closed) => Poll::Ready(End::Closed(closed)),
            Poll::Pending if stopping && slot.is_idle() => Poll::Ready(End::Stopped),
            Poll::Pending => Poll::Pending,
        }
    });
    let end = end.await;
    let mut io = connection.into_parts().io.into_inner().into_inner().into_inner();
    // The response to a request that was not read to its end, or not understood, is still on its way.
    let is_unread = slot.is_unread() || matches!(&end, End::Closed(Err(error)) if error.is_parse());
    match end {
        End::Closed(_) if is_unread => {
            slot.set(State::Idle);
            until(linger(io), yields).await;
        }
        End::Closed(Ok(())) | End::Stopped => until(async { drop(io.shutdown().await) }, yields).await,
        End::Fault(Ending::Reset) => return Some(io),
        End::Fault(Ending::Closed) => {
            slot.set(State::Idle);
            until(linger(io), yields).await;
        }
        End::Fault(Ending::Stalled) if !stopping => {
            slot.set(State::Idle);
            first(drain(io), first(yields, async { drop(stop.await) })).await;
        }
        End::Fault(Ending::Stalled) | End::Closed(Err(_)) | End::Yielded => {}
    }
    None
}

/// Waits for the end of `work`, at most for [`LINGER`], and no longer than the connection has its place.
async fn until(work: impl Future<Output = ()>, yields: impl Future<Output = ()>) {
    let _ = timeout(LINGER, first(work, yields)).await;
}

/// Closes our side and keeps reading until the other is closed too. Closing a socket with unread bytes, as an early service error leaves
/// them, resets the connection, and the peer might never see the response.
async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) {
    if io.shutdown().await.is_ok() {
        drain(io).await;
    }
}

/// Reads until the other side closes.
async fn drain<I: AsyncRead + Unpin>(mut io: I) {
    let mut buf = [0; 8192];
    while matches!(io.read(&mut buf).await, Ok(1..)) {}
}

/// Responds to one request. If it was not read to its end, the connection is closed after the response.
async fn respond(
    service: &Service,
    origin: Origin,
    slot: &Arc<Slot>,
    request: hyper::Request<Incoming>,
) -> hyper::Response<ResponseBody> {
    let (head, incoming) = request.into_parts();
    let Service { vaults, control } = service;
    if own_paths::is_own(head.uri.path()) {
        let (response, is_read) = own_paths::respond(vaults, control.as_ref(), origin, slot, &head, incoming).await;
        slot.set(State::Working);
        return to_hyper(response, is_read, slot);
    }
    let size = incoming.size_hint().exact();
    let unreadable = |error: &ApiError| vaults.error_response(error, head.method.as_str(), head.uri.path());
    let (response, is_read) = match read_head(&head) {
        Ok((method, host, headers)) => {
            let request =
                Request { method, host, path: head.uri.path(), query: head.uri.query().unwrap_or_default(), headers: &headers };
            let mut body =
                if Vaults::is_upload(&request) { RequestBody::upload(incoming) } else { RequestBody::small(incoming, slot) };
            let response = match vaults.handle_from(origin, &request, size, &mut body).await {
                Ok(Outcome::Response(response)) => response,
                Ok(Outcome::Reset) => end(slot, Ending::Reset).await,
                Ok(Outcome::Ended) => end(slot, Ending::Closed).await,
                Ok(Outcome::Stall) => end(slot, Ending::Stalled).await,
                Err(BodyError::TimedOut) => unreadable(&ApiError::new(ErrorCode::RequestTimeout, "Request timed out.")),
                // The peer is gone; nobody receives this response.
                Err(BodyError::Connection(error)) => {
                    unreadable(&ApiError::new(ErrorCode::BadRequest, format!("The body could not be read: {error}")))
                }
            };
            (response, body.is_read())
        }
        Err(error) => (unreadable(&error), incoming.is_end_stream()),
    };
    slot.set(State::Working);
    to_hyper(response, is_read, slot)
}

/// Lets a fault end the connection: there is no response.
async fn end(slot: &Slot, ending: Ending) -> LocalResponse {
    slot.end(ending);
    std::future::pending().await
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
    let mut host = None;
    for (name, value) in &head.headers {
        let text = std::str::from_utf8(value.as_bytes());
        let value = text.map_err(|_| ApiError::invalid(format!("The header {name} is not UTF-8")))?;
        if name == HOST {
            if host.replace(value).is_some() {
                return Err(repeated_header("host"));
            }
        } else {
            headers.push((name.as_str(), value));
        }
    }
    Ok((method, host.unwrap_or_default(), headers))
}

fn to_hyper(response: LocalResponse, is_read: bool, slot: &Arc<Slot>) -> hyper::Response<ResponseBody> {
    // Statuses and headers of this service are valid HTTP.
    let status = hyper::StatusCode::from_u16(response.status()).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    if !is_read {
        slot.leave_unread();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let mut hyper_response = hyper::Response::new(ResponseBody::new(response.into_body(), slot.clone()));
    *hyper_response.status_mut() = status;
    *hyper_response.headers_mut() = headers;
    hyper_response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::faults::{Fault, FaultRule, FaultScript};
    use crate::local::service::Settings;
    use glacier_core::Timestamp;
    use tokio::io::{DuplexStream, duplex};
    use tokio::task::JoinHandle;
    use tokio::time::{Instant, sleep};

    struct Served {
        vaults: Vaults,
        peer: DuplexStream,
        stop: watch::Sender<bool>,
        running: JoinHandle<()>,
        _folder: tempfile::TempDir,
    }

    fn served() -> Served {
        served_through(1 << 16)
    }

    /// Through a pipe that holds so many bytes.
    fn served_through(bytes: usize) -> Served {
        let folder = tempfile::tempdir().unwrap();
        let vaults = Vaults::open(folder.path(), Settings::default()).unwrap();
        let (ours, peer) = duplex(bytes);
        let (stop, stopped) = watch::channel(false);
        let slot = Connections::new(1).admit([127, 0, 0, 1].into()).unwrap();
        let serving = serve(Service { vaults: vaults.clone(), control: None }, ours, Origin::PIPE, slot, stopped);
        Served { vaults, peer, stop, running: tokio::spawn(async { assert!(serving.await.is_none()) }), _folder: folder }
    }

    impl Served {
        /// The head of a response.
        async fn hear(&mut self) -> String {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(self.peer.read_u8().await.unwrap());
            }
            String::from_utf8(head).unwrap()
        }
    }

    /// A request that names the key and the time, with a body of 100 bytes to come.
    fn claim() -> String {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let date = Timestamp::from_unix(now).to_string().replace(['-', ':'], "");
        let credential = format!("test/{}/us-east-1/glacier/aws4_request", &date[..8]);
        format!(
            "POST /-/vaults/v/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\nx-amz-date: {date}\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential={credential}, SignedHeaders=host;x-amz-date, Signature=0\r\n\r\n"
        )
    }

    const UNSIGNED: &[u8] = b"GET /-/vaults HTTP/1.1\r\nHost: h\r\n\r\n";

    #[tokio::test(start_paused = true)]
    async fn a_small_body_takes_30_seconds_at_most_however_often_a_byte_arrives() {
        let mut served = served();
        served.peer.write_all(claim().as_bytes()).await.unwrap();
        let begin = Instant::now();
        for _ in 0..2 {
            sleep(Duration::from_secs(14)).await;
            served.peer.write_all(b"{").await.unwrap();
        }
        assert!(served.hear().await.starts_with("HTTP/1.1 408 "));
        assert_eq!(begin.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_arrives_is_judged_by_its_signature() {
        let mut served = served();
        served.peer.write_all(claim().as_bytes()).await.unwrap();
        served.peer.write_all(&[b' '; 100]).await.unwrap();
        assert!(served.hear().await.starts_with("HTTP/1.1 403 "));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed_after_a_minute() {
        let served = served();
        let begin = Instant::now();
        served.running.await.unwrap();
        assert_eq!(begin.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_ends_a_connection_without_a_request_at_once() {
        let before: [(&[u8], bool); 4] = [(b"", false), (b"GET /-/vau", false), (UNSIGNED, true), (UNSIGNED, false)];
        for (sent, is_read) in before {
            let mut served = served();
            served.peer.write_all(sent).await.unwrap();
            if is_read {
                assert!(served.hear().await.starts_with("HTTP/1.1 400 "));
            }
            // It has read all of it, and sent a response if there is one.
            sleep(Duration::from_millis(1)).await;
            let begin = Instant::now();
            served.stop.send(true).unwrap();
            served.running.await.unwrap();
            assert_eq!(begin.elapsed(), Duration::ZERO, "{sent:?}");
            // The peer never closed its side.
            drop(served.peer);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_before_a_cut_arrives_however_slowly_it_is_read() {
        for bytes in [0, 1, 77] {
            let mut served = served_through(16);
            let script = FaultScript::new(0, vec![FaultRule::new("ListVaults", Fault::CutResponse { bytes })]).unwrap();
            served.vaults.set_faults(script);
            served.peer.write_all(UNSIGNED).await.unwrap();
            // By now it has written as much as the pipe holds.
            sleep(Duration::from_secs(1)).await;
            assert!(served.hear().await.starts_with("HTTP/1.1 400 "));
            let mut body = Vec::new();
            served.peer.read_to_end(&mut body).await.unwrap();
            assert_eq!(body.len() as u64, bytes);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_ends_a_stall_at_once_and_a_peer_that_leaves_ends_it_too() {
        for is_stopped in [true, false] {
            let mut served = served();
            let script = FaultScript::new(0, vec![FaultRule::new("ListVaults", Fault::Stall)]).unwrap();
            served.vaults.set_faults(script);
            served.peer.write_all(UNSIGNED).await.unwrap();
            // Longer than any time limit.
            sleep(Duration::from_secs(3600)).await;
            let begin = Instant::now();
            if is_stopped {
                served.stop.send(true).unwrap();
            } else {
                drop(served.peer);
            }
            served.running.await.unwrap();
            assert_eq!(begin.elapsed(), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_waits_for_a_request() {
        let mut served = served();
        served.peer.write_all(claim().as_bytes()).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        served.stop.send(true).unwrap();
        sleep(Duration::from_secs(1)).await;
        served.peer.write_all(&[b' '; 100]).await.unwrap();
        let begin = Instant::now();
        assert!(served.hear().await.starts_with("HTTP/1.1 403 "));
        served.running.await.unwrap();
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }
}
