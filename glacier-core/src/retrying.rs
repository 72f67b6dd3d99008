//! Calls that try again, as [`retry`](crate::retry) decides.

use crate::client::Client;
use crate::credentials::ProvideCredentials;
use crate::encode::Encode;
use crate::encoded_body::EncodedBody;
use crate::environment::Environment;
use crate::error::Error;
use crate::operation::{Operation, Upload};
use crate::response::{FromResponse, Response};
use crate::retry::{Retry, RetryPolicy, Verdict};
use crate::source::{Exact, Source, SourceError};
use crate::transport::Transport;

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
    ) -> Result<O::Answer<'b>, Error<T::Error>> {
        let mut body = EncodedBody::new(operation);
        let response = self.tries(operation, &mut body, policy, environment, buf).await?;
        Ok(O::Answer::from_response(&response)?)
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
    ) -> Result<O::Answer<'b>, Error<T::Error, S::Error>> {
        let mut exact = Exact::from_start(body).await.map_err(Error::Source)?;
        let response = self.tries(operation, &mut exact, policy, environment, buf).await?;
        let answer = O::Answer::from_response(&response)?;
        operation.check(&answer)?;
        Ok(answer)
    }

    async fn tries<'b, S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &'b mut [u8],
    ) -> Result<Response<'b>, Error<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
    {
        let mut retry = Retry::new(policy);
        let (map, length) = loop {
            let now = environment.now().ok_or(Error::ClockNotSet)?.shifted(self.clock_offset);
            body.rewind().await.map_err(Error::Source)?;
            let error = match self.exchange(operation, body, now, buf).await {
                Ok(answer) => break answer,
                Err(error) => error,
            };
            let random = environment.random();
            match retry.after(&error, operation.is_idempotent(), now, random, &mut self.tokens) {
                Verdict::RetryAfter { wait_ms } => environment.sleep_ms(wait_ms).await,
                Verdict::CorrectClock { offset } => self.clock_offset = self.clock_offset.saturating_add(offset),
                Verdict::RenewCredentials if self.credentials.renew() => {}
                Verdict::RenewCredentials | Verdict::GiveUp => return Err(error),
            }
        };
        self.tokens.succeeded(retry.failures());
        Ok(Response::in_buffer(map, buf, length))
    }
}
