//! A service that answers from a script, and an observer that writes down what it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{Client, Credentials, Endpoint, Head, PayloadHasher, Request, SendError, Source, Transport};

use super::body::Body;
use super::observe::{Event, Observer};

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
    /// Answers with these headers, and with the body's own tree hash when `hash` is set.
    Response { status: u16, headers: Vec<(String, String)>, body: Vec<u8>, hash: bool, cut: bool },
}

/// What was asked: method, path, `Content-Range` or `Range`, and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) range: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The first byte of a part.
    pub(crate) fn first(&self) -> u64 {
        let first = self.range.strip_prefix("bytes ").and_then(|range| range.split('-').next());
        first.and_then(|first| first.parse().ok()).expect("a part's range")
    }
}

/// Answers one request after the other; its clones go on where it is.
#[derive(Clone, Default)]
pub(crate) struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    response: Option<Answer>,
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

    pub(crate) fn answer(self, status: u16, headers: &[(&str, &str)], body: &str) -> Self {
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

    /// Takes what is uploaded, as the service does.
    pub(crate) fn takes(self, headers: &[(&str, &str)]) -> Self {
        let script = self.answer(201, headers, "");
        if let Some(Step::Response { hash, .. }) = script.steps.lock().unwrap().back_mut() {
            *hash = true;
        }
        script
    }

    /// What will have been asked.
    pub(crate) fn asked(&self) -> Arc<Mutex<Vec<Asked>>> {
        self.asked.clone()
    }
}

#[derive(Clone)]
pub(crate) struct Answer {
    bytes: Vec<u8>,
    at: usize,
    cut: bool,
}

impl embedded_io_async::ErrorType for Answer {
    type Error = Broken;
}

impl embedded_io_async::Read for Answer {
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
    type Body<'t> = Answer;

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
        self.asked.lock().unwrap().push(Asked { line, range: range.into(), body: sent });
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
                self.response = Some(Answer { bytes: body, at: 0, cut });
                Ok(())
            }
        }
    }

    fn body(&mut self) -> Answer {
        self.response.take().expect("a response")
    }
}

pub(crate) fn client(script: Script) -> Client<Script, Credentials<'static>> {
    let service = Endpoint::new("eu-west-1", "localhost").unwrap();
    Client::new(script, service, Credentials::new("test", "test", None).unwrap())
}

/// The body of a refusal.
pub(crate) fn refusal(code: &str) -> String {
    format!(r#"{{"code":"{code}","message":"scripted","type":"Client"}}"#)
}

/// Writes down what it is told, a line an event.
#[derive(Default)]
pub(crate) struct Log(Mutex<Vec<String>>);

impl Log {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Log {
    fn note(&self, event: Event<'_>) {
        self.0.lock().unwrap().push(match event {
            Event::UploadBegun { upload_id, part_size, parts } => format!("upload {upload_id} {} {parts:?}", part_size.bytes()),
            Event::Hashed(at) => format!("hashed {at}"),
            Event::Sent(at) => format!("sent {at}"),
            Event::PartDone { index, .. } => format!("part {index}"),
            Event::PartsRunOut { used, .. } => format!("run out {used}"),
            Event::JobBegun { job_id } => format!("job {job_id}"),
            Event::JobPending(wait) => format!("pending {}", wait.as_secs()),
            Event::Received(at) => format!("received {at}"),
            Event::Repeating { .. } => "repeating".into(),
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

/// Bytes of [`Fickle`]: a whole part of the smallest size.
pub(crate) const PART: usize = 1 << 20;

/// A body that is another from the `turn`-th time on that it is read.
pub(crate) struct Fickle {
    first: Vec<u8>,
    then: Vec<u8>,
    turn: u32,
    rewound: u32,
    at: usize,
}

impl Fickle {
    pub(crate) fn new(turn: u32) -> Self {
        Fickle { first: vec![1; PART], then: vec![2; PART], turn, rewound: 0, at: 0 }
    }
}

impl ErrorType for Fickle {
    type Error = std::io::Error;
}
impl Read for Fickle {
    async fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let bytes = if self.rewound < self.turn { &self.first } else { &self.then };
        let got = into.len().min(bytes.len() - self.at);
        into[..got].copy_from_slice(&bytes[self.at..self.at + got]);
        self.at += got;
        Ok(got)
    }
}
impl Source for Fickle {
    fn size(&self) -> u64 {
        self.first.len() as u64
    }
    async fn rewind(&mut self) -> std::io::Result<()> {
        (self.rewound, self.at) = (self.rewound + 1, 0);
        Ok(())
    }
}

impl Body for Fickle {}

/// What becomes of a part.
pub(crate) enum Reply {
    Takes,
    /// Another tree hash comes back than was sent.
    Damages,
    Breaks,
    Status(u16),
}

/// What a [`Busy`] service has seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) asked: Vec<Asked>,
    /// Parts under way, and the most there ever were.
    pub(crate) now: u32,
    pub(crate) most: u32,
}

type Rule = dyn Fn(u64, usize) -> (Duration, Reply) + Send + Sync;

/// A multipart upload at a service that takes its time: a rule says how much for which part of 1 MiB, and what becomes of it the how manieth
/// time it comes.
#[derive(Clone)]
pub(crate) struct Busy {
    rule: Arc<Rule>,
    pub(crate) seen: Arc<Mutex<Seen>>,
    response: Option<Answer>,
}

impl Busy {
    pub(crate) fn new(rule: impl Fn(u64, usize) -> (Duration, Reply) + Send + Sync + 'static) -> Self {
        Busy { rule: Arc::new(rule), seen: Arc::default(), response: None }
    }

    pub(crate) fn client(self) -> Client<Busy, Credentials<'static>> {
        let service = Endpoint::new("eu-west-1", "localhost").unwrap();
        Client::new(self, service, Credentials::new("test", "test", None).unwrap())
    }
}

/// Counts a part for as long as it is under way, whether it ends or is dropped.
struct UnderWay(Arc<Mutex<Seen>>);

impl UnderWay {
    fn new(seen: &Arc<Mutex<Seen>>) -> Self {
        let mut now = seen.lock().unwrap();
        now.now += 1;
        now.most = now.most.max(now.now);
        UnderWay(Arc::clone(seen))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().unwrap().now -= 1;
    }
}

impl Transport for Busy {
    type Error = Broken;
    type Body<'t> = Answer;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Broken, S::Error>> {
        let script = Script::new();
        let mut script = match (request.method.as_str(), request.path.ends_with("/U")) {
            ("POST", false) => script.answer(201, &[("x-amz-multipart-upload-id", "U")], ""),
            ("POST", true) => script.answer(201, &[("x-amz-archive-id", "A")], ""),
            _ => script.takes(&[]),
        };
        let asked = script.asked();
        if request.method.as_str() != "PUT" {
            script.send(request, body, head).await?;
            self.response = Some(script.body());
            self.seen.lock().unwrap().asked.append(&mut asked.lock().unwrap());
            return Ok(());
        }
        let under_way = UnderWay::new(&self.seen);
        script.send(request, body, head).await?;
        self.response = Some(script.body());
        let part = asked.lock().unwrap().remove(0);
        let tries = {
            let mut seen = self.seen.lock().unwrap();
            let tries = seen.asked.iter().filter(|asked| asked.range == part.range).count();
            seen.asked.push(part.clone());
            tries
        };
        let (wait, reply) = (self.rule)(part.first() >> 20, tries);
        tokio::time::sleep(wait).await;
        drop(under_way);
        match reply {
            Reply::Takes => Ok(()),
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

    fn body(&mut self) -> Answer {
        self.response.take().expect("a response")
    }
}
