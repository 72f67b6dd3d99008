//! Calls that try again, as [`retry`](crate::retry) decides.

use core::fmt;

use super::client::{Client, is_success};
use super::environment::Environment;
use super::retry::{Retry, RetryPolicy, Verdict};
use super::state::KeepState;
use crate::body::{SizeChecked, Source, SourceError};
use crate::error::{CallError, Error};
use crate::request::{Encode, Fetch, JsonBody, List, Operation, Upload};
use crate::response::{FromResponse, HeadMap, Response, ServiceError};
use crate::stream::{Download, JobOutput, Listing};
use crate::transport::Transport;
use crate::values::ProvideCredentials;

/// Each try is signed anew, with the time of [`Client::now`]. A clock that the service calls wrong is corrected for this and all later
/// calls with an environment; expired credentials are renewed. [`Environment::retrying`] is told the reason of each retry.
impl<T: Transport, C: ProvideCredentials, K: KeepState> Client<T, C, K> {
    /// As [`send`](Client::send), with the time from `environment`, and again after failures as far as `policy` and the operation allow.
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
        let (map, length) = self.tries(operation, &mut JsonBody::new(operation), policy, environment, Reading::Whole, buf).await?;
        let output = O::Output::from_service(&Response::in_buffer(map, buf, length))?;
        operation.verify(&output)?;
        Ok(output)
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
        let mut body = SizeChecked::from_start(body).await.map_err(Error::Source)?;
        let (map, length) = self.tries(operation, &mut body, policy, environment, Reading::Whole, buf).await?;
        let output = O::Output::from_response(&Response::in_buffer(map, buf, length))?;
        operation.verify(&output)?;
        Ok(output)
    }

    /// As [`list`](Client::list), and again after failures as far as `policy` allows. What fails later, while the page is read, is
    /// reported by [`Listing::next`]; [`Pages`](crate::pages::Pages) continues from there.
    ///
    /// ```
    /// # use glacier_core::{Client, Environment, Error, ProvideCredentials, Transport, ops::ListVaults, retry::RetryPolicy};
    /// # async fn count<T: Transport, C: ProvideCredentials>(
    /// #     client: &mut Client<T, C>, environment: &mut impl Environment,
    /// # ) -> Result<u32, Error<T::Error>> {
    /// let mut buf = [0; 2048];
    /// let list = ListVaults::default();
    /// let mut vaults = client.list_retrying(&list, RetryPolicy::default(), environment, &mut buf).await?;
    /// # let mut count = 0;
    /// while let Some(_vault) = vaults.next().await? {
    ///     // ...
    /// #     count += 1;
    /// }
    /// # Ok(count)
    /// # }
    /// ```
    ///
    /// # Errors
    /// That of the last try.
    pub async fn list_retrying<'c, 'b, L: List + Encode + Sync>(
        &'c mut self,
        operation: &L,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &'b mut [u8],
    ) -> Result<Listing<'b, T::Body<'c>, L>, Error<T::Error>> {
        self.open_retrying(operation, policy, environment, buf).await?;
        Ok(Listing::of_service(self.transport.body(), buf))
    }

    /// As [`fetch`](Client::fetch), and again after failures as far as `policy` allows. What fails later, while the output is read, is
    /// reported by [`Download::read`].
    ///
    /// # Errors
    /// That of the last try.
    pub async fn fetch_retrying<'c, 'b, O: Fetch + Sync>(
        &'c mut self,
        operation: &O,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &'b mut [u8],
    ) -> Result<Download<'b, T::Body<'c>>, Error<T::Error>> {
        let map = self.open_retrying(operation, policy, environment, buf).await?;
        let output = JobOutput::from_response(&Response::in_buffer(map, buf, 0))?;
        Ok(Download::new(output, self.transport.body()))
    }

    /// Sends the request until it succeeds, and leaves the body to be read.
    pub(crate) async fn open_retrying(
        &mut self,
        operation: &(dyn Encode + Sync),
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &mut [u8],
    ) -> Result<HeadMap, Error<T::Error>> {
        let (map, _) = self.tries(operation, &mut JsonBody::new(operation), policy, environment, Reading::Head, buf).await?;
        Ok(map)
    }

    /// Does what [`retry`](crate::retry) says after a failure, and returns whether to try again: after a wait, with the clock
    /// corrected, or with new credentials. For loops around more than one call, such as a download that begins again.
    ///
    /// `idempotent` is the operation's own ([`Encode::is_idempotent`]); whatever only reads is.
    pub async fn recover<S: fmt::Display>(
        &mut self,
        retry: &mut Retry,
        error: &Error<T::Error, S>,
        idempotent: bool,
        environment: &mut impl Environment,
    ) -> bool {
        let (uptime_s, random) = (environment.uptime_s(), environment.random());
        let verdict = self.state.with(|state| retry.after(error, idempotent, uptime_s, random, &mut state.quota));
        let wait_ms = match verdict {
            Verdict::RetryAfter { wait_ms } => wait_ms,
            Verdict::CorrectClock { service } => {
                self.correct(service, environment);
                return true;
            }
            Verdict::RenewCredentials { wait_ms } => {
                let renewed = self.credentials.renew();
                if wait_ms == 0 || !renewed {
                    return renewed;
                }
                wait_ms
            }
            Verdict::GiveUp => return false,
        };
        environment.retrying(retry.failures(), wait_ms, error);
        environment.sleep_ms(wait_ms).await;
        true
    }

    /// The head of a success and the length of its body, which are in `buf`.
    pub(crate) async fn tries<S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        reading: Reading,
        buf: &mut [u8],
    ) -> Result<(HeadMap, usize), Error<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
        E: fmt::Display + 'static,
    {
        let mut retry = Retry::new(policy);
        loop {
            let mut error = match self.attempt(operation, body, environment, reading, buf).await {
                Ok((map, length)) if is_success(map) => {
                    self.state.with(|state| state.quota.succeeded(retry.failures()));
                    return Ok((map, length));
                }
                Ok((map, length)) => Error::Service(ServiceError::from_response(&Response::in_buffer(map, buf, length))),
                Err(error) => error.into(),
            };
            if !self.recover(&mut retry, &error, operation.is_idempotent(), environment).await {
                if retry.may_have_acted() {
                    error.set_may_have_acted();
                }
                return Err(error);
            }
        }
    }

    /// One try, with the time of now and the body from its start.
    async fn attempt<S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        environment: &mut impl Environment,
        reading: Reading,
        buf: &mut [u8],
    ) -> Result<(HeadMap, usize), CallError<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
        E: 'static,
    {
        let now = self.time(environment, buf).await.map_err(CallError::widen)?;
        body.rewind().await.map_err(CallError::Source)?;
        let map = self.open(operation, body, now, buf).await?;
        let length = match reading {
            Reading::Head if is_success(map) => 0,
            _ => self.read_body(map, buf).await.map_err(CallError::widen)?,
        };
        Ok((map, length))
    }
}

/// How much of a successful response is read at once.
#[derive(Clone, Copy)]
pub(crate) enum Reading {
    /// The head alone: the body is read as a stream.
    Head,
    /// All of it.
    Whole,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::DescribeVault;
    use crate::testing::{ManualEnvironment, Reply, ScriptedTransport, block_on};
    use crate::values::{Credentials, Endpoint, Timestamp};
    use embedded_io_async::ErrorKind;

    #[test]
    fn the_environment_is_told_of_each_retry_and_of_a_corrected_clock() {
        let clock_skew = Reply::service_error(403, "InvalidSignatureException", "Signature expired");
        let transport = ScriptedTransport::new([
            clock_skew.header("date", "Fri, 25 May 2012 00:24:53 GMT"),
            Reply::connection_lost(ErrorKind::ConnectionReset),
            Reply::json(200, r#"{"VaultName":"v"}"#),
        ]);
        let credentials = Credentials::new("a", "b", None).unwrap();
        let mut client = Client::new(transport.clone(), Endpoint::new("eu-west-1", "h").unwrap(), credentials);
        let (mut environment, mut buf) = (ManualEnvironment::at(Timestamp::from_unix(1_000_000_000)), [0; 1024]);
        let describe = DescribeVault { vault: "v".try_into().unwrap() };
        assert!(block_on(client.send_retrying(&describe, RetryPolicy::default(), &mut environment, &mut buf)).is_ok());
        assert_eq!(environment.corrections, [Timestamp::parse_iso("2012-05-25T00:24:53Z").unwrap()]);
        assert_eq!(environment.sleeps_ms, [99]);
        let [retry] = &environment.retries[..] else { panic!("{:?}", environment.retries) };
        assert_eq!((retry.failures, retry.wait_ms), (2, 99));
        assert_eq!(retry.reason, "no response from the service: scripted ConnectionReset");
        assert_eq!(transport.replies_left(), 0);
    }

    /// Whether a call that is idempotent may have been carried out, after these replies.
    fn may_have_acted(replies: [Reply; 2]) -> bool {
        let credentials = Credentials::new("a", "b", None).unwrap();
        let endpoint = Endpoint::new("eu-west-1", "h").unwrap();
        let mut client = Client::new(ScriptedTransport::new(replies), endpoint, credentials);
        let (mut environment, mut buf) = (ManualEnvironment::at(Timestamp::from_unix(1_000_000_000)), [0; 1024]);
        let (describe, twice) = (DescribeVault { vault: "v".try_into().unwrap() }, RetryPolicy::default().with_max_attempts(2));
        block_on(client.send_retrying(&describe, twice, &mut environment, &mut buf)).unwrap_err().may_have_acted()
    }

    #[test]
    fn the_last_error_answers_for_all_attempts() {
        let (gone, slow) =
            (|| Reply::service_error(404, "ResourceNotFoundException", ""), Reply::service_error(400, "ThrottlingException", ""));
        let (lost, refused) =
            (|| Reply::connection_lost(ErrorKind::ConnectionReset), || Reply::not_sent(ErrorKind::ConnectionRefused));
        assert!(!may_have_acted([slow, gone()]));
        assert!(!may_have_acted([refused(), gone()]));
        assert!(!may_have_acted([refused(), refused()]));
        assert!(may_have_acted([lost(), gone()]));
        assert!(may_have_acted([lost(), refused()]));
    }
    /// Describes a vault of a service that refuses the first `refused` connections. Whether it succeeded, the requests, and the
    /// seconds that it took.
    fn after_an_outage(refused: usize, policy: RetryPolicy) -> (bool, usize, u64) {
        let mut requests = 0;
        let service = ScriptedTransport::from_fn(move |_| {
            requests += 1;
            if requests > refused {
                Reply::json(200, r#"{"VaultName":"v"}"#)
            } else {
                Reply::not_sent(ErrorKind::ConnectionRefused)
            }
        });
        let endpoint = Endpoint::new("eu-west-1", "h").unwrap();
        let mut client = Client::new(service.clone(), endpoint, Credentials::new("a", "b", None).unwrap());
        let (mut environment, mut buf) = (ManualEnvironment::at(Timestamp::from_unix(1_000_000_000)), [0; 1024]);
        let describe = DescribeVault { vault: "v".try_into().unwrap() };
        let described = block_on(client.send_retrying(&describe, policy, &mut environment, &mut buf)).is_ok();
        (described, service.requests().len(), environment.uptime_ms / 1000)
    }

    #[test]
    fn an_outage_of_three_hours_is_survived_within_four_and_not_within_one() {
        let (described, requests, seconds) = after_an_outage(550, RetryPolicy::TRANSFER.with_retry_for_s(4 * 3600));
        assert!(described && requests == 551 && (10_800..14_400).contains(&seconds), "{requests} requests in {seconds} s");
        let (described, requests, seconds) = after_an_outage(550, RetryPolicy::TRANSFER.with_retry_for_s(3600));
        assert!(!described && requests < 200 && (3600..3620).contains(&seconds), "{requests} requests in {seconds} s");
        assert_eq!(after_an_outage(550, RetryPolicy::TRANSFER), (false, 10, 25), "0.05 s doubled nine times");
    }

    /// Credentials of which the service knows how long they last.
    struct Sessions {
        renewed: usize,
    }

    impl ProvideCredentials for Sessions {
        async fn credentials(&mut self, _: Timestamp) -> Result<Credentials<'_>, crate::values::NoCredentials> {
            let key = ["key0", "key1", "key2", "key3"][self.renewed];
            Ok(Credentials::new(key, "secret", None).unwrap())
        }
        fn renew(&mut self) -> bool {
            self.renewed += 1;
            true
        }
    }

    #[test]
    fn credentials_are_asked_for_again_at_each_expiry_within_one_call() {
        let expired = || Reply::service_error(403, "ExpiredTokenException", "");
        let lost = || Reply::connection_lost(ErrorKind::ConnectionReset);
        let replies = [lost(), expired(), lost(), expired(), lost(), expired(), Reply::json(200, r#"{"VaultName":"v"}"#)];
        let service = ScriptedTransport::new(replies);
        let mut client = Client::new(service.clone(), Endpoint::new("eu-west-1", "h").unwrap(), Sessions { renewed: 0 });
        let (mut environment, mut buf) = (ManualEnvironment::at(Timestamp::from_unix(1_000_000_000)), [0; 1024]);
        let describe = DescribeVault { vault: "v".try_into().unwrap() };
        block_on(client.send_retrying(&describe, RetryPolicy::TRANSFER, &mut environment, &mut buf)).unwrap();
        let keys: std::vec::Vec<bool> = service
            .requests()
            .iter()
            .zip(["key0", "key0", "key1", "key1", "key2", "key2", "key3"])
            .map(|(request, key)| request.header("authorization").unwrap().contains(key))
            .collect();
        assert_eq!(keys, [true; 7]);
    }
}
