//! Amazon Glacier from a microcontroller: [`glacier_core`] over embassy-net or any other embedded-nal-async stack.
//!
//! [`HttpTransport`] is the [`Transport`](glacier_core::Transport) of this crate: HTTP/1.1 over one connection that is kept and
//! made anew when it dies. There is no heap; every buffer comes from the application.
//!
//! ```
//! use embedded_hal_async::delay::DelayNs;
//! use embedded_nal_async::TcpConnect;
//! use glacier_core::ops::CreateVault;
//! use glacier_core::{Client, Credentials, Endpoint, Timestamp};
//! use glacier_embedded::{HttpTransport, Timeouts};
//!
//! /// `net` is embassy-net's `TcpClient`, `delay` is `embassy_time::Delay`, or what your stack has in their place.
//! async fn create<N: TcpConnect, D: DelayNs>(net: &N, delay: D, now: Timestamp) -> bool {
//!     let (mut receive, mut send, mut buf) = ([0; 1024], [0; 1024], [0; 2048]);
//!     let endpoint = "10.0.2.2:8080".parse().unwrap();
//!     let transport = HttpTransport::new(net, endpoint, delay, Timeouts::default(), &mut receive, &mut send);
//!     let service = Endpoint::new("us-east-1", "10.0.2.2:8080").unwrap();
//!     let mut client = Client::new(transport, service, Credentials::new("test", "test", None).unwrap());
//!     client.send(&CreateVault { vault: "sensor-log".try_into().unwrap() }, now, &mut buf).await.is_ok()
//! }
//! ```
//!
//! # What is where
//! - [`HttpTransport`]: one connection, kept from request to request.
//! - Bodies, each of which can be read twice and cut into parts: [`glacier_core::Bytes`] in memory, [`SeekSource`] for anything that can
//!   seek, `FlashSource` on NOR flash, `CardSource` for a file on an SD card.
//! - [`Device`]: the clock, which is not set until somebody says what time it is, the waits and the chance of retries; [`sntp`].
//! - [`Session`] and [`Renewing`]: session credentials that are renewed and wiped.
//! - [`guide`]: RAM and flash, parts and buffers, other boards, time and credentials, what plain HTTP protects and what it does not.
//!
//! # What is reqwless's here, and what is not
//! reqwless writes the head of each request, and httparse, the parser that reqwless is built on, reads the head of each answer. What lies
//! between is done here, since reqwless 0.14
//! - counts lengths in `usize`: a part of 4 GiB does not fit a 32-bit one;
//! - has no way for a body's source to fail with an error of its own, nor for an answer to be read while a body is being sent, so that an
//!   early refusal is lost in the error of the write;
//! - takes a 1xx for the answer, an answer that ends early for a whole one, and panics on one that is longer than announced;
//! - has no time-outs, and goes on using a connection that the peer wants closed or that has an unread answer on it.
//!
//! # Features
//! `nor-flash`, `sd-card`: `FlashSource` and `CardSource`. `embassy-net`: its UDP sockets for [`sntp`]; for TCP nothing is needed. `defmt`:
//! `defmt::Format` on the public types. None changes what the others do. There is no heap and no unsafe code.
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
pub mod guide;
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
