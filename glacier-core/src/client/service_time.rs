//! Which time to sign for: the environment's, or the service's where that is missing or wrong.

use super::client::Client;
use super::environment::Environment;
use super::state::KeepState;
use crate::error::{CallError, Error};
use crate::request::{Encode, JsonBody, Method, Request};
use crate::response::{Head, Response};
use crate::transport::Transport;
use crate::values::Timestamp;
use crate::wire::Path;

impl<T: Transport, C, K: KeepState> Client<T, C, K> {
    /// The time to sign for: that of `environment`, corrected by what the service has said about it.
    ///
    /// While the environment's clock is not set, the service is asked as in [`service_time`](Client::service_time), and
    /// [`Environment::correct`] is called.
    ///
    /// # Errors
    /// [`Error::ClockNotSet`] when the service's response has no date, or the environment does not set its clock. Those of a request, when
    /// the service had to be asked.
    pub async fn now(&mut self, environment: &mut impl Environment, buf: &mut [u8]) -> Result<Timestamp, Error<T::Error>> {
        Ok(self.time(environment, buf).await?)
    }

    /// As [`now`](Client::now).
    pub(crate) async fn time(
        &mut self,
        environment: &mut impl Environment,
        buf: &mut [u8],
    ) -> Result<Timestamp, CallError<T::Error>> {
        if environment.now().is_none() {
            let service = self.ask_time(buf).await.map_err(CallError::before_sending)?.ok_or(CallError::ClockNotSet)?;
            self.correct(service, environment);
        }
        let offset = self.state.with(|state| state.clock_offset);
        environment.now().map(|now| now.shifted(offset)).ok_or(CallError::ClockNotSet)
    }

    /// The service's time, whole seconds, from the `Date` of a response; `None` when that is undated or came from a cache.
    ///
    /// The request is `GET /` without a signature: it needs no time, discloses nothing, changes nothing and is rejected; the status does
    /// not matter. The date is as trustworthy as the connection: plain HTTP can be forged, TLS cannot.
    /// `buf` holds the response's headers; 512 bytes are enough.
    ///
    /// # Errors
    /// Those of the transport, and [`DecodeError::Head`](crate::DecodeError::Head) when the buffer is too small.
    pub async fn service_time(&mut self, buf: &mut [u8]) -> Result<Option<Timestamp>, Error<T::Error>> {
        Ok(self.ask_time(buf).await?)
    }

    async fn ask_time(&mut self, buf: &mut [u8]) -> Result<Option<Timestamp>, CallError<T::Error>> {
        let request = Request { method: Method::Get, host: self.endpoint.host(), path: "/", query: "", headers: &[] };
        let mut head = Head::new(&mut *buf);
        // The same source as for every other call, so that a device has the transport's code for it once.
        self.transport.send(&request, &mut JsonBody::new(&Nothing), &mut head).await?;
        let map = head.map();
        let date = Response::in_buffer(map, buf, 0).date();
        // Read only to keep the connection, which is closed when a response is not read to its end.
        drop(self.read_body(map, buf).await);
        Ok(date)
    }

    /// The service has said what time it is: corrects the environment, and keeps what still differs.
    pub(crate) fn correct(&mut self, service: Timestamp, environment: &mut impl Environment) {
        environment.correct(service);
        let offset = environment.now().map_or(0, |now| service.seconds_since(now));
        self.state.with(|state| state.clock_offset = offset);
    }
}

/// An operation that has no body.
struct Nothing;

impl Encode for Nothing {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, _: &mut Path<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Source;
    use crate::client::retry::{Retry, RetryPolicy};
    use crate::ops::{DescribeVault, InitiateMultipartUpload, ListVaults};
    use crate::test_support::block_on;
    use crate::transport::SendError;
    use crate::values::Credentials;
    use crate::values::Endpoint;
    use crate::values::PartSize;
    use core::fmt;
    use embedded_io_async::{ErrorKind, ErrorType, Read};
    use std::string::{String, ToString};
    use std::vec::Vec;

    /// A service that checks only the time a request is signed for, by a clock that stands still at 2012-05-25T01:24:53Z.
    struct Clockwork {
        dated: bool,
        /// The `x-amz-date` of each request; "unsigned" for those without a signature.
        seen: Vec<String>,
        /// Requests whose connection breaks.
        broken: usize,
        response: &'static [u8],
    }

    impl Clockwork {
        fn new(dated: bool, broken: usize) -> Self {
            Clockwork { dated, seen: Vec::new(), broken, response: b"" }
        }
    }

    struct Said(&'static [u8]);

    impl ErrorType for Said {
        type Error = ErrorKind;
    }

    impl Read for Said {
        async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
            self.0.read(into).await.map_err(|never| match never {})
        }
    }

    impl Transport for &mut Clockwork {
        type Error = ErrorKind;
        type Body<'t>
            = Said
        where
            Self: 't;

        async fn send<S: Source>(
            &mut self,
            request: &Request<'_>,
            _: &mut S,
            head: &mut Head<'_>,
        ) -> Result<(), SendError<ErrorKind, S::Error>> {
            let signed = request.headers.iter().any(|(name, _)| *name == "authorization");
            let date = request.headers.iter().find(|(name, _)| *name == "x-amz-date").map_or("", |(_, date)| date);
            self.seen.push(if signed { date.to_string() } else { "unsigned".to_string() });
            if self.seen.len() <= self.broken {
                return Err(SendError::Transport(ErrorKind::ConnectionReset));
            }
            let right = date.starts_with("20120525T01");
            head.start(if right { 200 } else { 403 });
            if self.dated {
                head.push("date", b"Fri, 25 May 2012 01:24:53 GMT")?;
            }
            self.response = match (signed, right) {
                (false, _) => br#"{"code":"MissingAuthenticationTokenException"}"#,
                (true, false) => br#"{"code":"InvalidSignatureException","message":"Signature expired: ..."}"#,
                (true, true) => br#"{"VaultName":"v","VaultList":[{"VaultName":"v"}],"Marker":null}"#,
            };
            Ok(())
        }

        fn body(&mut self) -> Said {
            Said(self.response)
        }
    }

    /// A device whose clock may not be set, and whose settings may be for show.
    #[derive(Default)]
    struct Device {
        clock: Option<Timestamp>,
        settable: bool,
        corrections: Vec<String>,
        retries: Vec<String>,
    }

    impl Environment for Device {
        fn now(&mut self) -> Option<Timestamp> {
            self.clock
        }
        fn correct(&mut self, service: Timestamp) {
            self.corrections.push(service.to_string());
            if self.settable {
                self.clock = Some(service);
            }
        }
        fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
            self.retries.push(std::format!("{failures} {wait_ms} {why}"));
        }
        async fn sleep_ms(&mut self, _: u32) {}
        fn random(&mut self) -> u32 {
            u32::MAX
        }
    }

    const RIGHT: &str = "2012-05-25T01:24:53Z";

    fn client(service: &mut Clockwork) -> Client<&mut Clockwork, Credentials<'static>> {
        Client::new(service, Endpoint::new("eu-west-1", "h").unwrap(), Credentials::new("a", "b", None).unwrap())
    }

    /// Describes a vault `times` times, and says what the service saw.
    fn described(service: &mut Clockwork, device: &mut Device, times: usize) -> Result<(), Error<ErrorKind>> {
        let (mut client, mut buf) = (client(service), [0; 1024]);
        let describe = DescribeVault { vault: "v".try_into().unwrap() };
        for _ in 0..times {
            block_on(client.send_retrying(&describe, RetryPolicy::default(), device, &mut buf))?;
        }
        Ok(())
    }

    #[test]
    fn a_clock_that_is_not_set_is_set_by_the_service() {
        let (mut service, mut device) = (Clockwork::new(true, 0), Device { settable: true, ..Device::default() });
        described(&mut service, &mut device, 2).unwrap();
        assert_eq!(service.seen, ["unsigned", "20120525T012453Z", "20120525T012453Z"]);
        assert_eq!(device.corrections, [RIGHT]);
    }

    #[test]
    fn a_clock_that_stays_unset_is_said_to_be_so() {
        for (dated, settable, told) in [(false, true, 0), (true, false, 1)] {
            let (mut service, mut device) = (Clockwork::new(dated, 0), Device { settable, ..Device::default() });
            assert_eq!(described(&mut service, &mut device, 1), Err(Error::ClockNotSet));
            assert_eq!((service.seen.len(), device.corrections.len()), (1, told), "nothing is signed");
        }
    }

    #[test]
    fn asking_for_the_time_is_tried_again_too() {
        let (mut service, mut device) = (Clockwork::new(true, 1), Device { settable: true, ..Device::default() });
        described(&mut service, &mut device, 1).unwrap();
        assert_eq!(service.seen, ["unsigned", "unsigned", "20120525T012453Z"]);
        let why = std::format!("1 49 the request was not sent: {}", ErrorKind::ConnectionReset);
        assert_eq!(device.retries, [why]);
    }

    #[test]
    fn so_it_is_before_a_call_that_must_not_be_repeated() {
        let initiate = InitiateMultipartUpload {
            vault: "v".try_into().unwrap(),
            part_size: PartSize::from_mib(1).unwrap(),
            description: None,
        };
        // The first request asks for the time; the second is the call.
        for (broken, seen) in [(1, 3), (3, 3)] {
            let (mut service, mut device) = (Clockwork::new(true, broken), Device { settable: true, ..Device::default() });
            let (mut client, mut buf) = (client(&mut service), [0; 1024]);
            let sent = block_on(client.send_retrying(&initiate, RetryPolicy::default(), &mut device, &mut buf));
            assert_eq!((sent.is_ok(), client.transport.seen.len()), (broken == 1, seen));
        }
        let mut device = Device { clock: Timestamp::parse_iso(RIGHT), ..Device::default() };
        let mut service = Clockwork::new(true, 1);
        let (mut client, mut buf) = (client(&mut service), [0; 1024]);
        assert!(block_on(client.send_retrying(&initiate, RetryPolicy::default(), &mut device, &mut buf)).is_err());
        assert_eq!(client.transport.seen.len(), 1, "it may have happened");
    }

    #[test]
    fn a_clock_an_hour_off_costs_one_try_whether_it_can_be_set_or_not() {
        let wrong = Timestamp::parse_iso("2012-05-25T00:20:00Z");
        for settable in [true, false] {
            let (mut service, mut device) = (Clockwork::new(true, 0), Device { clock: wrong, settable, ..Device::default() });
            described(&mut service, &mut device, 3).unwrap();
            let right = "20120525T012453Z";
            assert_eq!(service.seen, ["20120525T002000Z", right, right, right]);
            assert_eq!(device.corrections, [RIGHT]);
        }
    }

    #[test]
    fn a_list_is_signed_for_the_right_time_too() {
        let wrong = Timestamp::parse_iso("2012-05-25T00:20:00Z");
        let (mut service, mut device) = (Clockwork::new(true, 0), Device { clock: wrong, ..Device::default() });
        let (mut client, mut buf) = (client(&mut service), [0; 1024]);
        let (list, mut retry) = (ListVaults::default(), Retry::new(RetryPolicy::default()));
        block_on(async {
            let mut vaults = loop {
                let now = client.now(&mut device, &mut buf).await.unwrap();
                match client.list(&list, now, &mut buf).await {
                    Ok(vaults) => break vaults,
                    Err(error) => assert!(client.recover(&mut retry, &error, true, &mut device).await),
                }
            };
            assert!(vaults.next().await.unwrap().is_some());
        });
        assert_eq!(service.seen, ["20120525T002000Z", "20120525T012453Z"]);
    }
}
