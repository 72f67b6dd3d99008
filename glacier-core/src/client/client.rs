//! The calls: encode, sign, send, check the status, decode.

use embedded_io_async::Read;

use super::state::{ClientState, KeepState};
use crate::body::{SizeChecked, Source, SourceError};
use crate::error::{CallError, Error};
use crate::request::{Encode, Fetch, JsonBody, List, Operation, Upload};
use crate::response::{FromResponse, Head, HeadMap, Response, ServiceError};
use crate::sign::SignedRequest;
use crate::stream::{Download, JobOutput, Listing, move_to_front};
use crate::transport::Transport;
use crate::values::{Endpoint, ProvideCredentials, Timestamp};
use crate::wire::{BufferTooSmall, DecodeError};

/// Calls the service through a transport.
///
/// Each call exists in two forms. The plain one ([`send`](Client::send), [`upload`](Client::upload), [`list`](Client::list),
/// [`fetch`](Client::fetch)) is given the time to sign for and tries once. The other one ([`send_retrying`](Client::send_retrying) and so
/// on) takes the time from an [`Environment`](crate::Environment) and tries again after failures.
///
/// Each call is given a buffer, which holds the request while it is sent and then the response, from which the output borrows. 2 KiB are
/// enough for every call but those whose response carries a policy.
///
/// A client does one thing at a time; use clones for more at once. What it learns (the signing key, the service's clock, the retry quota)
/// is kept as `K` says: a clone starts out with it and then learns on its own, or shares it; see [`KeepState`].
///
/// With a transport that is `Send`, every future is `Send`.
///
/// # Cancel safety
/// Dropping the future of a call is allowed at any point and leaves the client usable; whether the service has acted is unknown then.
#[derive(Clone, Debug)]
pub struct Client<T, C, K = ClientState> {
    pub(crate) transport: T,
    pub(crate) credentials: C,
    pub(crate) endpoint: Endpoint,
    pub(crate) state: K,
}

impl<T: Transport, C: ProvideCredentials> Client<T, C> {
    /// A client of `endpoint` that stores its own state.
    #[must_use]
    pub fn new(transport: T, endpoint: Endpoint, credentials: C) -> Self {
        Client::with_state(transport, endpoint, credentials, ClientState::default())
    }
}

impl<T: Transport, C: ProvideCredentials, K: KeepState> Client<T, C, K> {
    /// A client of `endpoint` with the state `state`, which clones may share.
    #[must_use]
    pub fn with_state(transport: T, endpoint: Endpoint, credentials: C, state: K) -> Self {
        Client { transport, credentials, endpoint, state }
    }

    /// The endpoint that is called.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Calls an operation once.
    ///
    /// # Errors
    /// See [`Error`]; [`may_have_acted`](Error::may_have_acted) says whether the service may have acted.
    pub async fn send<'b, O: Operation + Sync>(
        &mut self,
        operation: &O,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, Error<T::Error>> {
        let (map, length) = self.exchange(operation, &mut JsonBody::new(operation), now, buf).await?;
        let output = O::Output::from_service(&success(map, buf, length)?)?;
        operation.verify(&output)?;
        Ok(output)
    }

    /// Calls an operation whose body comes from `body`, which is rewound first.
    ///
    /// # Errors
    /// See [`Error`]. When the body cannot be read, or ends before its size, the request is aborted and no archive is created.
    pub async fn upload<'b, O: Upload + Sync, S: Source>(
        &mut self,
        operation: &O,
        body: &mut S,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, Error<T::Error, S::Error>> {
        let mut body = SizeChecked::from_start(body).await.map_err(Error::Source)?;
        let (map, length) = self.exchange(operation, &mut body, now, buf).await?;
        let output = O::Output::from_response(&success(map, buf, length)?)?;
        operation.verify(&output)?;
        Ok(output)
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
        self.open_stream(operation, now, buf).await?;
        Ok(Listing::of_service(self.transport.body(), buf))
    }

    /// Opens a response that is streamed: the output of a job. Its headers borrow from `buf`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fetch<'c, 'b, O: Fetch + Sync>(
        &'c mut self,
        operation: &O,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<Download<'b, T::Body<'c>>, Error<T::Error>> {
        let map = self.open_stream(operation, now, buf).await?;
        let output = JobOutput::from_response(&Response::in_buffer(map, buf, 0))?;
        Ok(Download::new(output, self.transport.body()))
    }

    /// Sends the request, and leaves the body of a success to be read.
    pub(crate) async fn open_stream(
        &mut self,
        operation: &(dyn Encode + Sync),
        now: Timestamp,
        buf: &mut [u8],
    ) -> Result<HeadMap, Error<T::Error>> {
        let map = self.open(operation, &mut JsonBody::new(operation), now, buf).await?;
        if !is_success(map) {
            let length = self.read_body(map, buf).await?;
            success(map, buf, length)?;
        }
        Ok(map)
    }

    /// Sends the request and reads the whole response into `buf`, headers in front, whatever its status.
    pub(crate) async fn exchange<S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        now: Timestamp,
        buf: &mut [u8],
    ) -> Result<(HeadMap, usize), CallError<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
        E: 'static,
    {
        let map = self.open(operation, body, now, buf).await?;
        let length = self.read_body(map, buf).await.map_err(CallError::widen)?;
        Ok((map, length))
    }

    /// Sends the request and leaves the response's headers at the front of `buf`, its body with the transport.
    pub(crate) async fn open<S, E>(
        &mut self,
        operation: &(dyn Encode + Sync),
        body: &mut S,
        now: Timestamp,
        buf: &mut [u8],
    ) -> Result<HeadMap, CallError<T::Error, E>>
    where
        S: Source<Error = SourceError<E>>,
        E: 'static,
    {
        let credentials = self.credentials.credentials(now).await.map_err(CallError::Credentials)?;
        let (endpoint, state) = (&self.endpoint, &mut self.state);
        let (request, rest) = state
            .with(|state| SignedRequest::new(operation, endpoint, &credentials, &mut state.signer, now, &mut *buf))
            .map_err(CallError::Encode)?;
        let mut head = Head::new(rest);
        self.transport.send(&request.as_request(), body, &mut head).await?;
        let (map, used) = (head.map(), request.used());
        drop(request);
        // The request's part of the buffer is free now.
        move_to_front(buf, used, used.saturating_add(map.used));
        Ok(map)
    }
}

impl<T: Transport, C, K> Client<T, C, K> {
    /// Reads the response's body to `buf`, after the headers. Of an error's body only the beginning is needed.
    pub(crate) async fn read_body(&mut self, map: HeadMap, buf: &mut [u8]) -> Result<usize, CallError<T::Error>> {
        let room = buf.get_mut(map.used..).unwrap_or_default();
        let capacity = room.len();
        let mut body = self.transport.body();
        let mut length = 0;
        loop {
            let Some(rest) = room.get_mut(length..).filter(|rest| !rest.is_empty()) else {
                // Full: either that was all, or there is at least one more byte.
                let more = body.read(&mut [0]).await.map_err(CallError::Transport)? > 0;
                let too_small = DecodeError::Body(BufferTooSmall { needed: None, capacity });
                return if more && is_success(map) { Err(CallError::Decode(too_small)) } else { Ok(length) };
            };
            match body.read(rest).await.map_err(CallError::Transport) {
                Ok(0) => return Ok(length),
                Ok(got) => length += got,
                // What an error says matters more than how its body ended.
                Err(_) if !is_success(map) => return Ok(length),
                Err(error) => return Err(error),
            }
        }
    }
}

pub(crate) fn is_success(map: HeadMap) -> bool {
    (200..300).contains(&map.status)
}

/// The response in `buf`, or the service error that it contains.
pub(crate) fn success<T, S>(map: HeadMap, buf: &[u8], length: usize) -> Result<Response<'_>, Error<T, S>> {
    let response = Response::in_buffer(map, buf, length);
    if is_success(map) { Ok(response) } else { Err(Error::Service(ServiceError::from_response(&response))) }
}
