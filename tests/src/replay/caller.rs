//! A client over scripted answers, and the surroundings that core asks for: a clock that stands still, sleeps that are written down.

use glacier_core::{Client, Credentials, Endpoint, Environment, Timestamp};

use super::scripted::Scripted;

/// When every scripted call is made; the vectors' answers are dated so.
pub(super) const NOW: Timestamp = Timestamp::from_unix(1_486_728_000);

/// Room for the largest answer of the vectors, a policy of 20 KB whose every character may be escaped.
pub(super) const ROOM: usize = 1 << 18;

pub(super) fn client(transport: &mut Scripted) -> Client<&mut Scripted, Credentials<'static>> {
    let service = Endpoint::new("us-east-1", "localhost").expect("a legal region and host");
    let credentials = Credentials::new("AKID", "secret", None).expect("legal credentials");
    Client::new(transport, service, credentials)
}

/// Never really waits.
#[derive(Default)]
pub(super) struct Still {
    pub(super) sleeps_ms: Vec<u32>,
}

impl Environment for Still {
    fn now(&mut self) -> Option<Timestamp> {
        Some(NOW)
    }
    async fn sleep_ms(&mut self, milliseconds: u32) {
        self.sleeps_ms.push(milliseconds);
    }
    fn random(&mut self) -> u32 {
        u32::MAX
    }
}
