//! A service that answers from a script, and an observer that writes down what it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use embedded_io_async::ErrorKind;
use glacier_core::{Client, Credentials, Head, PayloadHasher, Request, SendError, Service, Source, Transport};

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
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8>, hash: bool, cut: bool },
}

/// What was asked: method, path, `Content-Range` or `Range`, and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) range: String,
    pub(crate) body: Vec<u8>,
}

/// Answers one request after the other.
#[derive(Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Script::default()
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push_back(step);
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
        self.step(Step::Answer { status, headers, body: body.into(), hash: false, cut: false })
    }

    /// A body of which only the first half arrives.
    pub(crate) fn cut(self, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut script = self.bytes(200, headers, body);
        if let Some(Step::Answer { cut, .. }) = script.steps.back_mut() {
            *cut = true;
        }
        script
    }

    /// Takes what is uploaded, as the service does.
    pub(crate) fn takes(self, headers: &[(&str, &str)]) -> Self {
        let mut script = self.answer(201, headers, "");
        if let Some(Step::Answer { hash, .. }) = script.steps.back_mut() {
            *hash = true;
        }
        script
    }

    /// What will have been asked.
    pub(crate) fn asked(&self) -> Arc<Mutex<Vec<Asked>>> {
        self.asked.clone()
    }
}

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
    ) -> Result<Answer, SendError<Broken, S::Error>> {
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
        match self.steps.pop_front().expect("a request too many") {
            Step::Fail(kind) => Err(SendError::Transport(Broken(kind))),
            Step::Answer { status, headers, body, hash, cut } => {
                head.start(status);
                for (name, value) in &headers {
                    head.push(name, value.as_bytes())?;
                }
                if hash {
                    head.push("x-amz-sha256-tree-hash", hasher.finish().unwrap().tree.to_string().as_bytes())?;
                }
                Ok(Answer { bytes: body, at: 0, cut })
            }
        }
    }
}

pub(crate) fn client(script: Script) -> Client<Script, Credentials<'static>> {
    let service = Service::new("eu-west-1", "localhost").unwrap();
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
