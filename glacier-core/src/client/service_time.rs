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
        // The same type of body as for other calls, so that a device links the transport's code for it once.
        self.transport.send(&request, &mut JsonBody::new(&Nothing), &mut head).await?;
        let map = head.map();
        let date = Response::in_buffer(map, buf, 0).date();
        // Read only to keep the connection, which is closed when a response is not read to its end.
        drop(self.read_body(map, buf).await);
        Ok(date)
    }

    /// Corrects the clock of the environment to the time of the service, and stores the difference that remains.
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
    use crate::client::retry::{Retry, RetryPolicy};
    use crate::ops::{DescribeVault, InitiateMultipartUpload, ListVaults};
    use crate::testing::{ManualEnvironment, RecordedRequest, Reply, ScriptedError, ScriptedTransport, block_on};
    use crate::values::{Credentials, Endpoint, PartSize};
    use embedded_io_async::ErrorKind;
    use std::string::{String, ToString};
    use std::vec::Vec;

    /// A service that checks only the time a request is signed for, with a clock fixed at 2012-05-25T01:24:53Z. The first
    /// `lost` requests get no response; the others get one, with a `Date` if the service is `dated`.
    fn service(dated: bool, lost: usize) -> ScriptedTransport {
        let mut requests = 0;
        ScriptedTransport::from_fn(move |request| {
            requests += 1;
            if requests <= lost {
                return Reply::connection_lost(ErrorKind::ConnectionReset);
            }
            let reply = match signed_for(request) {
                None => Reply::service_error(403, "MissingAuthenticationTokenException", ""),
                Some(date) if date.starts_with("20120525T01") => {
                    Reply::json(200, r#"{"VaultName":"v","VaultList":[{"VaultName":"v"}],"Marker":null}"#)
                }
                Some(_) => Reply::service_error(403, "InvalidSignatureException", "Signature expired: ..."),
            };
            if dated { reply.header("date", "Fri, 25 May 2012 01:24:53 GMT") } else { reply }
        })
    }

    fn signed_for(request: &RecordedRequest) -> Option<&str> {
        request.header("authorization").and(request.header("x-amz-date"))
    }

    /// The time each request was signed for; "unsigned" for those without a signature.
    fn times(service: &ScriptedTransport) -> Vec<String> {
        service.requests().iter().map(|request| signed_for(request).unwrap_or("unsigned").to_string()).collect()
    }

    const RIGHT: &str = "2012-05-25T01:24:53Z";

    fn right() -> Timestamp {
        Timestamp::parse_iso(RIGHT).unwrap()
    }

    /// An environment whose clock is an hour slow.
    fn slow() -> ManualEnvironment {
        ManualEnvironment::at(Timestamp::parse_iso("2012-05-25T00:20:00Z").unwrap())
    }

    fn client(service: &ScriptedTransport) -> Client<ScriptedTransport, Credentials<'static>> {
        Client::new(service.clone(), Endpoint::new("eu-west-1", "h").unwrap(), Credentials::new("a", "b", None).unwrap())
    }

    /// Describes a vault this many times.
    fn describe(
        service: &ScriptedTransport,
        environment: &mut ManualEnvironment,
        times: usize,
    ) -> Result<(), Error<ScriptedError>> {
        let (mut client, mut buf) = (client(service), [0; 1024]);
        let describe = DescribeVault { vault: "v".try_into().unwrap() };
        for _ in 0..times {
            block_on(client.send_retrying(&describe, RetryPolicy::default(), environment, &mut buf))?;
        }
        Ok(())
    }

    #[test]
    fn the_service_sets_a_clock_that_is_not_set() {
        let (service, mut environment) = (service(true, 0), ManualEnvironment::without_clock().settable());
        describe(&service, &mut environment, 2).unwrap();
        assert_eq!(times(&service), ["unsigned", "20120525T012453Z", "20120525T012453Z"]);
        assert_eq!(environment.corrections, [right()]);
    }

    #[test]
    fn without_a_time_nothing_is_signed() {
        for (dated, settable, corrections) in [(false, true, 0), (true, false, 1)] {
            let mut environment = ManualEnvironment::without_clock();
            environment.settable = settable;
            let service = service(dated, 0);
            assert_eq!(describe(&service, &mut environment, 1), Err(Error::ClockNotSet));
            assert_eq!((times(&service), environment.corrections.len()), (std::vec!["unsigned".to_string()], corrections));
        }
    }

    #[test]
    fn the_request_for_the_time_is_retried_too() {
        let (service, mut environment) = (service(true, 1), ManualEnvironment::without_clock().settable());
        describe(&service, &mut environment, 1).unwrap();
        assert_eq!(times(&service), ["unsigned", "unsigned", "20120525T012453Z"]);
        let [retry] = &environment.retries[..] else { panic!("{:?}", environment.retries) };
        assert_eq!((retry.failures, retry.wait_ms), (1, 49));
        assert_eq!(retry.reason, "the request was not sent: scripted ConnectionReset");
    }

    #[test]
    fn the_request_for_the_time_is_retried_before_a_call_that_is_not_idempotent() {
        let initiate = InitiateMultipartUpload {
            vault: "v".try_into().unwrap(),
            part_size: PartSize::from_mib(1).unwrap(),
            description: None,
        };
        let call = |service: &ScriptedTransport, mut environment| {
            let (mut client, mut buf) = (client(service), [0; 1024]);
            block_on(client.send_retrying(&initiate, RetryPolicy::default(), &mut environment, &mut buf)).is_ok()
        };
        // The first request asks for the time; the second is the call.
        for (lost, requests) in [(1, 3), (3, 3)] {
            let service = service(true, lost);
            assert_eq!(call(&service, ManualEnvironment::without_clock().settable()), lost == 1);
            assert_eq!(times(&service).len(), requests);
        }
        let service = service(true, 1);
        assert!(!call(&service, ManualEnvironment::at(right())));
        assert_eq!(times(&service).len(), 1, "the service may have acted");
    }

    #[test]
    fn a_clock_an_hour_off_costs_one_try_whether_it_can_be_set_or_not() {
        for settable in [true, false] {
            let (service, mut environment) = (service(true, 0), slow());
            environment.settable = settable;
            describe(&service, &mut environment, 3).unwrap();
            let right_time = "20120525T012453Z";
            assert_eq!(times(&service), ["20120525T002000Z", right_time, right_time, right_time]);
            assert_eq!(environment.corrections, [right()]);
        }
    }

    #[test]
    fn a_list_is_signed_for_the_right_time_too() {
        let (service, mut environment) = (service(true, 0), slow());
        let (mut client, mut buf) = (client(&service), [0; 1024]);
        let (list, mut retry) = (ListVaults::default(), Retry::new(RetryPolicy::default()));
        block_on(async {
            let mut vaults = loop {
                let now = client.now(&mut environment, &mut buf).await.unwrap();
                match client.list(&list, now, &mut buf).await {
                    Ok(vaults) => break vaults,
                    Err(error) => assert!(client.recover(&mut retry, &error, true, &mut environment).await),
                }
            };
            assert!(vaults.next().await.unwrap().is_some());
        });
        assert_eq!(times(&service), ["20120525T002000Z", "20120525T012453Z"]);
    }
}
