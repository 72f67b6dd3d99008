//! A list, read item by item through a caller's buffer. Nothing is collected, so a list may be of any length.

use core::ops::Range;
use embedded_io_async::Read;

use super::read_buffer::ReadBuffer;
use crate::error::Error;
use crate::request::List;
use crate::wire::json::{Event, Scanner, Step, Value, is_named};
use crate::wire::{BufferTooSmall, DecodeError};

/// Room for the marker of a list, in bytes. Vault markers are ARNs, of at most 312 bytes; the others are shorter.
const MARKER: usize = 512;

/// The marker of the next page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Marker(heapless::String<MARKER>);

impl Marker {
    /// The marker, for the next request.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A marker stored by an earlier run; an error when it has more bytes than any marker of the service.
impl TryFrom<&str> for Marker {
    type Error = BufferTooSmall;

    fn try_from(text: &str) -> Result<Self, BufferTooSmall> {
        let too_long = BufferTooSmall { needed: Some(text.len() as u64), capacity: MARKER };
        heapless::String::try_from(text).map(Marker).map_err(|_| too_long)
    }
}

/// One page of a list, while it is read.
///
/// It may be dropped before its end: the transport gives the next request a clean connection. A future of `next` that is dropped
/// loses nothing either; the next call continues.
#[derive(Debug)]
pub struct Listing<'b, B, L> {
    events: Events<'b, B>,
    list: core::marker::PhantomData<fn() -> L>,
}

/// The part that is not generic over lists, to save flash.
#[derive(Debug)]
struct Events<'b, B> {
    buffer: ReadBuffer<'b, B>,
    scanner: Scanner,
    marker: Option<Marker>,
    /// Items so far.
    items: u64,
    /// Whether a byte order mark may follow.
    before_mark: bool,
    /// Whether a body without the list is an error.
    needs_list: bool,
}

/// What some programs put in front of UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An entry of a page, in the order of the response.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Entry<'e, I> {
    /// An item of the list.
    Item(I),
    /// Another member of the response: its name and its JSON value, such as ListParts' `PartSizeInBytes`.
    Member(&'e str, Value<'e>),
}

impl<'b, B: Read, L: List> Listing<'b, B, L> {
    /// Reads a page from `body` through `buf`, which must hold the longest item. A body without the list is a page without items, as in
    /// the SDKs, unless it should be an inventory.
    pub fn new(body: B, buf: &'b mut [u8]) -> Self {
        let (buffer, scanner) = (ReadBuffer::new(body, buf), Scanner::new(L::NAME, L::IS_MAP));
        let (before_mark, needs_list) = (L::IS_INVENTORY, L::IS_INVENTORY);
        let events = Events { buffer, scanner, marker: None, items: 0, before_mark, needs_list };
        Listing { events, list: core::marker::PhantomData }
    }

    /// Reads the response to a request. Anything that listens may respond with status 200, so one without the list is an error.
    pub(crate) fn of_service(body: B, buf: &'b mut [u8]) -> Self {
        let mut listing = Listing::new(body, buf);
        listing.events.needs_list = true;
        listing
    }

    /// The next item, which lives until the next call; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Decode`] for a response that is not such a list or an item larger than the buffer, [`Error::Transport`] when reading fails.
    /// After [`DecodeError::InvalidItem`] the next call returns the item after the invalid one; any other error is repeated.
    pub async fn next(&mut self) -> Result<Option<L::Item<'_>>, Error<B::Error>> {
        match self.next_raw().await? {
            None => Ok(None),
            Some((name, value)) => Ok(Some(self.item(name, value)?)),
        }
    }

    /// The ranges of the next item's name and value; [`item`](Listing::item) reads it.
    pub(crate) async fn next_raw(&mut self) -> Result<Option<(Range<usize>, Range<usize>)>, Error<B::Error>> {
        self.events.next_item().await
    }

    /// The next item or other member of the response; `None` at its end.
    ///
    /// # Errors
    /// As [`next`](Listing::next).
    pub async fn next_entry(&mut self) -> Result<Option<Entry<'_, L::Item<'_>>>, Error<B::Error>> {
        Ok(match self.events.advance().await? {
            None => None,
            Some(Event::Item { name, value }) => Some(Entry::Item(self.item(name, value)?)),
            Some(Event::Member { name, value }) => {
                let buffer = &self.events.buffer;
                Some(Entry::Member(buffer.text(name)?, Value::new(buffer.bytes(value))))
            }
        })
    }

    /// The marker of the next page, known when [`next`](Listing::next) has returned `None`; `None` then means that this was the last page.
    pub fn marker(&self) -> Option<&Marker> {
        self.events.marker.as_ref()
    }

    pub(crate) fn item(&self, name: Range<usize>, value: Range<usize>) -> Result<L::Item<'_>, DecodeError> {
        let (buffer, number) = (&self.events.buffer, self.events.items);
        let Ok(name) = buffer.text(name) else { return Err(DecodeError::InvalidItem { number }) };
        let item = L::item(name, Value::new(buffer.bytes(value)));
        if item.is_err() { Err(DecodeError::InvalidItem { number }) } else { item }
    }
}

impl<B: Read> Events<'_, B> {
    /// The ranges of the next item's name and value.
    async fn next_item(&mut self) -> Result<Option<(Range<usize>, Range<usize>)>, Error<B::Error>> {
        loop {
            match self.advance().await? {
                None => return Ok(None),
                Some(Event::Member { .. }) => {}
                Some(Event::Item { name, value }) => return Ok(Some((name, value))),
            }
        }
    }

    /// The next event, whose marker is kept.
    async fn advance(&mut self) -> Result<Option<Event>, Error<B::Error>> {
        let event = self.scan().await?;
        if let Some(Event::Member { name, value }) = &event
            && is_named(self.buffer.bytes(name.clone()), "Marker")
        {
            self.marker = read_marker(self.buffer.bytes(value.clone()))?;
        }
        Ok(event)
    }

    /// The next step in what is in the buffer, and where that begins. Only [`scan`](Events::scan) waits, in a single place, as each would
    /// take flash.
    fn step(&mut self) -> Result<(usize, Step), DecodeError> {
        if self.before_mark {
            let Some(mark) = mark_length(self.buffer.unread(), self.buffer.is_last()) else {
                return Ok((0, Step::NeedMore { consumed: 0 }));
            };
            self.buffer.consume(mark);
            self.before_mark = false;
        }
        let step = self.scanner.step(self.buffer.unread(), self.buffer.is_last())?;
        if matches!(step, Step::End) && self.needs_list && self.marker.is_none() {
            self.scanner.needs_list()?;
        }
        Ok((self.buffer.start(), step))
    }

    /// The next event, its ranges counted from the buffer's start.
    async fn scan(&mut self) -> Result<Option<Event>, Error<B::Error>> {
        loop {
            let (from, step) = self.step()?;
            match step {
                Step::End => return Ok(None),
                Step::Found { event, consumed } => {
                    self.buffer.consume(consumed);
                    self.items += u64::from(matches!(event, Event::Item { .. }));
                    let shift = |range: Range<usize>| range.start + from..range.end + from;
                    return Ok(Some(match event {
                        Event::Member { name, value } => Event::Member { name: shift(name), value: shift(value) },
                        Event::Item { name, value } => Event::Item { name: shift(name), value: shift(value) },
                    }));
                }
                Step::NeedMore { consumed } => {
                    self.buffer.consume(consumed);
                    self.buffer.fill().await?;
                }
            }
        }
    }
}

/// The bytes of the byte order mark at the start; `None` when it may be cut.
#[inline(never)]
fn mark_length(bytes: &[u8], last: bool) -> Option<usize> {
    let cut = !last && bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes);
    if cut { None } else { Some(if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }) }
}

/// An empty marker and null both mean the last page.
fn read_marker(value: &[u8]) -> Result<Option<Marker>, DecodeError> {
    let Some(text) = Value::new(value).text()?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let mut marker = Marker::default();
    for character in text.chars() {
        let too_long = BufferTooSmall { needed: Some(text.raw().len() as u64), capacity: MARKER };
        marker.0.push(character).map_err(|_| DecodeError::Marker(too_long))?;
    }
    Ok(Some(marker))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::block_on;
    use crate::wire::json::{FromJson, Text};
    use std::string::{String, ToString};
    use std::vec::Vec;

    /// A list of items that have a name.
    struct TestList;

    #[derive(Debug, Default)]
    struct TestItem<'b> {
        name: Text<'b>,
    }

    impl<'b> FromJson<'b> for TestItem<'b> {
        fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
            if name == "Name" {
                self.name = value.text()?.unwrap_or_default();
            }
            Ok(())
        }
    }

    impl List for TestList {
        const NAME: &'static str = "Items";
        type Item<'b> = TestItem<'b>;
        fn item<'b>(_: &'b str, value: Value<'b>) -> Result<TestItem<'b>, DecodeError> {
            Ok(value.object()?.unwrap_or_default())
        }
    }

    fn read(json: &str, room: usize) -> Result<(Vec<String>, Option<String>), Error<core::convert::Infallible>> {
        let mut buf = std::vec![0; room];
        let mut body = json.as_bytes();
        let mut listing = Listing::<_, TestList>::new(&mut body, &mut buf);
        let mut names = Vec::new();
        block_on(async {
            while let Some(item) = listing.next().await? {
                names.push(item.name.to_string());
            }
            Ok((names, listing.marker().map(|m| m.as_str().to_string())))
        })
    }

    #[test]
    fn a_thousand_items_through_64_bytes() {
        let items: Vec<String> = (0..1000).map(|n| std::format!(r#"{{"Name":"vault-{n}"}}"#)).collect();
        let json = std::format!(r#"{{"Marker":"a\u002fb","Items":[{}]}}"#, items.join(","));
        let (names, marker) = read(&json, 64).unwrap();
        assert_eq!(names.len(), 1000);
        assert_eq!(names[999], "vault-999");
        assert_eq!(marker.as_deref(), Some("a/b"));
    }

    #[test]
    fn an_item_that_does_not_fit_is_an_error() {
        let json = r#"{"Items":[{"Name":"0123456789"}]}"#;
        let error = read(json, 16).unwrap_err();
        assert_eq!(error, Error::Decode(DecodeError::Item(BufferTooSmall { needed: None, capacity: 16 })));
    }

    #[test]
    fn a_response_without_the_list_is_no_list_of_the_service() {
        let from_service = |json: &str| {
            let (mut buf, mut body) = ([0; 64], json.as_bytes());
            let mut listing = Listing::<_, TestList>::of_service(&mut body, &mut buf);
            block_on(listing.next()).map(|item| item.is_none())
        };
        let (missing, empty) = (DecodeError::MissingMember("Items"), DecodeError::EmptyBody("Items"));
        assert_eq!([from_service(""), from_service(" \r\n")], [Err(Error::Decode(empty)), Err(Error::Decode(empty))]);
        for other in ["{}", r#"{"items":[]}"#, r#"{"message":"ok","Marker":null}"#, r#"{"a":{"Items":[]}}"#] {
            assert_eq!(from_service(other), Err(Error::Decode(missing)), "{other}");
        }
        // A page without items may be null, and one that has a marker is a page.
        for list in [r#"{"Items":null}"#, r#"{"\u0049tems":[]}"#, r#"{"Marker":"m"}"#] {
            assert_eq!(from_service(list), Ok(true), "{list}");
        }
        assert_eq!(read("{}", 64).unwrap(), (Vec::new(), None), "without a client it is a page without items");
    }

    #[test]
    fn an_invalid_item_is_named_and_skipped() {
        let (mut buf, mut body) = ([0; 64], &br#"{"Items":[{"Name":"a"},{"Name":5},{"Name":"c"}]}"#[..]);
        let mut listing = Listing::<_, TestList>::new(&mut body, &mut buf);
        block_on(async {
            assert_eq!(listing.next().await.unwrap().unwrap().name, "a");
            assert_eq!(listing.next().await.unwrap_err(), Error::Decode(DecodeError::InvalidItem { number: 2 }));
            assert_eq!(listing.next().await.unwrap().unwrap().name, "c");
            assert!(listing.next().await.unwrap().is_none());
        });
    }

    #[test]
    fn no_marker_is_the_last_page() {
        for marker in [r#"null"#, r#""""#] {
            let json = std::format!(r#"{{"Items":[],"Marker":{marker}}}"#);
            assert_eq!(read(&json, 64).unwrap(), (Vec::new(), None));
        }
        let long = std::format!(r#"{{"Marker":"{}"}}"#, "m".repeat(513));
        assert!(matches!(read(&long, 600), Err(Error::Decode(DecodeError::Marker(_)))));
    }
}
