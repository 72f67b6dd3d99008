//! The contract of [`Transport`](crate::Transport) as tests that every transport must pass. What needs a service
//! (signatures, archives) is not tested here.
//!
//! Each case is one function, [`run`] calls it by its name, and [`for_each_case`] makes a test of each:
//!
//! ```no_run
//! # use std::{net::SocketAddr, time::Duration};
//! use glacier_core::testing::battery::{self, Factory};
//! # struct MyFactory;
//! # impl Factory for MyFactory {
//! #     type Transport = glacier_core::testing::ScriptedTransport;
//! #     fn transport(&self, _: SocketAddr, _: Duration) -> Self::Transport { Default::default() }
//! # }
//!
//! macro_rules! tests {
//!     ($($case:ident)*) => {$(
//!         # const _: &str = stringify! {
//!         #[tokio::test]
//!         # };
//!         async fn $case() {
//!             battery::$case(&MyFactory).await;
//!         }
//!     )*};
//! }
//! battery::for_each_case!(tests);
//! ```
//!
//! Each case says byte for byte what the server does on each connection. A transport that opens more connections than the case has
//! scripts is refused, and one that opens fewer leaves a script waiting, so reuse of connections is tested too.

mod cases;
mod connection;
mod dropped;
mod early_response;
mod exchange;
mod factory;
mod framing;
mod invalid_response;
mod request;
mod server;
mod silence;
mod source;
mod thread;

#[doc(inline)]
pub use crate::__for_each_transport_case as for_each_case;
pub use cases::{CASES, run, run_all};
pub use connection::{connection_refused, idle_connection_closed, idle_connection_reset};
pub use dropped::{body_dropped, body_not_asked_for, send_dropped};
pub use early_response::{
    close_without_response, early_response_body_read, early_response_body_unread, early_response_then_close,
    early_success_is_an_error, early_success_then_close,
};
pub use factory::Factory;
pub use framing::{
    connection_close_is_obeyed, framings_and_reuse, informational_responses_skipped, redirect_not_followed, response_until_close,
};
pub use invalid_response::{
    head_too_small, malformed_responses, surplus_bytes_discarded, truncated_response_stays_an_error, truncated_responses,
};
pub use request::{bodies_arrive, content_length_rules, request_unchanged};
pub use server::{Connection, Script, ScriptedServer};
pub use silence::{server_stops_reading, silent_server};
pub use source::{source_fails, source_fails_at_once};
