//! Builds a request: its text in the caller's buffer, cut into path, query and values, and the list of its headers.

use crate::wire::{Buffer, BufferTooSmall, EncodeError, Wire};

/// The maximum number of headers in a request: those of Glacier and of the signer, and a reserve.
pub(crate) const MAX_HEADERS: usize = 16;

/// Names and values.
pub(crate) type HeaderList<'b> = heapless::Vec<(&'b str, &'b str), MAX_HEADERS>;

/// Nothing here fails before [`finish`](RequestBuilder::finish), which then knows the size needed.
pub(crate) struct RequestBuilder<'b> {
    /// What was written since the last cut.
    pub(crate) text: Buffer<'b>,
    /// In ascending order of their names.
    pub(crate) headers: HeaderList<'b>,
    capacity: usize,
    /// Bytes that were cut off.
    used: usize,
    error: Option<EncodeError>,
}

impl<'b> RequestBuilder<'b> {
    pub(crate) fn new(buf: &'b mut [u8]) -> Self {
        let capacity = buf.len();
        RequestBuilder { text: Buffer::new(buf), headers: HeaderList::new(), capacity, used: 0, error: None }
    }

    /// What was written since the last cut; empty when there was no room for it.
    #[inline(never)]
    pub(crate) fn cut(&mut self) -> &'b str {
        let text = core::mem::replace(&mut self.text, Buffer::new(&mut []));
        self.used += text.len();
        match text.finish() {
            Ok((piece, rest)) => {
                self.text = Buffer::new(rest);
                core::str::from_utf8(piece).unwrap_or_else(|_| {
                    self.error = Some(EncodeError::NotText);
                    ""
                })
            }
            Err(short) => {
                self.error = Some(EncodeError::Buffer(short));
                ""
            }
        }
    }

    /// Writes a value and adds it as a header.
    #[inline(never)]
    pub(crate) fn write_header(&mut self, name: &'static str, value: &dyn Wire) {
        value.wire(&mut self.text);
        let value = self.cut();
        self.add_header(name, value);
    }

    /// Adds a header whose value is not in the buffer.
    pub(crate) fn add_header(&mut self, name: &'static str, value: &'b str) {
        if self.headers.push((name, value)).is_err() {
            self.error = Some(EncodeError::TooManyHeaders);
        }
        // It moves up to its place, so that signing need not sort.
        let mut end = self.headers.len();
        while let Some([before, last]) = end.checked_sub(2).and_then(|from| self.headers.get_mut(from..end))
            && before.0 > last.0
        {
            core::mem::swap(before, last);
            end -= 1;
        }
    }

    /// Replaces a header by another.
    pub(crate) fn replace_header(&mut self, old: &str, name: &'static str, value: &'b str) {
        for header in self.headers.iter_mut().filter(|(name, _)| *name == old) {
            *header = (name, value);
        }
    }

    /// The headers, the bytes of the buffer that are used, and the rest of the buffer.
    ///
    /// # Errors
    /// What went wrong meanwhile.
    pub(crate) fn finish(self) -> Result<(HeaderList<'b>, usize, &'b mut [u8]), EncodeError> {
        match (self.error, self.text.finish()) {
            (None, Ok((_, rest))) => Ok((self.headers, self.used, rest)),
            (None | Some(EncodeError::Buffer(_)), _) => {
                Err(EncodeError::Buffer(BufferTooSmall { needed: Some(self.used as u64), capacity: self.capacity }))
            }
            (Some(error), _) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Sink;

    #[test]
    fn headers_are_sorted_as_they_are_added() {
        let mut room = [0; 16];
        let mut builder = RequestBuilder::new(&mut room);
        builder.text.put(b"/path");
        assert_eq!(builder.cut(), "/path");
        for name in ["b", "d", "a", "c"] {
            builder.write_header(name, &name);
        }
        builder.replace_header("b", "e", "-");
        let (headers, used, rest) = builder.finish().unwrap();
        assert_eq!(headers, [("a", "a"), ("e", "-"), ("c", "c"), ("d", "d")]);
        assert_eq!((used, rest.len()), (9, 7));
    }

    #[test]
    fn the_size_needed_includes_what_does_not_fit() {
        let mut room = [0; 8];
        let mut builder = RequestBuilder::new(&mut room);
        builder.text.put(b"/pa");
        assert_eq!(builder.cut(), "/pa");
        for name in ["one", "two", "three"] {
            builder.write_header(name, &name);
        }
        let short = BufferTooSmall { needed: Some(14), capacity: 8 };
        assert_eq!(builder.finish().map(|_| ()), Err(EncodeError::Buffer(short)));
    }

    #[test]
    fn too_many_headers_and_invalid_utf_8_are_errors() {
        let mut builder = RequestBuilder::new(&mut []);
        for _ in 0..=MAX_HEADERS {
            builder.write_header("name", &"");
        }
        assert_eq!(builder.finish().map(|_| ()), Err(EncodeError::TooManyHeaders));
        let mut room = [0; 8];
        let mut builder = RequestBuilder::new(&mut room);
        builder.text.put(b"\xff");
        assert_eq!(builder.cut(), "");
        assert_eq!(builder.finish().map(|_| ()), Err(EncodeError::NotText));
    }
}
