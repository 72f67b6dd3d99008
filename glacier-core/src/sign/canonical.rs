//! Step 1 of the specification: the canonical request. Sorting needs no memory: the next smallest is looked for each time, and the
//! lists are short.

use crate::hash::LinearHash;
use crate::request::Request;
use crate::search::{split, split_once};
use crate::sink::{Percent, Sink, Wire};

pub(super) struct Canonical<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) payload: &'a LinearHash,
}

impl Canonical<'_> {
    pub(super) fn write(&self, out: &mut dyn Sink) {
        out.put(self.request.method.as_str().as_bytes());
        out.put(b"\n");
        put_path(self.request.path, out);
        out.put(b"\n");
        put_query(self.request.query, out);
        out.put(b"\n");
        self.each_name(&mut |name| {
            put_lower(name, out);
            out.put(b":");
            let mut first = true;
            for (_, value) in self.headers().filter(|(other, _)| other.eq_ignore_ascii_case(name)) {
                if !first {
                    out.put(b",");
                }
                first = false;
                put_collapsed(value, out);
            }
            out.put(b"\n");
        });
        out.put(b"\n");
        self.signed_headers(out);
        out.put(b"\n");
        self.payload.wire(out);
    }

    /// The names of the signed headers, lower case, sorted, `;` between them.
    pub(super) fn signed_headers(&self, out: &mut dyn Sink) {
        let mut first = true;
        self.each_name(&mut |name| {
            if !first {
                out.put(b";");
            }
            first = false;
            put_lower(name, out);
        });
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        core::iter::once(("host", self.request.host)).chain(self.request.headers.iter().copied())
    }

    /// Calls `visit` with each header's name once, in the order of the lower-case names.
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        let mut last: Option<&str> = None;
        loop {
            let later = self.headers().map(|(name, _)| name).filter(|name| last.is_none_or(|l| lower(l).lt(lower(name))));
            let Some(next) = later.min_by(|a, b| lower(a).cmp(lower(b))) else { return };
            visit(next);
            last = Some(next);
        }
    }
}

fn lower(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|b| b.to_ascii_lowercase())
}

fn put_lower(name: &str, out: &mut dyn Sink) {
    for byte in lower(name) {
        out.put(&[byte]);
    }
}

/// A header's value without white space at its ends, and one space for each run of it inside.
fn put_collapsed(value: &str, out: &mut dyn Sink) {
    let mut first = true;
    for word in value.split_ascii_whitespace() {
        if !first {
            out.put(b" ");
        }
        first = false;
        out.put(word.as_bytes());
    }
}

/// The path without empty and dot segments (RFC 3986, section 5.2.4), encoded once more.
fn put_path(path: &str, out: &mut dyn Sink) {
    let mut any = false;
    let mut segments = split(path, '/').filter(|s| !matches!(*s, "" | "."));
    while let Some(segment) = segments.next() {
        if segment != ".." && !is_undone(segments.clone()) {
            out.put(b"/");
            Percent { out, keep_slash: true }.put(segment.as_bytes());
            any = true;
        }
    }
    if !any || path.ends_with('/') {
        out.put(b"/");
    }
}

/// Whether the segments that follow one step back over it.
fn is_undone<'a>(following: impl Iterator<Item = &'a str>) -> bool {
    let mut depth = 0usize;
    for segment in following {
        match (segment, depth) {
            ("..", 0) => return true,
            ("..", _) => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

/// The pairs of the query sorted by name, then value, as they stand on the wire, each with its `=`.
fn put_query(query: &str, out: &mut dyn Sink) {
    let pairs = || split(query, '&').filter(|p| !p.is_empty()).map(|p| split_once(p, "=").unwrap_or((p, "")));
    let mut last: Option<(&str, &str)> = None;
    loop {
        let Some(next) = pairs().filter(|p| last.is_none_or(|l| l < *p)).min() else { return };
        for _ in pairs().filter(|p| *p == next) {
            if last.is_some() {
                out.put(b"&");
            }
            last = Some(next);
            out.put(next.0.as_bytes());
            out.put(b"=");
            out.put(next.1.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Method;
    use std::string::String;

    fn text(write: impl Fn(&mut dyn Sink)) -> String {
        let mut room = [0; 1024];
        let mut buffer = crate::sink::Buffer::new(&mut room);
        write(&mut buffer);
        String::from_utf8(buffer.finish().unwrap().0.to_vec()).unwrap()
    }

    #[test]
    fn paths_are_normalised_and_encoded_again() {
        for (path, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("/-/vaults/a", "/-/vaults/a"),
            ("/-/vaults/a%20b", "/-/vaults/a%2520b"),
            ("/a/../..//b/./c/", "/b/c/"),
            ("/a/b/../..", "/"),
            ("/a/b/..", "/a"),
            ("/-/vaults/..", "/-"),
        ] {
            assert_eq!(text(|out| put_path(path, out)), canonical, "{path}");
        }
    }

    #[test]
    fn queries_are_sorted() {
        for (query, canonical) in
            [("", ""), ("b=1&a=2&a=1", "a=1&a=2&b=1"), ("marker=x&limit", "limit=&marker=x"), ("a=1&a=1&B=0", "B=0&a=1&a=1")]
        {
            assert_eq!(text(|out| put_query(query, out)), canonical, "{query}");
        }
    }

    #[test]
    fn headers_are_sorted_joined_and_trimmed() {
        let headers = [("X-B", " two  words "), ("x-a", "1"), ("x-b", "3")];
        let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers: &headers };
        let canonical = Canonical { request: &request, payload: &LinearHash::EMPTY };
        let expected = "GET\n/\n\nhost:h\nx-a:1\nx-b:two words,3\n\nhost;x-a;x-b\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(text(|out| canonical.write(out)), expected);
    }
}
