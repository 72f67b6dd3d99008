//! Calls that try again, as [`retry`](crate::retry) decides.

use core::fmt;

use super::client::{Client, is_success, refused};
use super::environment::Environment;
use super::retry::{Retry, RetryPolicy, Verdict};
use crate::body::{SizeChecked, Source, SourceError};
use crate::error::{CallError, Error};
use crate::request::{Encode, JsonBody, Operation, Upload};
use crate::response::{FromResponse, HeadMap, Response};
use crate::transport::Transport;
use crate::values::ProvideCredentials;

impl<T: Transport, C: ProvideCredentials> Client<T, C> {
    /// As [`send`](Client::send), with the time from `environment`, and again after failures as far as `policy` and the operation allow.
    ///
    /// Each try is signed anew. A clock that the service calls wrong is corrected for this and all later calls with an environment.
    ///
    /// # Errors
    /// That of the last try.
    pub async fn send_retrying<'b, O: Operation + Sync>(
        &mut self,
        operation: &O,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, Error<T::Error>> {
        let mut body = JsonBody::new(operation);
        let response = self.tries(operation, &mut body, policy, environment, buf).await?;
        Ok(O::Output::from_response(&response)?)
    }

    /// As [`upload`](Client::upload), and again after failures as far as `policy` and the operation allow; the body is rewound each time.
    ///
    /// # Errors
    /// That of the last try.
    pub async fn upload_retrying<'b, O: Upload + Sync, S: Source>(
        &mut self,
        operation: &O,
        body: &mut S,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, Error<T::Error, S::Error>> {
        let mut exact = SizeChecked::from_start(body).await.map_err(Error::Source)?;
        let response = self.tries(operation, &mut exact, policy, environment, buf).await?;
        let answer = O::Output::from_response(&response)?;
        operation.check(&answer)?;
        Ok(answer)
    }

    /// Does what [`retry`](crate::retry) says after a failure: waits, corrects the clock or has credentials renewed, and returns for the
    /// next try. For the calls whose answer is a stream, [`list`](Client::list) and [`fetch`](Client::fetch), which cannot try again themselves:
    ///
    /// ```
    /// # use glacier_core::{Client, Environment, Error, ProvideCredentials, Transport, ops::ListVaults, retry::{Retry, RetryPolicy}};
    /// # async fn count<T: Transport, C: ProvideCredentials>(
    /// #     client: &mut Client<T, C>, environment: &mut impl Environment,
    /// # ) -> Result<u32, Error<T::Error>> {
    /// let (list, mut buf) = (ListVaults::default(), [0; 2048]);
    /// let mut retry = Retry::new(RetryPolicy::default());
    /// let mut vaults = loop {
    ///     let error = match client.now(environment, &mut buf).await {
    ///         Ok(now) => match client.list(&list, now, &mut buf).await {
    ///             Ok(vaults) => break vaults,
    ///             Err(error) => error,
    ///         },
    ///         Err(error) => error,
    ///     };
    ///     client.recover(&mut retry, error, true, environment).await?;
    /// };
    /// # let mut count = 0;
    /// while let Some(_vault) = vaults.next().await? {
    ///     // ...
    /// #     count += 1;
    /// }
    /// # Ok(count)
    /// # }
    /// ```
    ///
    /// `idempotent` is the operation's own ([`Encode::is_idempotent`]); whatever is read is.
    ///
    /// # Errors
    /// `error` itself, when there is nothing to be done or the tries are used up.
    pub async fn recover<S: fmt::Display>(
        &mut self,
        retry: &mut Retry,
        error: Error<T::Error, S>,
        idempotent: bool,
        environment: &mut impl Environment,
    ) -> Result<(), Error<T::Error, S>> {
        if self.may_try_again(retry, &error, idempotent, environment).await { Ok(()) } else { Err(error) }
    }

    /// As [`recover`](Client::recover), of an error that stays where it is.
    async fn may_try_again<S: fmt::Display>(
        &mut self,
        retry: &mut Retry,
        error: &Error<T::Error, S>,
        idempotent: bool,
        environment: &mut impl Environment,
    ) -> bool {
        let random = environment.random();
        match retry.after(error, idempotent, random, &mut self.tokens) {
            Verdict::RetryAfter { wait_ms } => {
                environment.retrying(retry.failures(), wait_ms, error);
                environment.sleep_ms(wait_ms).await;
                true
            }
            Verdict::CorrectClock { service } => {
                self.correct(service, environment);
                true
            }
            Verdict::RenewCredentials => self.credentials.renew(),
            Verdict::GiveUp => false,
        }
    }

    pub(crate) async fn tries<'b, S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &'b mut [u8],
    ) -> Result<Response<'b>, Error<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
        E: fmt::Display,
    {
        let mut retry = Retry::new(policy);
        let (map, length) = loop {
            let mut signed = false;
            let error = match self.attempt(operation, body, environment, &mut signed, buf).await {
                Ok((map, length)) if is_success(map) => break (map, length),
                Ok((map, length)) => refused(map, buf, length),
                Err(fault) => fault.into(),
            };
            // What failed before that, such as asking for the time, did nothing.
            let harmless = !signed || operation.is_idempotent();
            if !self.may_try_again(&mut retry, &error, harmless, environment).await {
                return Err(error);
            }
        };
        self.tokens.succeeded(retry.failures());
        Ok(Response::in_buffer(map, buf, length))
    }

    /// One try, with the time of now and the body from its start. `signed` tells whether it came to the operation itself.
    async fn attempt<S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        environment: &mut impl Environment,
        signed: &mut bool,
        buf: &mut [u8],
    ) -> Result<(HeadMap, usize), CallError<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
    {
        let now = self.time(environment, buf).await.map_err(CallError::widen)?;
        body.rewind().await.map_err(CallError::Source)?;
        *signed = true;
        self.exchange(operation, body, now, buf).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::DescribeVault;
    use crate::request::Request;
    use crate::response::Head;
    use crate::test_support::block_on;
    use crate::transport::SendError;
    use crate::values::Credentials;
    use crate::values::Endpoint;
    use crate::values::Timestamp;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    /// Refuses the clock, breaks, then answers.
    struct Script(u8);

    impl Transport for Script {
        type Error = embedded_io_async::ErrorKind;
        type Body<'t> = BodyOf;

        async fn send<S: Source>(
            &mut self,
            _: &Request<'_>,
            _: &mut S,
            head: &mut Head<'_>,
        ) -> Result<BodyOf, SendError<Self::Error, S::Error>> {
            self.0 += 1;
            match self.0 {
                1 => {
                    head.start(403);
                    head.push("date", b"Fri, 25 May 2012 00:24:53 GMT")?;
                    Ok(BodyOf(br#"{"code":"InvalidSignatureException","message":"Signature expired"}"#))
                }
                2 => Err(SendError::Transport(embedded_io_async::ErrorKind::ConnectionReset)),
                _ => {
                    head.start(200);
                    Ok(BodyOf(b"{}"))
                }
            }
        }
    }

    struct BodyOf(&'static [u8]);

    impl embedded_io_async::ErrorType for BodyOf {
        type Error = embedded_io_async::ErrorKind;
    }

    impl embedded_io_async::Read for BodyOf {
        async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
            self.0.read(into).await.map_err(|never| match never {})
        }
    }

    #[derive(Default)]
    struct Told(Vec<String>);

    impl Environment for Told {
        fn now(&mut self) -> Option<Timestamp> {
            Some(Timestamp::from_unix(1_000_000_000))
        }
        async fn sleep_ms(&mut self, milliseconds: u32) {
            self.0.push(format!("sleep {milliseconds}"));
        }
        fn random(&mut self) -> u32 {
            u32::MAX
        }
        fn retrying(&mut self, failures: u8, wait_ms: u32, why: &dyn fmt::Display) {
            self.0.push(format!("{failures} {wait_ms} {why}"));
        }
        fn correct(&mut self, service: Timestamp) {
            self.0.push(format!("{service}"));
        }
    }

    #[test]
    fn what_goes_wrong_is_told() {
        let credentials = Credentials::new("a", "b", None).unwrap();
        let mut client = Client::new(Script(0), Endpoint::new("eu-west-1", "h").unwrap(), credentials);
        let (mut told, mut buf) = (Told::default(), [0; 1024]);
        let describe = DescribeVault { vault: "v".try_into().unwrap() };
        assert!(block_on(client.send_retrying(&describe, RetryPolicy::default(), &mut told, &mut buf)).is_ok());
        let retry = format!("2 99 no answer from the service: {}", embedded_io_async::ErrorKind::ConnectionReset);
        assert_eq!(told.0, ["2012-05-25T00:24:53Z", &retry, "sleep 99"]);
    }
}
