//! Step 1 of Signature Version 4: the canonical request.

use crate::hash::LinearHash;
use crate::request::Request;
use crate::wire::{Percent, Sink, Wire};

/// How path, query and headers are written in canonical form. There are two implementations, so that a program which signs only requests
/// made here, which are canonical already, contains no code that sorts.
pub(super) trait Order {
    /// The path without empty and dot segments (RFC 3986, section 5.2.4), percent-encoded once more.
    fn put_path(&self, path: &str, out: &mut dyn Sink);
    /// The pairs of the query sorted by name, then value, in the encoding of the request, each with a `=`.
    fn put_query(&self, query: &str, out: &mut dyn Sink);
    /// The headers sorted by their lower-case names: a line for each with its values, or only the names, with `;` between them.
    fn put_headers(&self, request: &Request<'_>, lines: bool, out: &mut dyn Sink);
}

pub(super) struct Canonical<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) order: &'a dyn Order,
    pub(super) payload: &'a LinearHash,
}

impl Canonical<'_> {
    #[inline(never)]
    pub(super) fn write(&self, out: &mut dyn Sink) {
        out.put(self.request.method.as_str().as_bytes());
        out.put(b"\n");
        self.order.put_path(self.request.path, out);
        out.put(b"\n");
        self.order.put_query(self.request.query, out);
        out.put(b"\n");
        self.order.put_headers(self.request, true, out);
        out.put(b"\n\n");
        self.signed_headers(out);
        out.put(b"\n");
        self.payload.wire(out);
    }

    pub(super) fn signed_headers(&self, out: &mut dyn Sink) {
        self.order.put_headers(self.request, false, out);
    }
}

/// For requests made here, which are canonical already: [`Path`](crate::Path) and [`Query`](crate::Query) have written path and query, the
/// names of the headers, `host` among them, are sorted and in lower case, and no name occurs twice.
pub(super) struct Presorted;

impl Order for Presorted {
    fn put_path(&self, path: &str, out: &mut dyn Sink) {
        Percent { out, keep_slash: true }.put(path.as_bytes());
    }

    fn put_query(&self, query: &str, out: &mut dyn Sink) {
        out.put(query.as_bytes());
    }

    fn put_headers(&self, request: &Request<'_>, lines: bool, out: &mut dyn Sink) {
        let mut between: &[u8] = b"";
        for (name, value) in request.headers {
            out.put(between);
            out.put(name.as_bytes());
            if lines {
                out.put(b":");
                put_collapsed(value, out);
            }
            between = if lines { b"\n" } else { b";" };
        }
    }
}

/// The value of a header without whitespace at its ends, and with one space for each run of whitespace inside.
#[inline(never)]
pub(super) fn put_collapsed(value: &str, out: &mut dyn Sink) {
    // Most values have none. Without an early exit the compiler can test many bytes at a time.
    if !value.bytes().fold(false, |any, byte| any | (byte <= b' ')) {
        return out.put(value.as_bytes());
    }
    let mut first = true;
    for word in value.as_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
        if !first {
            out.put(b" ");
        }
        first = false;
        out.put(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Method;
    use std::string::String;

    fn text(write: impl Fn(&mut dyn Sink)) -> String {
        let mut room = [0; 1024];
        let mut buffer = crate::wire::Buffer::new(&mut room);
        write(&mut buffer);
        String::from_utf8(buffer.finish().unwrap().0.to_vec()).unwrap()
    }

    #[test]
    fn a_canonical_request_is_written_unchanged() {
        let headers = [("content-type", "a  b "), ("host", "h"), ("x-a", "1"), ("x-b", "")];
        let without_host = [headers[0], headers[2], headers[3]];
        let request = Request { method: Method::Put, host: "h", path: "/a b", query: "a=1&b=", headers: &headers };
        let of = |order: &dyn Order, request| text(|out| Canonical { request, order, payload: &LinearHash::EMPTY }.write(out));
        let expected = "PUT\n/a%20b\na=1&b=\ncontent-type:a b\nhost:h\nx-a:1\nx-b:\n\ncontent-type;host;x-a;x-b\n\
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(of(&Presorted, &request), expected);
        assert_eq!(of(&super::super::sorted::Sorted, &Request { headers: &without_host, ..request }), expected);
    }
}
