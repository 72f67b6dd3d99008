//! Amazon Glacier from a microcontroller: [`glacier_core`] over embassy-net or any other embedded-nal-async stack.
//!
//! [`HttpTransport`] is the [`Transport`](glacier_core::Transport) of this crate: HTTP/1.1 over one connection that is kept and
//! made anew when it dies. There is no heap; every buffer comes from the application.
//!
//! ```
//! use embedded_hal_async::delay::DelayNs;
//! use embedded_nal_async::TcpConnect;
//! use glacier_core::ops::CreateVault;
//! use glacier_core::{Client, Credentials, Service, Timestamp};
//! use glacier_embedded::{HttpTransport, Timeouts};
//!
//! /// `net` is embassy-net's `TcpClient`, `delay` is `embassy_time::Delay`, or what your stack has in their place.
//! async fn create<N: TcpConnect, D: DelayNs>(net: &N, delay: D, now: Timestamp) -> bool {
//!     let (mut receive, mut send, mut buf) = ([0; 1024], [0; 1024], [0; 2048]);
//!     let endpoint = "10.0.2.2:8080".parse().unwrap();
//!     let transport = HttpTransport::new(net, endpoint, delay, Timeouts::default(), &mut receive, &mut send);
//!     let service = Service::new("us-east-1", "10.0.2.2:8080").unwrap();
//!     let mut client = Client::new(transport, service, Credentials::new("test", "test", None).unwrap());
//!     client.send(&CreateVault { vault: "sensor-log".try_into().unwrap() }, now, &mut buf).await.is_ok()
//! }
//! ```
//!
//! # What plain HTTP protects
//! A request's signature covers its headers and the hash of its body, so nobody on the way can change either unnoticed. Everybody
//! on the way can read them, and can forge the answers but for what is checked against the tree hash. TLS goes below
//! [`HttpTransport`], as a [`TcpConnect`](embedded_nal_async::TcpConnect) whose connections are encrypted.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod answer;
mod body;
mod clock;
mod device;
#[cfg(feature = "embassy-net")]
mod embassy_udp;
mod error;
mod extent;
mod framing;
#[cfg(feature = "nor-flash")]
mod nor_flash;
mod patience;
mod request;
#[cfg(feature = "sd-card")]
mod sd_card;
mod seek;
mod session;
pub mod sntp;
#[cfg(test)]
mod test_support;
mod transport;
#[cfg(test)]
mod transport_tests;
mod window;

pub use body::Body;
pub use clock::{Clock, SetBy};
pub use device::Device;
#[cfg(feature = "embassy-net")]
pub use embassy_udp::{EmbassyUdp, UdpError};
pub use error::{Error, Step};
pub use extent::BeyondEnd;
#[cfg(feature = "nor-flash")]
pub use nor_flash::{Blocking, FlashError, FlashSource};
pub use patience::Timeouts;
#[cfg(feature = "sd-card")]
pub use sd_card::CardSource;
pub use seek::SeekSource;
pub use session::{Renew, Renewing, Session, SessionError};
pub use transport::HttpTransport;
