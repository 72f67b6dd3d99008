//! A transport that has its answers before it is asked, and keeps what it was sent.

use embedded_io_async::ErrorKind;
use glacier_core::{Head, Request, SendError, Source, Transport};
use serde_json::Value;

use super::{Not, number};
use crate::pieces::Pieces;
use crate::vectors;

/// An answer of a case.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(response: &Value) -> Result<Self, Not> {
        let headers = response["headers"].as_object().ok_or_else(|| "the answer has no headers".to_string())?;
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_string()));
        let status = number(response, "status")?;
        Ok(Answer {
            status: u16::try_from(status).map_err(|_| format!("no status: {status}"))?,
            headers: headers.iter().filter_map(text).collect(),
            body: vectors::body(&response["body"])?.unwrap_or_default(),
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn fill(&self, head: &mut Head<'_>) -> Result<(), glacier_core::HeadTooSmall> {
        head.start(self.status);
        self.headers.iter().try_for_each(|(name, value)| head.push(name, value.as_bytes()))
    }
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Response(Answer),
    /// The network fails.
    Broken,
}

/// A request, as far as a case speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) query: String,
}

/// Gives its answers one after the other, and the last one again for ever.
#[derive(Debug)]
pub(super) struct Scripted {
    pub(super) events: Vec<Event>,
    pub(super) seen: Vec<Seen>,
    /// The event whose response was sent last.
    last: usize,
}

/// The pieces in which bodies come: some end inside a name, an escape, a hash.
const SIZES: [usize; 6] = [1, 4, 13, 40, 121, 4096];

impl Scripted {
    pub(super) fn new(events: Vec<Event>) -> Self {
        Scripted { events, seen: Vec::new(), last: 0 }
    }
}

/// The network failed, as the case wants it, or there was no answer left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the scripted network is broken")
    }
}

impl std::error::Error for Broken {}

impl embedded_io_async::Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::ConnectionReset
    }
}

impl Transport for Scripted {
    type Error = Broken;
    type Body<'t> = Pieces<'t, Broken>;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Broken, S::Error>> {
        let mut piece = [0; 4096];
        while body.read(&mut piece).await.map_err(SendError::Source)? > 0 {}
        let nth = self.seen.len().min(self.events.len().saturating_sub(1));
        self.seen.push(Seen { method: request.method.as_str(), path: request.path.into(), query: request.query.into() });
        match self.events.get(nth) {
            Some(Event::Response(answer)) => {
                self.last = nth;
                Ok(answer.fill(head)?)
            }
            _ => Err(SendError::Transport(Broken)),
        }
    }

    fn body(&mut self) -> Pieces<'_, Broken> {
        match self.events.get(self.last) {
            Some(Event::Response(answer)) => Pieces::new(&answer.body, &SIZES),
            _ => Pieces::new(b"", &SIZES),
        }
    }
}
