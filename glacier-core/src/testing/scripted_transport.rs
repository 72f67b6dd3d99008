//! A transport without a network.

use core::fmt;
use std::boxed::Box;
use std::collections::VecDeque;
use std::string::ToString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use super::recorded_request::RecordedRequest;
use super::reply::Reply;
use super::scripted_body::{ScriptedBody, ScriptedError};
use crate::body::Source;
use crate::hash::TreeHasher;
use crate::request::Request;
use crate::response::Head;
use crate::transport::{SendError, Transport};

/// A transport that gives each request the next [`Reply`] of a script, and records the requests.
///
/// It reads the body of every request, also of one that the script calls not sent. A request whose body cannot be read is neither
/// recorded nor replied to. Clones share the script and the record, so a test keeps one and gives the other to a client.
#[derive(Clone, Default)]
pub struct ScriptedTransport {
    shared: Arc<Shared>,
    /// That of the last response.
    body: ScriptedBody,
}

#[derive(Default)]
struct Shared {
    script: Mutex<Script>,
    requests: Mutex<Vec<RecordedRequest>>,
}

enum Script {
    Replies(VecDeque<Reply>),
    Function(Box<dyn FnMut(&RecordedRequest) -> Reply + Send>),
}

impl Default for Script {
    fn default() -> Self {
        Script::Replies(VecDeque::new())
    }
}

impl ScriptedTransport {
    /// A transport with these replies, one for each request.
    #[must_use]
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        ScriptedTransport::with_script(Script::Replies(replies.into_iter().collect()))
    }

    /// A transport that asks `reply` about each request.
    #[must_use]
    pub fn from_fn(reply: impl FnMut(&RecordedRequest) -> Reply + Send + 'static) -> Self {
        ScriptedTransport::with_script(Script::Function(Box::new(reply)))
    }

    fn with_script(script: Script) -> Self {
        let shared = Shared { script: Mutex::new(script), requests: Mutex::default() };
        ScriptedTransport { shared: Arc::new(shared), body: ScriptedBody::default() }
    }

    /// The requests so far, of all clones.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.requests).clone()
    }

    /// How many replies are left; none of a function's.
    #[must_use]
    pub fn replies_left(&self) -> usize {
        match &*lock(&self.shared.script) {
            Script::Replies(replies) => replies.len(),
            Script::Function(_) => 0,
        }
    }

    fn next_reply(&self, request: &RecordedRequest) -> Option<Reply> {
        match &mut *lock(&self.shared.script) {
            Script::Replies(replies) => replies.pop_front(),
            Script::Function(function) => Some(function(request)),
        }
    }
}

/// The lock ignores poisoning: a test that has panicked is over, and the data is consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// # Panics
/// When a request comes after the last reply.
impl Transport for ScriptedTransport {
    type Error = ScriptedError;
    type Body<'t> = ScriptedBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<ScriptedError, S::Error>> {
        self.body = ScriptedBody::default();
        let request = RecordedRequest::new(request, read_to_end(body).await.map_err(SendError::Source)?);
        lock(&self.shared.requests).push(request.clone());
        let Some(mut reply) = self.next_reply(&request) else { panic!("the script has no reply left for {request}") };
        if let Some(delay) = reply.delay.take() {
            delay.await;
        }
        let tree_hash = if reply.wants_tree_hash() {
            let mut hasher = TreeHasher::new();
            hasher.update(&request.body);
            hasher.finish().ok().map(|hash| hash.to_string())
        } else {
            None
        };
        self.body = reply.respond(tree_hash, head)?;
        Ok(())
    }

    fn body(&mut self) -> ScriptedBody {
        core::mem::take(&mut self.body)
    }
}

async fn read_to_end<S: Source>(body: &mut S) -> Result<Vec<u8>, S::Error> {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let got = body.read(&mut piece).await?;
        match piece.get(..got) {
            Some(bytes) if got > 0 => all.extend_from_slice(bytes),
            _ => return Ok(all),
        }
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (requests, replies_left) = (self.requests(), self.replies_left());
        f.debug_struct("ScriptedTransport").field("requests", &requests).field("replies_left", &replies_left).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Bytes;
    use crate::request::Method;
    use crate::testing::block_on;
    use embedded_io_async::{ErrorKind, Read};
    use std::string::String;

    fn get() -> Request<'static> {
        Request { method: Method::Get, host: "h", path: "/p", query: "a=b", headers: &[("X-Amz-Date", "now")] }
    }

    type Exchanged = (u16, Vec<u8>, Option<ScriptedError>);

    /// Status and body of the next response, read 100 bytes at a time, and how its reading ended.
    fn ask(
        transport: &mut ScriptedTransport,
        body: &[u8],
    ) -> Result<Exchanged, SendError<ScriptedError, core::convert::Infallible>> {
        block_on(async {
            let mut arena = [0; 128];
            let mut head = Head::new(&mut arena);
            transport.send(&get(), &mut Bytes::new(body), &mut head).await?;
            let (mut body, mut all, mut piece) = (transport.body(), Vec::new(), [0; 100]);
            loop {
                match body.read(&mut piece).await {
                    Ok(0) => return Ok((head.status(), all, None)),
                    Ok(got) => all.extend_from_slice(&piece[..got]),
                    Err(error) => return Ok((head.status(), all, Some(error))),
                }
            }
        })
    }

    #[test]
    fn replies_come_in_order_and_requests_are_recorded() {
        let lost = ScriptedError::new(ErrorKind::ConnectionReset);
        let mut transport = ScriptedTransport::new([
            Reply::json(200, "{}"),
            Reply::status(200).body([7; 250]).cut_after(120),
            Reply::not_sent(ErrorKind::ConnectionRefused),
            Reply::connection_lost(ErrorKind::ConnectionReset),
        ]);
        let kept = transport.clone();
        assert_eq!(ask(&mut transport, b""), Ok((200, b"{}".to_vec(), None)));
        assert_eq!(ask(&mut transport, b"sent"), Ok((200, [7; 120].to_vec(), Some(lost))));
        assert_eq!(ask(&mut transport, b""), Err(SendError::NotSent(ScriptedError::new(ErrorKind::ConnectionRefused))));
        assert_eq!(kept.replies_left(), 1);
        assert_eq!(ask(&mut transport, b""), Err(SendError::Transport(lost)));
        let requests = kept.requests();
        assert_eq!(requests.len(), 4);
        assert_eq!((requests[1].to_string().as_str(), &requests[1].body[..]), ("GET /p?a=b", &b"sent"[..]));
        assert_eq!(requests[1].header("x-amz-date"), Some("now"));
    }

    #[test]
    fn a_function_sees_the_request() {
        let mut transport = ScriptedTransport::from_fn(|request| Reply::status(200).body(&request.body).in_pieces(&[1, 2]));
        assert_eq!(ask(&mut transport, b"echo"), Ok((200, b"echo".to_vec(), None)));
        block_on(async {
            let mut body = transport.body();
            assert_eq!(body.read(&mut [0; 10]).await, Ok(0), "it was taken");
            transport.send(&get(), &mut Bytes::new(b"echo"), &mut Head::new(&mut [])).await.unwrap();
            let mut body = transport.body();
            let mut sizes = Vec::new();
            while sizes.last() != Some(&0) {
                sizes.push(body.read(&mut [0; 10]).await.unwrap());
            }
            assert_eq!(sizes, [1, 2, 1, 0]);
        });
    }

    #[test]
    fn a_stored_body_is_confirmed_with_its_tree_hash() {
        let mut transport = ScriptedTransport::new([Reply::status(204).with_tree_hash()]);
        let mut arena = [0; 128];
        let mut head = Head::new(&mut arena);
        block_on(transport.send(&get(), &mut Bytes::new(b"hello, world"), &mut head)).unwrap();
        // From `printf 'hello, world' | sha256sum`, which below 1 MiB is the tree hash.
        let expected = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";
        let response = head.with_body(b"");
        assert_eq!(response.header(crate::response::Header::TreeHash), Some(expected));
    }

    #[test]
    fn service_errors_are_json() {
        let mut transport = ScriptedTransport::new([Reply::service_error(404, "ResourceNotFoundException", r#"no "a\b""#)]);
        let (status, body, _) = ask(&mut transport, b"").unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status, body["code"].as_str(), body["message"].as_str()),
            (404, Some("ResourceNotFoundException"), Some(r#"no "a\b""#))
        );
    }

    #[test]
    #[should_panic(expected = "the script has no reply left for GET /p?a=b")]
    fn a_request_after_the_last_reply_panics() {
        let _panics = ask(&mut ScriptedTransport::default(), b"");
    }

    #[test]
    fn header_values_stay_out_of_debug() {
        let mut transport = ScriptedTransport::new([Reply::status(200)]);
        ask(&mut transport, b"").unwrap();
        let shown: String = std::format!("{transport:?}");
        assert_eq!(shown, "ScriptedTransport { requests: [GET /p?a=b (0 bytes)], replies_left: 0 }");
    }
}
