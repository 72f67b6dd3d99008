//! What a device needs around its requests: a clock that can be set by SNTP or by the service, timers and random numbers for retries, and
//! session credentials. Nothing here knows HTTP or the bodies that are sent.

mod clock;
#[cfg(feature = "embassy-net")]
mod embassy_udp;
mod environment;
mod session;
pub mod sntp;

pub use clock::{Clock, ClockSource};
#[cfg(feature = "embassy-net")]
pub use embassy_udp::{EmbassyUdp, UdpError};
pub use environment::Device;
pub use session::{Renew, RenewingCredentials, Session, SessionError};
