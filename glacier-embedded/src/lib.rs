//! Amazon Glacier from a microcontroller: [`glacier_core`] over embassy-net or any other embedded-nal-async stack.
//!
//! [`HttpTransport`] is the [`Transport`](glacier_core::Transport) of this crate: HTTP/1.1 over one connection, which is reused, and
//! replaced when it fails. There is no heap; the application provides every buffer.
//!
//! ```
//! use glacier_core::ops::CreateVault;
//! use glacier_core::{Client, Credentials, Endpoint, Timestamp};
//! use glacier_embedded::embedded_hal_async::delay::DelayNs;
//! use glacier_embedded::embedded_nal_async::TcpConnect;
//! use glacier_embedded::{HttpTransport, Timeouts};
//!
//! /// `net` is embassy-net's `TcpClient` and `delay` is `embassy_time::Delay`, or their counterparts in your stack.
//! async fn create<N: TcpConnect<Error: 'static>, D: DelayNs>(net: &N, delay: D, now: Timestamp) -> bool {
//!     let (mut receive, mut send, mut buf) = ([0; 1024], [0; 1024], [0; 2048]);
//!     let address = "10.0.2.2:8080".parse().unwrap();
//!     let transport = HttpTransport::new(net, address, delay, Timeouts::default(), &mut receive, &mut send);
//!     let endpoint = Endpoint::new("us-east-1", "10.0.2.2:8080").unwrap();
//!     let mut client = Client::new(transport, endpoint, Credentials::new("test", "test", None).unwrap());
//!     client.send(&CreateVault { vault: "sensor-log".try_into().unwrap() }, now, &mut buf).await.is_ok()
//! }
//! ```
//!
//! # Contents
//! - [`HttpTransport`]: requests over one connection.
//! - Archive bodies, all of which can be read again and cut into parts: [`glacier_core::Bytes`] in memory, [`SeekSource`] on any medium that
//!   can seek, `FlashSource` on NOR flash, `CardSource` for a file on an SD card.
//! - [`Device`]: a clock, a timer and random numbers; [`sntp`] sets the clock from a time server.
//! - [`Session`] and [`RenewingCredentials`]: session credentials, renewed before they expire and wiped from memory.
//! - [`guide`]: RAM and flash, parts and buffers, porting, time and credentials, what plain HTTP protects.
//!
//! # Why reqwless does only a part of the work
//! reqwless writes the head of each request, and httparse, the parser that reqwless is built on, reads the head of each response. The rest is
//! implemented here, because reqwless 0.14
//! - counts lengths in `usize`, which on a 32-bit device is too small for a part of 4 GiB;
//! - gives a body no way to fail with its own error, and reads no response while a body is being sent, so that an early error response is
//!   lost and only the failed write is reported;
//! - takes a 1xx response for the final one and a truncated body for a complete one, and panics on a body longer than announced;
//! - has no timeouts, and reuses connections that the peer wants closed or that carry an unread response.
//!
//! # Features
//! - `nor-flash`: `FlashSource`.
//! - `sd-card`: `CardSource`.
//! - `embassy-net`: `EmbassyUdp`, for [`sntp`] over embassy-net's UDP. Its TCP works without.
//! - `defmt`: `defmt::Format` for the public types.
//!
//! Features only add. No unsafe code.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod device;
pub mod guide;
mod http;
mod sources;

pub use device::{Clock, ClockSource, Device, Renew, RenewingCredentials, Session, SessionError, sntp};
#[cfg(feature = "embassy-net")]
pub use device::{EmbassyUdp, UdpError};
pub use http::{Body, Error, HttpTransport, Step, Timeouts};
#[cfg(feature = "sd-card")]
pub use sources::CardSource;
pub use sources::{BeyondEnd, SeekSource};
#[cfg(feature = "nor-flash")]
pub use sources::{Blocking, FlashError, FlashSource};

// Crates whose types are part of this API.
#[cfg(feature = "embassy-net")]
pub use embassy_net;
#[cfg(feature = "sd-card")]
pub use embedded_sdmmc;
pub use {embedded_hal_async, embedded_io_async, embedded_nal_async, glacier_core};
#[cfg(feature = "nor-flash")]
pub use {embedded_storage, embedded_storage_async};
