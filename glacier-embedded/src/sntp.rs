//! The time from a time server: SNTP, one packet there and one back, over any UDP of embedded-nal-async.
//!
//! Nothing vouches for the answer but that it repeats the number of the question, which guards against stray packets and against who cannot
//! read the network, not against who can. A wrong time makes requests fail, and signed requests usable at another time than meant.
//!
//! Source: RFC 4330; a random number in the place of the client's own time, which servers return as it is, tells them less.

use core::fmt;

use embassy_futures::select::{Either, select};
use embedded_hal_async::delay::DelayNs;
use embedded_nal_async::ConnectedUdp;
use glacier_core::Environment;

use crate::clock::SetBy;
use crate::device::Device;

/// Bytes of a question, and of an answer without extensions.
const PACKET: usize = 48;
/// Room for an answer with a signature behind it.
const ROOM: usize = 128;
/// How long an answer is waited for, in milliseconds.
const PATIENCE_MS: u32 = 5_000;
/// Seconds from 1900, where NTP begins, to 1970.
const FROM_1900_TO_1970: u64 = 2_208_988_800;

/// Asks a server once, waits five seconds for its answer, and sets the device's clock.
///
/// When it fails, wait at least 15 seconds before asking the same server again, as the RFC has it, or ask another.
/// Dropping the future leaves the clock as it was.
///
/// # Errors
/// [`SntpError`]; the clock stays as it was.
pub async fn ask<N: ConnectedUdp, U: FnMut() -> u64, D: DelayNs>(
    server: &mut N,
    device: &mut Device<U, D>,
) -> Result<(), SntpError<N::Error>> {
    let query = Query::new(u64::from(device.random()) << 32 | u64::from(device.random()));
    let asked_ms = device.uptime_ms();
    server.send(&query.packet()).await.map_err(SntpError::Network)?;
    let receive = async {
        loop {
            let mut answer = [0; ROOM];
            let got = server.receive_into(&mut answer).await.map_err(SntpError::Network)?;
            if let Some(said) = query.read(answer.get(..got).unwrap_or_default()) {
                return said.map_err(SntpError::Response);
            }
        }
    };
    let answer = match select(receive, device.delay().delay_ms(PATIENCE_MS)).await {
        Either::First(answer) => answer?,
        Either::Second(()) => return Err(SntpError::TimedOut),
    };
    let round_trip_ms = device.uptime_ms().saturating_sub(asked_ms);
    device.set_by(answer.unix_ms(round_trip_ms), SetBy::Sntp);
    Ok(())
}

/// One question to a server, for whoever carries packets some other way than [`ask`].
#[derive(Clone, Copy, Debug)]
pub struct Query {
    number: u64,
}

/// When the question came to the server and its answer left it, by the server's clock, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Answer {
    received_ms: u64,
    sent_ms: u64,
}

impl Query {
    /// A question with a number by which its answer is known. It should differ each time.
    pub const fn new(number: u64) -> Self {
        Query { number }
    }

    /// The packet to send to port 123 of a server.
    pub fn packet(&self) -> [u8; PACKET] {
        let mut packet = [0; PACKET];
        let (head, number) = packet.split_at_mut(PACKET - 8);
        if let Some(first) = head.first_mut() {
            // Version 4, mode 3: a client.
            *first = 4 << 3 | 3;
        }
        number.copy_from_slice(&self.number.to_be_bytes());
        packet
    }

    /// Reads a packet that came back; `None` when it is no answer to this question, and the wait should go on.
    pub fn read(&self, packet: &[u8]) -> Option<Result<Answer, InvalidReply>> {
        let mut fields = packet.get(..PACKET)?.chunks_exact(8);
        let [leap_mode, stratum, ..] = number(fields.next()?)?.to_be_bytes();
        let code = number(fields.next()?)?.to_be_bytes();
        let [_, originate, received, sent] = [(); 4].map(|()| fields.next().and_then(number));
        // Mode 4: a server.
        if leap_mode & 7 != 4 || originate? != self.number {
            return None;
        }
        // Where the stratum is 0, the field of the reference's name holds the reason.
        let [_, _, _, _, reason @ ..] = code;
        Some(match stratum {
            0 => Err(InvalidReply::KissOfDeath(reason)),
            1..=15 if leap_mode >> 6 != 3 && sent? != 0 => Ok(Answer { received_ms: unix_ms(received?), sent_ms: unix_ms(sent?) }),
            _ => Err(InvalidReply::NotSynchronized),
        })
    }
}

impl Answer {
    /// The time when the answer came, in milliseconds since 1970, given how long ago the question was sent.
    pub fn unix_ms(&self, round_trip_ms: u64) -> u64 {
        let in_server = self.sent_ms.saturating_sub(self.received_ms);
        self.sent_ms.saturating_add(round_trip_ms.saturating_sub(in_server) / 2)
    }
}

fn number(field: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(field.try_into().ok()?))
}

/// Seconds and fractions of 2^-32 seconds since 1900, or since 2036 where the first bit is not set (RFC 4330, section 3), in
/// milliseconds since 1970.
fn unix_ms(ntp: u64) -> u64 {
    let seconds = ntp >> 32;
    let since_1900 = if seconds >> 31 == 1 { seconds } else { seconds + (1 << 32) };
    let fraction_ms = ((ntp & 0xffff_ffff) * 1000) >> 32;
    // The first bit alone is 2^31 seconds, which is later than 1968; a server that says 1968 says 1970.
    since_1900.saturating_sub(FROM_1900_TO_1970) * 1000 + fraction_ms
}

/// Why a server that answered gave no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidReply {
    /// It wants not to be asked, or not so often: `RATE`, `DENY` or another code. Ask another server.
    KissOfDeath([u8; 4]),
    /// It does not know the time itself.
    NotSynchronized,
}

/// Why the clock was not set. `E` is the network stack's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SntpError<E> {
    /// The network failed.
    Network(E),
    /// No answer came within five seconds.
    TimedOut,
    /// The server gave no time.
    Response(InvalidReply),
}

impl<E: fmt::Display> fmt::Display for SntpError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => write!(f, "the time server cannot be asked: {error}"),
            Self::TimedOut => f.write_str("the time server does not answer: check its address and that UDP gets through"),
            Self::Response(InvalidReply::KissOfDeath(code)) => {
                write!(f, "the time server refuses ({}): ask another", code.escape_ascii())
            }
            Self::Response(InvalidReply::NotSynchronized) => {
                f.write_str("the time server does not know the time itself: ask another")
            }
        }
    }
}

impl<E: core::error::Error> core::error::Error for SntpError<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use embassy_futures::block_on;
    use embedded_io_async::ErrorKind;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    /// The answer of a server of stratum 2, version 4, as RFC 4330 draws it: to `number`, received at 22:10:00.25 on 2026-11-25 and sent
    /// 0.5 s later. 0xeeb1db38 is the number of seconds from 1900 to 22:10:00.
    fn answer(number: u64) -> [u8; 48] {
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

    const ASKED: Query = Query::new(0x0123_4567_89ab_cdef);

    fn said(change: impl FnOnce(&mut [u8; 48])) -> Option<Result<Answer, InvalidReply>> {
        let mut packet = answer(ASKED.number);
        change(&mut packet);
        ASKED.read(&packet)
    }

    #[test]
    fn a_question_is_48_bytes() {
        let packet = ASKED.packet();
        assert_eq!((packet[0], &packet[40..]), (0x23, &[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef][..]));
        assert!(packet[1..40].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn half_of_the_way_there_and_back_is_added() {
        let answer = said(|_| {}).unwrap().unwrap();
        // 700 ms there and back, of which it was 500 in the server.
        assert_eq!(answer.unix_ms(700), AT + 750 + 100);
        assert_eq!(answer.unix_ms(400), AT + 750);
    }

    #[test]
    fn what_is_no_answer_is_passed_over() {
        assert_eq!(said(|packet| packet[31] ^= 1), None);
        // A client's, a broadcast.
        assert_eq!(said(|packet| packet[0] = 0x23), None);
        assert_eq!(said(|packet| packet[0] = 0x25), None);
        for length in 0..48 {
            assert_eq!(ASKED.read(&answer(ASKED.number)[..length]), None);
        }
        let longer = [&answer(ASKED.number)[..], &[0; 20]].concat();
        assert!(ASKED.read(&longer).unwrap().is_ok());
    }

    #[test]
    fn servers_that_give_no_time() {
        let kiss = said(|packet| {
            packet[1] = 0;
            packet[12..16].copy_from_slice(b"RATE");
        });
        assert_eq!(kiss, Some(Err(InvalidReply::KissOfDeath(*b"RATE"))));
        let error = SntpError::<ErrorKind>::Response(InvalidReply::KissOfDeath(*b"RATE"));
        assert_eq!(error.to_string(), "the time server refuses (RATE): ask another");
        let unsynchronized = Some(Err(InvalidReply::NotSynchronized));
        assert_eq!(said(|packet| packet[0] |= 0xc0), unsynchronized);
        assert_eq!(said(|packet| packet[1] = 16), unsynchronized);
        assert_eq!(said(|packet| packet[40..].fill(0)), unsynchronized);
    }

    #[test]
    fn after_2036_too() {
        // RFC 4330: 6h 28m 16s UTC on 7 February 2036 is 0 in the second era; by `date`, 2085978496.
        assert_eq!(unix_ms(0), 2_085_978_496_000);
        assert_eq!(unix_ms(0xffff_ffff << 32), 2_085_978_495_000);
        assert_eq!(unix_ms(1 << 63), 0);
    }

    /// A server that answers from a list, 20 ms after it was asked.
    struct Server<'t> {
        uptime: &'t Cell<u64>,
        answers: Vec<fn(u64) -> Vec<u8>>,
        asked: Vec<Vec<u8>>,
    }

    impl ConnectedUdp for Server<'_> {
        type Error = ErrorKind;

        async fn send(&mut self, data: &[u8]) -> Result<(), ErrorKind> {
            self.asked.push(data.to_vec());
            Ok(())
        }

        async fn receive_into(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
            let Some(next) = self.answers.pop() else { return core::future::pending().await };
            let packet = next(u64::from_be_bytes(self.asked.last().unwrap()[40..].try_into().unwrap()));
            self.uptime.set(self.uptime.get() + 20);
            buffer[..packet.len()].copy_from_slice(&packet);
            Ok(packet.len())
        }
    }

    struct Waits<'t>(&'t Cell<u64>);

    impl DelayNs for Waits<'_> {
        async fn delay_ns(&mut self, _: u32) {}
        async fn delay_ms(&mut self, ms: u32) {
            self.0.set(self.0.get() + u64::from(ms));
        }
    }

    #[test]
    fn a_device_s_clock_is_set() {
        let uptime = Cell::new(1_000);
        let stray: fn(u64) -> Vec<u8> = |_| answer(7).to_vec();
        let mut server =
            Server { uptime: &uptime, answers: vec![|number| answer(number).to_vec(), stray, |_| vec![]], asked: vec![] };
        let mut device = Device::new(Waits(&uptime), || uptime.get(), 99);
        assert_eq!(block_on(ask(&mut server, &mut device)), Ok(()));
        assert_eq!((device.unix_ms(), device.clock().set_by()), (Some(AT + 750), Some(SetBy::Sntp)));
        assert_eq!(server.asked.len(), 1);
        // The next question has another number; nobody answers it, and the clock goes on.
        assert_eq!(block_on(ask(&mut server, &mut device)), Err(SntpError::TimedOut));
        assert_ne!(server.asked[0], server.asked[1]);
        assert_eq!(device.unix_ms(), Some(AT + 750 + 5_000));
    }
}
