//! The only asynchronous glue: encode, sign, send, check the status, decode.

use embedded_io_async::Read;

use super::retry::RetryQuota;
use crate::body::{SizeChecked, Source, SourceError};
use crate::error::{CallError, Error};
use crate::request::{Encode, Fetch, JsonBody, List, Operation, Upload};
use crate::response::{FromResponse, Head, HeadMap, Response, ServiceError};
use crate::sign::{SignedRequest, Signer};
use crate::stream::{Download, Listing, move_to_front};
use crate::transport::Transport;
use crate::values::{Endpoint, ProvideCredentials, Timestamp};
use crate::wire::{BufferTooSmall, DecodeError};

/// Calls the service through a transport.
///
/// Each call takes the time to sign for, as there is no clock here ([`Client::now`] asks the environment for it), and a buffer, which holds
/// the request while it is sent and then the answer, from which the result borrows. 2 KiB are enough for every call but those whose answer carries a policy.
///
/// Dropping the future of a call is allowed at any point and leaves the client usable; whether the service has then acted is
/// unknown. With a transport that is `Send`, every future is `Send`.
///
/// A client does one thing at a time; more clients are for more at once. A clone starts out with what the original has learnt: the
/// signing key, the service's clock, the tokens that are left for retries. From then on each spends and learns for itself.
#[derive(Clone, Debug)]
pub struct Client<T, C> {
    pub(crate) transport: T,
    pub(crate) credentials: C,
    pub(crate) endpoint: Endpoint,
    signer: Signer,
    pub(crate) tokens: RetryQuota,
    /// Seconds that the service's clock is ahead of the environment's.
    pub(crate) clock_offset: i64,
}

impl<T: Transport, C: ProvideCredentials> Client<T, C> {
    /// A client of `service`.
    pub fn new(transport: T, endpoint: Endpoint, credentials: C) -> Self {
        Client { transport, credentials, endpoint, signer: Signer::new(), tokens: RetryQuota::default(), clock_offset: 0 }
    }

    /// The service that is called.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Does one operation.
    ///
    /// # Errors
    /// See [`Error`]; each variant says whether the service may have acted.
    pub async fn send<'b, O: Operation + Sync>(
        &mut self,
        operation: &O,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, Error<T::Error>> {
        let mut body = JsonBody::new(operation);
        let (map, length) = self.exchange(operation, &mut body, now, buf).await?;
        if !is_success(map) {
            return Err(refused(map, buf, length));
        }
        Ok(O::Output::from_response(&Response::in_buffer(map, buf, length))?)
    }

    /// Does an operation whose body comes from `body`, which is rewound first.
    ///
    /// # Errors
    /// See [`Error`]. When the body cannot be read, or ends before its size, the request is broken off and nothing becomes an archive.
    pub async fn upload<'b, O: Upload + Sync, S: Source>(
        &mut self,
        operation: &O,
        body: &mut S,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, Error<T::Error, S::Error>> {
        let mut exact = SizeChecked::from_start(body).await.map_err(Error::Source)?;
        let (map, length) = self.exchange(operation, &mut exact, now, buf).await?;
        if !is_success(map) {
            return Err(refused(map, buf, length));
        }
        let response = Response::in_buffer(map, buf, length);
        let answer = O::Output::from_response(&response)?;
        operation.check(&answer)?;
        Ok(answer)
    }

    /// Opens a page of a list, to be read item by item; `buf` must hold the longest item, 2 KiB for jobs.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn list<'c, 'b, L: List + Encode + Sync>(
        &'c mut self,
        operation: &L,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<Listing<'b, T::Body<'c>, L>, Error<T::Error>> {
        self.list_as(operation, now, buf).await
    }

    /// As [`list`](Client::list), for one page of the list `L`.
    pub(crate) async fn list_as<'c, 'b, L: List>(
        &'c mut self,
        operation: &(dyn Encode + Sync),
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<Listing<'b, T::Body<'c>, L>, Error<T::Error>> {
        let (_, answer) = self.open_stream(operation, now, buf).await?;
        Ok(Listing::new(answer, buf))
    }

    /// Opens an answer that is streamed: the output of a job. What it says of itself borrows from `buf`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fetch<'c, 'b, O: Fetch + Sync>(
        &'c mut self,
        operation: &O,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<Download<'b, T::Body<'c>>, Error<T::Error>> {
        let (map, answer) = self.open_stream(operation, now, buf).await?;
        Download::new(&Response::in_buffer(map, buf, 0), answer).map_err(Error::Decode)
    }

    /// Sends the request and reads the whole answer into `buf`, headers in front, whatever its status.
    pub(crate) async fn exchange<S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        now: Timestamp,
        buf: &mut [u8],
    ) -> Result<(HeadMap, usize), CallError<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
    {
        let (map, mut answer) = self.open(operation, body, now, buf).await?;
        let length = read_whole(&mut answer, buf, map).await.map_err(CallError::widen)?;
        Ok((map, length))
    }

    /// Sends the request and returns the answer's body, when it is a success.
    async fn open_stream(
        &mut self,
        operation: &(dyn Encode + Sync),
        now: Timestamp,
        buf: &mut [u8],
    ) -> Result<(HeadMap, T::Body<'_>), Error<T::Error>> {
        let mut body = JsonBody::new(operation);
        let (map, mut answer) = self.open(operation, &mut body, now, buf).await?;
        if is_success(map) {
            return Ok((map, answer));
        }
        let length = read_whole(&mut answer, buf, map).await?;
        Err(refused(map, buf, length))
    }

    /// Sends the request and leaves the answer's headers at the front of `buf`.
    async fn open<S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        now: Timestamp,
        buf: &mut [u8],
    ) -> Result<(HeadMap, T::Body<'_>), CallError<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
    {
        let credentials = self.credentials.credentials(now).await.map_err(CallError::Credentials)?;
        let (request, rest) = SignedRequest::new(operation, &self.endpoint, &credentials, &mut self.signer, now, &mut *buf)
            .map_err(CallError::Encode)?;
        let mut head = Head::new(rest);
        let answer = self.transport.send(&request.as_request(), body, &mut head).await?;
        let (map, used) = (head.map(), request.used());
        drop(request);
        // The request's place is free now.
        move_to_front(buf, used, used.saturating_add(map.used));
        Ok((map, answer))
    }
}

pub(crate) fn is_success(map: HeadMap) -> bool {
    (200..300).contains(&map.status)
}

/// What an answer says that is no success.
pub(crate) fn refused<T, S>(map: HeadMap, buf: &[u8], length: usize) -> Error<T, S> {
    Error::Service(ServiceError::from_response(&Response::in_buffer(map, buf, length)))
}

/// Reads the body behind the headers. Of a refusal's body only the beginning is wanted.
pub(crate) async fn read_whole<B: Read>(body: &mut B, buf: &mut [u8], map: HeadMap) -> Result<usize, CallError<B::Error>> {
    let room = buf.get_mut(map.used..).unwrap_or_default();
    let capacity = room.len();
    let mut length = 0;
    loop {
        let Some(rest) = room.get_mut(length..).filter(|rest| !rest.is_empty()) else {
            // Full: either that was all, or there is one byte more.
            let more = body.read(&mut [0]).await.map_err(CallError::Transport)? > 0;
            let too_small = DecodeError::Body(BufferTooSmall { needed: None, capacity });
            return if more && is_success(map) { Err(CallError::Decode(too_small)) } else { Ok(length) };
        };
        match body.read(rest).await.map_err(CallError::Transport) {
            Ok(0) => return Ok(length),
            Ok(got) => length += got,
            // What a refusal says matters more than how its body ended.
            Err(_) if !is_success(map) => return Ok(length),
            Err(error) => return Err(error),
        }
    }
}
