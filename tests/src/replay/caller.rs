//! The client that replays scripted calls, and its environment.

use glacier_core::testing::{ManualEnvironment, ScriptedTransport};
use glacier_core::{Client, Credentials, Endpoint, Timestamp};

/// When every scripted call is made; the responses of the vectors have this date.
pub(super) const NOW: Timestamp = Timestamp::from_unix(1_486_728_000);

/// Room for the largest response of the vectors, a policy of 20 KB in which every character may be escaped.
pub(super) const ROOM: usize = 1 << 18;

pub(super) fn client(transport: &ScriptedTransport) -> Client<ScriptedTransport, Credentials<'static>> {
    let endpoint = Endpoint::new("us-east-1", "localhost").expect("a valid region and host");
    let credentials = Credentials::new("AKID", "secret", None).expect("valid credentials");
    Client::new(transport.clone(), endpoint, credentials)
}

pub(super) fn environment() -> ManualEnvironment {
    ManualEnvironment::at(NOW)
}
