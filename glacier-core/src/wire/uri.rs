//! Paths and queries, percent-encoded while they are written.

use super::sink::{Sink, Wire, hex_digit};

/// Percent-encodes everything except `A-Z a-z 0-9 - . _ ~` as `%XX`.
///
/// With `keep_slash` also except `/`, as in the second encoding of the canonical path.
pub(crate) struct Percent<'a> {
    pub(crate) out: &'a mut dyn Sink,
    pub(crate) keep_slash: bool,
}

impl Sink for Percent<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((&first, tail)) = rest.split_first() {
            let plain = rest.iter().take_while(|b| is_unreserved(**b) || (self.keep_slash && **b == b'/')).count();
            match rest.split_at_checked(plain) {
                Some((run, tail)) if plain > 0 => {
                    self.out.put(run);
                    rest = tail;
                }
                _ => {
                    self.out.put(&[b'%', upper_hex(first >> 4), upper_hex(first & 15)]);
                    rest = tail;
                }
            }
        }
    }
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn upper_hex(value: u8) -> u8 {
    hex_digit(value).to_ascii_uppercase()
}

/// Takes the segments of a path and percent-encodes them.
pub struct Path<'a> {
    out: &'a mut dyn Sink,
}

impl<'a> Path<'a> {
    /// Writes a path to `out`.
    pub fn new(out: &'a mut dyn Sink) -> Self {
        Path { out }
    }

    /// Adds `/` and one segment.
    #[inline(never)]
    pub fn segment(&mut self, segment: &dyn Wire) -> &mut Self {
        self.out.put(b"/");
        segment.wire(&mut Percent { out: self.out, keep_slash: false });
        self
    }
}

/// Takes the pairs of a query and percent-encodes the values.
pub struct Query<'a> {
    out: &'a mut dyn Sink,
    any: bool,
}

impl<'a> Query<'a> {
    /// Writes a query, without its `?`, to `out`.
    pub fn new(out: &'a mut dyn Sink) -> Self {
        Query { out, any: false }
    }

    /// Adds a pair. Names need no encoding and come in ascending order, so that what is sent is in canonical form.
    #[inline(never)]
    pub fn pair(&mut self, name: &'static str, value: &dyn Wire) -> &mut Self {
        if self.any {
            self.out.put(b"&");
        }
        self.any = true;
        self.out.put(name.as_bytes());
        self.out.put(b"=");
        value.wire(&mut Percent { out: self.out, keep_slash: false });
        self
    }

    /// The pairs `limit` and `marker` of a list, if they are given.
    #[inline(never)]
    pub(crate) fn page(&mut self, limit: Option<u64>, marker: Option<&str>) {
        if let Some(limit) = limit {
            self.pair("limit", &limit);
        }
        if let Some(marker) = marker {
            self.pair("marker", &marker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sink::Buffer;

    fn text(write: impl Fn(&mut dyn Sink)) -> std::string::String {
        let mut room = [0; 512];
        let mut buffer = Buffer::new(&mut room);
        write(&mut buffer);
        let (written, _) = buffer.finish().unwrap();
        std::str::from_utf8(written).unwrap().into()
    }

    #[test]
    fn percent_encoding_keeps_only_unreserved() {
        let encoded = text(|out| Percent { out, keep_slash: false }.put("a b/~é%".as_bytes()));
        assert_eq!(encoded, "a%20b%2F~%C3%A9%25");
        assert_eq!(text(|out| Percent { out, keep_slash: true }.put(b"/a%2F")), "/a%252F");
    }
}
