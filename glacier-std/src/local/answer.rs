//! Answers: status, headers, and a body that is text or comes from files, piece by piece.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;
use tokio::task::{JoinHandle, spawn_blocking};

use super::output::Output;
use super::refuse::Refused;
use super::time::Moment;

/// An answer of the service.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: AnswerBody,
}

impl Answer {
    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Answer { status, headers: Vec::new(), body: AnswerBody::new(Vec::new(), None) }
    }

    /// 200 and an object.
    pub(super) fn json(object: &impl Serialize) -> Result<Self, Refused> {
        Ok(Answer::text(200, serde_json::to_vec(object)?))
    }

    /// The service's error shape.
    pub(super) fn refused(refused: &Refused) -> Self {
        // Texts always can be written as JSON; if not, an empty body still has the code in its header.
        let body = serde_json::to_vec(&refused.body()).unwrap_or_default();
        Answer::text(refused.status, body).with("x-amzn-ErrorType", refused.code)
    }

    /// Bytes of a job's output.
    pub(super) fn output(status: u16, content_type: &str, output: Output) -> Self {
        let body = AnswerBody::new(Vec::new(), Some(output));
        Answer { status, headers: Vec::new(), body }.with("Content-Type", content_type)
    }

    fn text(status: u16, text: Vec<u8>) -> Self {
        Answer { status, headers: Vec::new(), body: AnswerBody::new(text, None) }.with("Content-Type", "application/json")
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds what every answer has.
    pub(super) fn stamped(self, request_id: &str, now: Moment) -> Self {
        let length = self.body.left();
        let answer = self.with("x-amzn-RequestId", request_id).with("Date", now.http_date());
        // A 204 has no length (RFC 9110, section 8.6).
        if answer.status == 204 { answer } else { answer.with("Content-Length", length.to_string()) }
    }
}

/// An answer's body.
#[derive(Debug)]
pub struct AnswerBody {
    /// Bytes at hand, from `at` on.
    ready: Vec<u8>,
    at: usize,
    output: Source,
}

/// Where more bytes come from.
#[derive(Debug)]
enum Source {
    None,
    Idle(Output),
    /// The output is with another thread, which reads the next piece.
    Reading(u64, JoinHandle<(Output, io::Result<Vec<u8>>)>),
}

impl AnswerBody {
    pub(super) fn new(ready: Vec<u8>, output: Option<Output>) -> Self {
        AnswerBody { ready, at: 0, output: output.map_or(Source::None, Source::Idle) }
    }

    /// Bytes that are still to come.
    pub(super) fn left(&self) -> u64 {
        let ready = (self.ready.len() - self.at) as u64;
        ready
            + match &self.output {
                Source::None => 0,
                Source::Idle(output) => output.left(),
                Source::Reading(left, _) => *left,
            }
    }

    /// The next bytes; `None` at the end. Dropping the wait loses nothing.
    pub(super) fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
        if self.at < self.ready.len() {
            let ready = self.ready.split_off(self.at);
            (self.ready, self.at) = (Vec::new(), 0);
            return Poll::Ready(Some(Ok(ready)));
        }
        loop {
            match std::mem::replace(&mut self.output, Source::None) {
                Source::None => return Poll::Ready(None),
                Source::Idle(output) if output.left() == 0 => return Poll::Ready(None),
                Source::Idle(mut output) => {
                    let left = output.left();
                    let reading = spawn_blocking(move || {
                        let piece = output.next_piece();
                        (output, piece)
                    });
                    self.output = Source::Reading(left, reading);
                }
                Source::Reading(left, mut reading) => match Pin::new(&mut reading).poll(context) {
                    Poll::Pending => {
                        self.output = Source::Reading(left, reading);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok((output, Ok(piece)))) => {
                        self.output = Source::Idle(output);
                        return Poll::Ready(Some(Ok(piece)));
                    }
                    Poll::Ready(Ok((_, Err(error)))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
                },
            }
        }
    }

    /// Copies the next bytes; 0 at the end. Dropping the future loses nothing.
    pub(super) async fn read_piece(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        while self.at == self.ready.len() {
            match std::future::poll_fn(|context| self.poll_piece(context)).await {
                None => return Ok(0),
                Some(piece) => (self.ready, self.at) = (piece?, 0),
            }
        }
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}
