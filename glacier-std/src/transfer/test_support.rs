//! A scripted service, and an observer that records the events.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{Client, Credentials, Endpoint, Head, PayloadHasher, Request, SendError, Source, Transport};

use super::observer::{Event, Observer};
use super::upload_body::UploadBody;
use crate::env::Retrying;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken(ErrorKind);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "scripted {:?}", self.0)
    }
}
impl std::error::Error for Broken {}
impl embedded_io_async::Error for Broken {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

enum Step {
    /// Fails after the body was read.
    Fail(ErrorKind),
    /// ScriptedBodys with these headers, and with the body's own tree hash when `hash` is set.
    Response { status: u16, headers: Vec<(String, String)>, body: Vec<u8>, hash: bool, cut: bool },
}

/// A request as it was received: method and path, `Content-Range` or `Range`, and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) range: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The first byte of a part.
    pub(crate) fn first(&self) -> u64 {
        let first = self.range.strip_prefix("bytes ").and_then(|range| range.split('-').next());
        first.and_then(|first| first.parse().ok()).expect("a part's range")
    }
}

/// ScriptedBodys one request after the other; its clones go on where it is.
#[derive(Clone, Default)]
pub(crate) struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    received: Arc<Mutex<Vec<Received>>>,
    body: Option<ScriptedBody>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Script::default()
    }

    fn step(self, step: Step) -> Self {
        self.steps.lock().unwrap().push_back(step);
        self
    }

    pub(crate) fn broken(self) -> Self {
        self.step(Step::Fail(ErrorKind::ConnectionReset))
    }

    pub(crate) fn refused(self) -> Self {
        self.step(Step::Fail(ErrorKind::ConnectionRefused))
    }

    pub(crate) fn response(self, status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        self.bytes(status, headers, body.as_bytes())
    }

    pub(crate) fn bytes(self, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        self.step(Step::Response { status, headers, body: body.into(), hash: false, cut: false })
    }

    /// A body of which only the first half arrives.
    pub(crate) fn cut(self, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let script = self.bytes(200, headers, body);
        if let Some(Step::Response { cut, .. }) = script.steps.lock().unwrap().back_mut() {
            *cut = true;
        }
        script
    }

    /// Stores what is uploaded and returns its tree hash, as the service does.
    pub(crate) fn stores(self, headers: &[(&str, &str)]) -> Self {
        let script = self.response(201, headers, "");
        if let Some(Step::Response { hash, .. }) = script.steps.lock().unwrap().back_mut() {
            *hash = true;
        }
        script
    }

    /// The requests received so far; shared.
    pub(crate) fn received(&self) -> Arc<Mutex<Vec<Received>>> {
        self.received.clone()
    }
}

#[derive(Clone)]
pub(crate) struct ScriptedBody {
    bytes: Vec<u8>,
    at: usize,
    cut: bool,
}

impl embedded_io_async::ErrorType for ScriptedBody {
    type Error = Broken;
}

impl embedded_io_async::Read for ScriptedBody {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Broken> {
        let end = if self.cut { self.bytes.len() / 2 } else { self.bytes.len() };
        let got = into.len().min(end - self.at);
        if got == 0 && self.cut && !into.is_empty() {
            return Err(Broken(ErrorKind::ConnectionReset));
        }
        into[..got].copy_from_slice(&self.bytes[self.at..self.at + got]);
        self.at += got;
        Ok(got)
    }
}

impl Transport for Script {
    type Error = Broken;
    type Body<'t> = ScriptedBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Broken, S::Error>> {
        let mut sent = vec![0; body.size() as usize];
        let mut at = 0;
        while at < sent.len() {
            let got = body.read(&mut sent[at..]).await.map_err(SendError::Source)?;
            assert!(got > 0, "a source of the transfers ended early");
            at += got;
        }
        let range = request.headers.iter().find(|(name, _)| name.ends_with("range")).map_or("", |(_, value)| value);
        let mut hasher = PayloadHasher::new();
        hasher.update(&sent);
        let line = format!("{} {}", request.method.as_str(), request.path);
        self.received.lock().unwrap().push(Received { line, range: range.into(), body: sent });
        let step = self.steps.lock().unwrap().pop_front().expect("a request too many");
        match step {
            Step::Fail(kind @ ErrorKind::ConnectionRefused) => Err(SendError::NotSent(Broken(kind))),
            Step::Fail(kind) => Err(SendError::Transport(Broken(kind))),
            Step::Response { status, headers, body, hash, cut } => {
                head.start(status);
                for (name, value) in &headers {
                    head.push(name, value.as_bytes())?;
                }
                if hash {
                    head.push("x-amz-sha256-tree-hash", hasher.finish().unwrap().tree.to_string().as_bytes())?;
                }
                self.body = Some(ScriptedBody { bytes: body, at: 0, cut });
                Ok(())
            }
        }
    }

    fn body(&mut self) -> ScriptedBody {
        self.body.take().expect("a response")
    }
}

pub(crate) fn client(script: Script) -> Client<Script, Credentials<'static>> {
    let service = Endpoint::new("eu-west-1", "localhost").unwrap();
    Client::new(script, service, Credentials::new("test", "test", None).unwrap())
}

/// The body of a service error.
pub(crate) fn error_body(code: &str) -> String {
    format!(r#"{{"code":"{code}","message":"scripted","type":"Client"}}"#)
}

/// Records the events, a line each.
#[derive(Default)]
pub(crate) struct EventLog {
    lines: Mutex<Vec<String>>,
    retries: Mutex<Vec<String>>,
}

impl EventLog {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// The number of failures and the reason of each retry.
    pub(crate) fn retries(&self) -> Vec<String> {
        self.retries.lock().unwrap().clone()
    }
}

impl Observer for EventLog {
    fn note(&self, event: Event<'_>) {
        self.lines.lock().unwrap().push(match event {
            Event::MultipartInitiated { upload_id, part_size, parts } => {
                format!("upload {upload_id} {} {parts:?}", part_size.bytes())
            }
            Event::Hashed(at) => format!("hashed {at}"),
            Event::Sent(at) => format!("sent {at}"),
            Event::PartUploaded { index, .. } => format!("part {index}"),
            Event::PartsRunningOut { used, .. } => format!("running out {used}"),
            Event::JobInitiated { job_id } => format!("job {job_id}"),
            Event::JobPending(wait) => format!("pending {}", wait.as_secs()),
            Event::Received(at) => format!("received {at}"),
            Event::Retrying(Retrying { failures, reason, .. }) => {
                self.retries.lock().unwrap().push(format!("{failures} {reason}"));
                "retrying".into()
            }
        });
    }
}

/// The tree hash by its definition: pair the neighbours until one is left.
pub(crate) fn tree_hash(data: &[u8]) -> glacier_core::TreeHash {
    use sha2::{Digest, Sha256};
    let mut row: Vec<[u8; 32]> = data.chunks(1 << 20).map(|leaf| Sha256::digest(leaf).into()).collect();
    while row.len() > 1 {
        row = row.chunks(2).map(|pair| if pair.len() == 2 { Sha256::digest(pair.concat()).into() } else { pair[0] }).collect();
    }
    glacier_core::TreeHash::from_bytes(row[0])
}

/// Bytes of [`ChangingBody`]: a whole part of the smallest size.
pub(crate) const PART: usize = 1 << 20;

/// A body that is another one from its `changes_at`-th rewind on.
pub(crate) struct ChangingBody {
    first: Vec<u8>,
    then: Vec<u8>,
    changes_at: u32,
    rewound: u32,
    at: usize,
}

impl ChangingBody {
    pub(crate) fn new(changes_at: u32) -> Self {
        ChangingBody { first: vec![1; PART], then: vec![2; PART], changes_at, rewound: 0, at: 0 }
    }
}

impl ErrorType for ChangingBody {
    type Error = std::io::Error;
}
impl Read for ChangingBody {
    async fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let bytes = if self.rewound < self.changes_at { &self.first } else { &self.then };
        let got = into.len().min(bytes.len() - self.at);
        into[..got].copy_from_slice(&bytes[self.at..self.at + got]);
        self.at += got;
        Ok(got)
    }
}
impl Source for ChangingBody {
    fn size(&self) -> u64 {
        self.first.len() as u64
    }
    async fn rewind(&mut self) -> std::io::Result<()> {
        (self.rewound, self.at) = (self.rewound + 1, 0);
        Ok(())
    }
}

impl UploadBody for ChangingBody {}

/// What the service does with a part.
pub(crate) enum Reply {
    Stores,
    /// Responds with another tree hash than was sent.
    Damages,
    Breaks,
    Status(u16),
}

/// What a [`SlowService`] has received.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) received: Vec<Received>,
    /// Parts being uploaded now, and the most there ever were.
    pub(crate) now: u32,
    pub(crate) most: u32,
}

type Rule = dyn Fn(u64, usize) -> (Duration, Reply) + Send + Sync;

/// A service that needs time for each part of 1 MiB: a rule gives the time and the reply for a part and the number of its earlier attempts.
#[derive(Clone)]
pub(crate) struct SlowService {
    rule: Arc<Rule>,
    pub(crate) seen: Arc<Mutex<Seen>>,
    body: Option<ScriptedBody>,
}

impl SlowService {
    pub(crate) fn new(rule: impl Fn(u64, usize) -> (Duration, Reply) + Send + Sync + 'static) -> Self {
        SlowService { rule: Arc::new(rule), seen: Arc::default(), body: None }
    }

    pub(crate) fn client(self) -> Client<SlowService, Credentials<'static>> {
        let service = Endpoint::new("eu-west-1", "localhost").unwrap();
        Client::new(self, service, Credentials::new("test", "test", None).unwrap())
    }
}

/// Counts a part while it is being uploaded, whether it ends or is dropped.
struct InProgress(Arc<Mutex<Seen>>);

impl InProgress {
    fn new(seen: &Arc<Mutex<Seen>>) -> Self {
        let mut now = seen.lock().unwrap();
        now.now += 1;
        now.most = now.most.max(now.now);
        InProgress(Arc::clone(seen))
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.lock().unwrap().now -= 1;
    }
}

impl Transport for SlowService {
    type Error = Broken;
    type Body<'t> = ScriptedBody;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Broken, S::Error>> {
        let script = Script::new();
        let mut script = match (request.method.as_str(), request.path.ends_with("/U")) {
            ("POST", false) => script.response(201, &[("x-amz-multipart-upload-id", "U")], ""),
            ("POST", true) => script.response(201, &[("x-amz-archive-id", "A")], ""),
            _ => script.stores(&[]),
        };
        let received = script.received();
        if request.method.as_str() != "PUT" {
            script.send(request, body, head).await?;
            self.body = Some(script.body());
            self.seen.lock().unwrap().received.append(&mut received.lock().unwrap());
            return Ok(());
        }
        let in_progress = InProgress::new(&self.seen);
        script.send(request, body, head).await?;
        self.body = Some(script.body());
        let part = received.lock().unwrap().remove(0);
        let tries = {
            let mut seen = self.seen.lock().unwrap();
            let tries = seen.received.iter().filter(|received| received.range == part.range).count();
            seen.received.push(part.clone());
            tries
        };
        let (wait, reply) = (self.rule)(part.first() >> 20, tries);
        tokio::time::sleep(wait).await;
        drop(in_progress);
        match reply {
            Reply::Stores => Ok(()),
            Reply::Breaks => Err(SendError::Transport(Broken(ErrorKind::ConnectionReset))),
            Reply::Status(status) => {
                head.start(status);
                Ok(())
            }
            Reply::Damages => {
                head.start(204);
                head.push("x-amz-sha256-tree-hash", "0".repeat(64).as_bytes())?;
                Ok(())
            }
        }
    }

    fn body(&mut self) -> ScriptedBody {
        self.body.take().expect("a response")
    }
}
