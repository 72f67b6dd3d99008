//! A list of many pages, item by item through one buffer, with a position to continue from later.

use core::ops::ControlFlow;

use embedded_io_async::Read;

use super::client::Client;
use super::environment::Environment;
use super::retry::{Retry, RetryPolicy};
use super::state::KeepState;
use crate::error::Error;
use crate::request::{PageRequest, Paginate};
use crate::stream::{Listing, Marker};
use crate::transport::Transport;
use crate::values::{ProvideCredentials, Timestamp};
use crate::wire::DecodeError;

/// A position in a list: a page, and how many of its items were returned.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Position {
    /// The marker of the page; `None` for the page that the operation starts with.
    pub marker: Option<Marker>,
    /// Items of that page to skip.
    pub skip: u64,
}

/// The pages of a list.
///
/// ```
/// # use glacier_core::{Client, Credentials, Error, Endpoint, Timestamp, Transport};
/// # use glacier_core::ops::ListVaults;
/// # use glacier_core::pages::Pages;
/// # async fn names<T: Transport>(mut client: Client<T, Credentials<'_>>, now: Timestamp) -> Result<(), Error<T::Error>> {
/// let list = ListVaults::default();
/// let mut pages = Pages::new(&list).page_size(10);
/// let mut buf = [0; 2048];
/// while let Some(mut page) = pages.next(&mut client, now, &mut buf).await? {
///     while let Some(vault) = page.next().await? {
///         let _name = vault.vault_name;
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Pages<'o, L> {
    operation: &'o L,
    page_size: Option<u64>,
    items_left: Option<u64>,
    position: Position,
    /// Whether the last page was read to its end; `None` before the first.
    page_done: Option<bool>,
    /// Whether the marker of the position came from the service, and not from the caller.
    marker_from_service: bool,
    done: bool,
}

impl<'o, L: Paginate> Pages<'o, L> {
    /// All pages, from the one that `operation` starts with.
    pub fn new(operation: &'o L) -> Self {
        let position = Position::default();
        Pages { operation, page_size: None, items_left: None, position, page_done: None, marker_from_service: false, done: false }
    }

    /// Limits the items of a page.
    #[must_use]
    pub fn page_size(self, items: u64) -> Self {
        Pages { page_size: Some(items), ..self }
    }

    /// Limits the items in all; [`position`](Pages::position) then says where to continue.
    #[must_use]
    pub fn max_items(self, items: u64) -> Self {
        Pages { items_left: Some(items), ..self }
    }

    /// Starts at the position of an earlier run.
    #[must_use]
    pub fn from_position(self, position: Position) -> Self {
        Pages { position, ..self }
    }

    /// Where the list continues: after the last item that was returned. `None` when all were.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        if self.done && self.page_done == Some(true) { None } else { Some(&self.position) }
    }

    /// Requests the next page; `None` after the last. `buf` must hold the longest item.
    ///
    /// A page that failed or was dropped before its end is requested again, from the item after the last that was returned.
    ///
    /// # Errors
    /// See [`Error`]. The position stays; calling this again tries again.
    pub async fn next<'p, 'c, 'b, T: Transport, C: ProvideCredentials, K: KeepState>(
        &'p mut self,
        client: &'c mut Client<T, C, K>,
        now: Timestamp,
        buf: &'b mut [u8],
    ) -> Result<Option<Page<'p, 'o, 'b, T::Body<'c>, L>>, Error<T::Error>> {
        if self.done {
            return Ok(None);
        }
        client.open_stream(&self.operation(), now, buf).await?;
        self.opened(Listing::of_service(client.transport.body(), buf)).await.map(Some)
    }

    /// As [`next`](Pages::next), with the time from `environment`, and again after failures as far as `policy` allows.
    ///
    /// # Errors
    /// That of the last try. The position stays; calling this again tries again.
    pub async fn next_retrying<'p, 'c, 'b, T: Transport, C: ProvideCredentials, K: KeepState>(
        &'p mut self,
        client: &'c mut Client<T, C, K>,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &'b mut [u8],
    ) -> Result<Option<Page<'p, 'o, 'b, T::Body<'c>, L>>, Error<T::Error>> {
        if self.done {
            return Ok(None);
        }
        client.open_retrying(&self.operation(), policy, environment, buf).await?;
        self.opened(Listing::of_service(client.transport.body(), buf)).await.map(Some)
    }

    /// Calls `visit` for each item of all pages until it breaks. After a failure, also in the middle of a page, it continues with the
    /// item after the last visited, as far as `policy` allows; each page has its own attempts.
    ///
    /// ```
    /// # use core::ops::ControlFlow;
    /// # use glacier_core::{Client, Environment, Error, ProvideCredentials, Transport, ops::ListVaults, pages::Pages, retry::RetryPolicy};
    /// # async fn count<T: Transport, C: ProvideCredentials>(
    /// #     client: &mut Client<T, C>, environment: &mut impl Environment,
    /// # ) -> Result<u64, Error<T::Error>> {
    /// let mut bytes = 0;
    /// let list = ListVaults::default();
    /// Pages::new(&list)
    ///     .for_each(client, RetryPolicy::default(), environment, &mut [0; 2048], |vault| {
    ///         bytes += vault.size_in_bytes.unwrap_or(0);
    ///         ControlFlow::Continue(())
    ///     })
    ///     .await?;
    /// # Ok(bytes)
    /// # }
    /// ```
    ///
    /// # Errors
    /// That of the last try. [`position`](Pages::position) says where the list continues.
    pub async fn for_each<T: Transport, C: ProvideCredentials, K: KeepState>(
        &mut self,
        client: &mut Client<T, C, K>,
        policy: RetryPolicy,
        environment: &mut impl Environment,
        buf: &mut [u8],
        mut visit: impl FnMut(L::Item<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error<T::Error>> {
        let mut retry = Retry::new(policy);
        loop {
            match self.visit_page(client, environment, buf, &mut visit).await {
                Ok(ControlFlow::Break(())) => return Ok(()),
                Ok(ControlFlow::Continue(())) => retry = Retry::new(policy),
                Err(error) if client.recover(&mut retry, &error, true, environment).await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Visits the rest of one page; breaks after the last page, and when `visit` does.
    async fn visit_page<T: Transport, C: ProvideCredentials, K: KeepState>(
        &mut self,
        client: &mut Client<T, C, K>,
        environment: &mut impl Environment,
        buf: &mut [u8],
        visit: &mut impl FnMut(L::Item<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error<T::Error>> {
        let now = client.now(environment, buf).await?;
        let Some(mut page) = self.next(client, now, buf).await? else { return Ok(ControlFlow::Break(())) };
        while let Some(item) = page.next().await? {
            if visit(item).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The request for the next page.
    fn operation(&self) -> PageRequest<'_, L> {
        let marker = self.position.marker.as_ref().map(Marker::as_str).or(self.operation.marker());
        PageRequest { list: self.operation, limit: self.page_size, marker }
    }

    /// Skips the items of the page that were already returned.
    async fn opened<'p, 'b, B: Read>(
        &'p mut self,
        mut listing: Listing<'b, B, L>,
    ) -> Result<Page<'p, 'o, 'b, B, L>, Error<B::Error>> {
        for _ in 0..self.position.skip {
            if listing.next_raw().await?.is_none() {
                break;
            }
        }
        self.page_done = Some(false);
        Ok(Page { pages: self, listing, ended: false })
    }
}

/// One page of many, while it is read.
#[derive(Debug)]
pub struct Page<'p, 'o, 'b, B, L> {
    pages: &'p mut Pages<'o, L>,
    listing: Listing<'b, B, L>,
    ended: bool,
}

impl<B: Read, L: Paginate> Page<'_, '_, '_, B, L> {
    /// The page's next item, which lives until the next call; `None` after its last, or when the limit of items is reached.
    ///
    /// # Errors
    /// As [`Listing::next`], and [`DecodeError::MarkerRepeated`] when the list would never end.
    pub async fn next(&mut self) -> Result<Option<L::Item<'_>>, Error<B::Error>> {
        if self.ended {
            return Ok(None);
        }
        if self.pages.items_left == Some(0) {
            // Whether there is more decides where the list continues.
            self.pages.done = true;
            if self.listing.next_raw().await?.is_none() {
                self.turn()?;
            }
            self.ended = true;
            return Ok(None);
        }
        let Some((name, value)) = self.listing.next_raw().await? else {
            self.turn()?;
            return Ok(None);
        };
        self.pages.position.skip += 1;
        self.pages.items_left = self.pages.items_left.map(|left| left - 1);
        Ok(Some(self.listing.item(name, value)?))
    }

    /// Moves on to the next page: this one is at its end.
    fn turn(&mut self) -> Result<(), DecodeError> {
        self.ended = true;
        let next = self.listing.marker().cloned();
        // As in the SDKs: the marker that the caller started with may be repeated once, and after the limit of items none matters.
        if !self.pages.done && self.pages.marker_from_service && next.is_some() && next == self.pages.position.marker {
            return Err(DecodeError::MarkerRepeated);
        }
        self.pages.marker_from_service = true;
        self.pages.done |= next.is_none();
        self.pages.page_done = Some(next.is_none());
        self.pages.position = Position { marker: next, skip: 0 };
        Ok(())
    }
}
