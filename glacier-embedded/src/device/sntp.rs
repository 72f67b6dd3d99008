//! Sets the clock from a time server: SNTP, one request and one reply, over any UDP stack of embedded-nal-async.
//!
//! The only check of a reply is that it repeats the request's number. This rejects stray packets, and forged ones from anyone who cannot
//! read the network, but not from anyone who can. With a wrong time requests fail, and signed requests are valid at another time than
//! intended.
//!
//! Source: RFC 4330. The request carries a random number instead of the client's time: servers return that field unchanged, and learn less.

use core::fmt;

use embassy_futures::select::{Either, select};
use embedded_hal_async::delay::DelayNs;
use embedded_nal_async::ConnectedUdp;
use glacier_core::Environment;

use super::clock::ClockSource;
use super::environment::Device;

/// Bytes of a request, and of a reply without extensions.
const PACKET: usize = 48;
/// Room for a reply with an authenticator.
const REPLY_ROOM: usize = 128;
const TIMEOUT_MS: u32 = 5_000;
/// Seconds from 1900, the epoch of NTP, to 1970.
const FROM_1900_TO_1970: u64 = 2_208_988_800;

/// Sends one request to a server, waits up to five seconds for its reply, and sets the device's clock.
///
/// After a failure wait at least 15 seconds before sending to the same server again, as the RFC requires, or use another server.
///
/// # Errors
/// [`SntpError`]; the clock is unchanged.
///
/// # Cancel safety
/// Dropping the future leaves the clock unchanged.
pub async fn synchronize<N: ConnectedUdp, U: FnMut() -> u64, D: DelayNs>(
    server: &mut N,
    device: &mut Device<U, D>,
) -> Result<(), SntpError<N::Error>> {
    let query = Query::new(u64::from(device.random()) << 32 | u64::from(device.random()));
    let sent_at_ms = device.uptime_ms();
    server.send(&query.packet()).await.map_err(SntpError::Network)?;
    let receive = async {
        loop {
            let mut packet = [0; REPLY_ROOM];
            let got = server.receive_into(&mut packet).await.map_err(SntpError::Network)?;
            if let Some(reply) = query.parse(packet.get(..got).unwrap_or_default()) {
                return reply.map_err(SntpError::NoTime);
            }
        }
    };
    let reply = match select(receive, device.delay().delay_ms(TIMEOUT_MS)).await {
        Either::First(reply) => reply?,
        Either::Second(()) => return Err(SntpError::TimedOut),
    };
    let round_trip_ms = device.uptime_ms().saturating_sub(sent_at_ms);
    device.set_from(reply.unix_ms(round_trip_ms), ClockSource::Sntp);
    Ok(())
}

/// One request to a server, for code that exchanges the packets itself instead of calling [`synchronize`].
#[derive(Clone, Copy, Debug)]
pub struct Query {
    number: u64,
}

/// A server's reply: when it received the request and when it replied, by its own clock, in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reply {
    received_ms: u64,
    sent_ms: u64,
}

impl Query {
    /// A request with the number by which its reply is recognized. It should differ for each request.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Query { number }
    }

    /// The packet to send to port 123 of a server.
    #[must_use]
    pub fn packet(&self) -> [u8; PACKET] {
        let mut packet = [0; PACKET];
        let (head, number) = packet.split_at_mut(PACKET - 8);
        if let Some(first) = head.first_mut() {
            // Version 4, mode 3: client.
            *first = 4 << 3 | 3;
        }
        number.copy_from_slice(&self.number.to_be_bytes());
        packet
    }

    /// Parses a received packet; `None` if it is not a reply to this request, and the wait should continue.
    #[must_use]
    pub fn parse(&self, packet: &[u8]) -> Option<Result<Reply, NoTime>> {
        let mut fields = packet.get(..PACKET)?.chunks_exact(8);
        let [leap_mode, stratum, ..] = number(fields.next()?)?.to_be_bytes();
        let code = number(fields.next()?)?.to_be_bytes();
        let [_, originate, received, sent] = [(); 4].map(|()| fields.next().and_then(number));
        // Mode 4: server.
        if leap_mode & 7 != 4 || originate? != self.number {
            return None;
        }
        // With stratum 0 the reference identifier is the kiss code.
        let [_, _, _, _, kiss @ ..] = code;
        Some(match stratum {
            0 => Err(NoTime::KissOfDeath(kiss)),
            1..=15 if leap_mode >> 6 != 3 && sent? != 0 => Ok(Reply { received_ms: unix_ms(received?), sent_ms: unix_ms(sent?) }),
            _ => Err(NoTime::NotSynchronized),
        })
    }
}

impl Reply {
    /// The Unix time in milliseconds at which the reply arrived, given the time from sending the request to receiving the reply.
    #[must_use]
    pub fn unix_ms(&self, round_trip_ms: u64) -> u64 {
        let in_server = self.sent_ms.saturating_sub(self.received_ms);
        self.sent_ms.saturating_add(round_trip_ms.saturating_sub(in_server) / 2)
    }
}

fn number(field: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(field.try_into().ok()?))
}

/// Converts an NTP timestamp to Unix milliseconds: 32 bits of seconds since 1900, or since 2036 where the first bit is not set
/// (RFC 4330, section 3), and 32 bits of fraction.
fn unix_ms(ntp: u64) -> u64 {
    let seconds = ntp >> 32;
    let since_1900 = if seconds >> 31 == 1 { seconds } else { seconds + (1 << 32) };
    let fraction_ms = ((ntp & 0xffff_ffff) * 1000) >> 32;
    // The earliest time with the first bit set is in 1968; times before 1970 become 1970.
    since_1900.saturating_sub(FROM_1900_TO_1970) * 1000 + fraction_ms
}

/// Why a server's reply gives no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NoTime {
    /// The server asks to be left alone, or queried less often: `RATE`, `DENY` or another kiss code. Use another server.
    KissOfDeath([u8; 4]),
    /// The server's own clock is not synchronized.
    NotSynchronized,
}

impl fmt::Display for NoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KissOfDeath(code) => write!(f, "the time server rejects requests ({}): use another", code.escape_ascii()),
            Self::NotSynchronized => f.write_str("the time server is not synchronized: use another"),
        }
    }
}

impl core::error::Error for NoTime {}

/// Why the clock was not set. `E` is the network stack's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SntpError<E> {
    /// The packet could not be sent or received.
    Network(E),
    /// No reply arrived within five seconds.
    TimedOut,
    /// The reply gives no time.
    NoTime(NoTime),
}

impl<E: fmt::Display> fmt::Display for SntpError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => write!(f, "could not send to the time server: {error}"),
            Self::TimedOut => f.write_str("no reply from the time server within 5 s: check its address and that UDP gets through"),
            Self::NoTime(reason) => reason.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for SntpError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Network(error) => Some(error),
            Self::TimedOut | Self::NoTime(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use embassy_futures::block_on;
    use embedded_io_async::ErrorKind;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    /// The reply of a server of stratum 2, version 4, in the layout of RFC 4330: to `number`, received at 22:10:00.25 on 2026-11-25 and sent
    /// 0.5 s later. 0xeeb1db38 is the number of seconds from 1900 to 22:10:00.
    fn reply(number: u64) -> [u8; 48] {
        let mut packet = [0; 48];
        packet[..4].copy_from_slice(&[0x24, 2, 6, 0xec]);
        packet[12..16].copy_from_slice(&[127, 0, 0, 1]);
        packet[16..24].copy_from_slice(&[0xee, 0xb1, 0xdb, 0, 0, 0, 0, 0]);
        packet[24..32].copy_from_slice(&number.to_be_bytes());
        packet[32..40].copy_from_slice(&[0xee, 0xb1, 0xdb, 0x38, 0x40, 0, 0, 0]);
        packet[40..48].copy_from_slice(&[0xee, 0xb1, 0xdb, 0x38, 0xc0, 0, 0, 0]);
        packet
    }

    /// 2026-11-25T22:10:00Z, by `date`.
    const AT: u64 = 1_795_644_600_000;

    const QUERY: Query = Query::new(0x0123_4567_89ab_cdef);

    /// What is made of the reply to `QUERY` after `change`.
    fn parsed(change: impl FnOnce(&mut [u8; 48])) -> Option<Result<Reply, NoTime>> {
        let mut packet = reply(QUERY.number);
        change(&mut packet);
        QUERY.parse(&packet)
    }

    #[test]
    fn a_request_is_48_bytes() {
        let packet = QUERY.packet();
        assert_eq!((packet[0], &packet[40..]), (0x23, &[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef][..]));
        assert!(packet[1..40].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn half_of_the_network_delay_is_added() {
        let reply = parsed(|_| {}).unwrap().unwrap();
        // 700 ms in all, 500 of them in the server.
        assert_eq!(reply.unix_ms(700), AT + 750 + 100);
        assert_eq!(reply.unix_ms(400), AT + 750);
    }

    #[test]
    fn packets_that_are_not_replies_are_ignored() {
        assert_eq!(parsed(|packet| packet[31] ^= 1), None);
        // Of a client; a broadcast.
        assert_eq!(parsed(|packet| packet[0] = 0x23), None);
        assert_eq!(parsed(|packet| packet[0] = 0x25), None);
        for length in 0..48 {
            assert_eq!(QUERY.parse(&reply(QUERY.number)[..length]), None);
        }
        let longer = [&reply(QUERY.number)[..], &[0; 20]].concat();
        assert!(QUERY.parse(&longer).unwrap().is_ok());
    }

    #[test]
    fn replies_without_a_time_are_errors() {
        let kiss = parsed(|packet| {
            packet[1] = 0;
            packet[12..16].copy_from_slice(b"RATE");
        });
        assert_eq!(kiss, Some(Err(NoTime::KissOfDeath(*b"RATE"))));
        let error = SntpError::<ErrorKind>::NoTime(NoTime::KissOfDeath(*b"RATE"));
        assert_eq!(error.to_string(), "the time server rejects requests (RATE): use another");
        let unsynchronized = Some(Err(NoTime::NotSynchronized));
        assert_eq!(parsed(|packet| packet[0] |= 0xc0), unsynchronized);
        assert_eq!(parsed(|packet| packet[1] = 16), unsynchronized);
        assert_eq!(parsed(|packet| packet[40..].fill(0)), unsynchronized);
    }

    #[test]
    fn the_era_that_starts_in_2036() {
        // RFC 4330: 6h 28m 16s UTC on 7 February 2036 is 0 in the second era; by `date`, 2085978496.
        assert_eq!(unix_ms(0), 2_085_978_496_000);
        assert_eq!(unix_ms(0xffff_ffff << 32), 2_085_978_495_000);
        assert_eq!(unix_ms(1 << 63), 0);
    }

    /// A server with a list of replies, each of which arrives after 20 ms.
    struct Server<'t> {
        uptime: &'t Cell<u64>,
        replies: Vec<fn(u64) -> Vec<u8>>,
        requests: Vec<Vec<u8>>,
    }

    impl ConnectedUdp for Server<'_> {
        type Error = ErrorKind;

        async fn send(&mut self, data: &[u8]) -> Result<(), ErrorKind> {
            self.requests.push(data.to_vec());
            Ok(())
        }

        async fn receive_into(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
            let Some(next) = self.replies.pop() else { return core::future::pending().await };
            let packet = next(u64::from_be_bytes(self.requests.last().unwrap()[40..].try_into().unwrap()));
            self.uptime.set(self.uptime.get() + 20);
            buffer[..packet.len()].copy_from_slice(&packet);
            Ok(packet.len())
        }
    }

    /// A timer that advances the uptime instead of waiting.
    struct Advance<'t>(&'t Cell<u64>);

    impl DelayNs for Advance<'_> {
        async fn delay_ns(&mut self, _: u32) {}
        async fn delay_ms(&mut self, ms: u32) {
            self.0.set(self.0.get() + u64::from(ms));
        }
    }

    #[test]
    fn the_device_s_clock_is_set() {
        let uptime = Cell::new(1_000);
        let stray: fn(u64) -> Vec<u8> = |_| reply(7).to_vec();
        let mut server =
            Server { uptime: &uptime, replies: vec![|number| reply(number).to_vec(), stray, |_| vec![]], requests: vec![] };
        let mut device = Device::new(Advance(&uptime), || uptime.get(), 99);
        assert_eq!(block_on(synchronize(&mut server, &mut device)), Ok(()));
        assert_eq!((device.unix_ms(), device.clock().source()), (Some(AT + 750), Some(ClockSource::Sntp)));
        assert_eq!(server.requests.len(), 1);
        // The next request has another number. It gets no reply, and the clock keeps the time it was set to.
        assert_eq!(block_on(synchronize(&mut server, &mut device)), Err(SntpError::TimedOut));
        assert_ne!(server.requests[0], server.requests[1]);
        assert_eq!(device.unix_ms(), Some(AT + 750 + 5_000));
    }
}
