//! Recorded responses of a case, and a transport that replays them.

use embedded_io_async::ErrorKind;
use glacier_core::Head;
use glacier_core::testing::{Reply, ScriptedTransport};
use serde_json::Value;

use super::{NotPassed, number};
use crate::vectors;

/// A response of a case.
#[derive(Clone, Debug)]
pub(super) struct RecordedResponse {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl RecordedResponse {
    pub(super) fn new(response: &Value) -> Result<Self, NotPassed> {
        let headers = response["headers"].as_object().ok_or_else(|| "the response has no headers".to_string())?;
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_string()));
        let status = number(response, "status")?;
        Ok(RecordedResponse {
            status: u16::try_from(status).map_err(|_| format!("{status} is not a valid status"))?,
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
    Response(RecordedResponse),
    NetworkError,
}

/// The sizes of the pieces in which bodies arrive: some end inside a name, an escape, a hash.
const PIECES: [usize; 6] = [1, 4, 13, 40, 121, 4096];

impl Event {
    fn reply(&self) -> Reply {
        match self {
            Event::Response(response) => {
                let reply = Reply::status(response.status).body(&response.body).in_pieces(&PIECES);
                response.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value))
            }
            Event::NetworkError => Reply::connection_lost(ErrorKind::ConnectionReset),
        }
    }
}

/// A transport to which these events happen one after the other, and the last one for ever.
pub(super) fn transport(events: Vec<Event>) -> ScriptedTransport {
    let mut requests = 0;
    ScriptedTransport::from_fn(move |_| {
        let event = events.get(requests).or(events.last());
        requests += 1;
        event.map_or_else(|| Event::NetworkError.reply(), Event::reply)
    })
}
