//! The order of any request: names in any case, headers that come twice, nothing sorted. Sorting needs no memory: the next is looked for
//! among all each time, which does for short lists.

use core::cmp::Ordering;

use super::canonical::{Order, put_collapsed};
use crate::request::Request;
use crate::search::{Split, split, split_once};
use crate::sink::{Percent, Sink};

pub(super) struct Sorted;

impl Order for Sorted {
    fn put_path(&self, path: &str, out: &mut dyn Sink) {
        let mut any = false;
        let mut segments = split(path, |byte| byte == b'/');
        while let Some(segment) = segments.next() {
            if !matches!(segment, "" | "." | "..") && !is_undone(segments.clone()) {
                out.put(b"/");
                Percent { out, keep_slash: true }.put(segment.as_bytes());
                any = true;
            }
        }
        if !any || path.ends_with('/') {
            out.put(b"/");
        }
    }

    fn put_query(&self, query: &str, out: &mut dyn Sink) {
        let pairs = || split(query, |byte| byte == b'&').filter(|pair| !pair.is_empty());
        let pair = |at: usize| {
            let pair = pairs().nth(at).unwrap_or_default();
            split_once(pair, "=").unwrap_or((pair, ""))
        };
        let mut between = "";
        each_in_order(pairs().count(), &|a, b| pair(a).cmp(&pair(b)), &mut |at| {
            let (name, value) = pair(at);
            for piece in [between, name, "=", value] {
                out.put(piece.as_bytes());
            }
            between = "&";
        });
    }

    fn put_headers(&self, request: &Request<'_>, lines: bool, out: &mut dyn Sink) {
        let header = |at: usize| headers(request).nth(at).unwrap_or_default();
        let mut last = None;
        each_in_order(request.headers.len() + 1, &|a, b| compare_lower(header(a).0, header(b).0), &mut |at| {
            let (name, value) = header(at);
            let again = last.is_some_and(|last| compare_lower(last, name).is_eq());
            if !again {
                out.put(match (last, lines) {
                    (None, _) => b"",
                    (_, true) => b"\n",
                    (_, false) => b";",
                });
                put_lower(name, out);
            }
            if lines {
                out.put(if again { b"," } else { b":" });
                put_collapsed(value, out);
            }
            last = Some(name);
        });
    }
}

/// Whether the segments that follow one step back over it.
fn is_undone(following: Split<'_>) -> bool {
    let mut depth = 0usize;
    for segment in following {
        match (segment, depth) {
            ("" | ".", _) => {}
            ("..", 0) => return true,
            ("..", _) => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

/// The headers of a request, and `host`.
fn headers<'a>(request: &'a Request<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    // Where it belongs when the others are in order.
    let place = request.headers.iter().take_while(|(name, _)| *name < "host").count();
    let (before, behind) = request.headers.split_at_checked(place).unwrap_or_default();
    before.iter().copied().chain(core::iter::once(("host", request.host))).chain(behind.iter().copied())
}

/// Calls `visit` with the numbers below `count` in the order of `compare`, equal ones as they come.
fn each_in_order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering, visit: &mut dyn FnMut(usize)) {
    let is_before = |a: usize, b: usize| compare(a, b).then(a.cmp(&b)).is_lt();
    if (1..count).all(|at| is_before(at - 1, at)) {
        return (0..count).for_each(visit);
    }
    let mut last = None;
    loop {
        let left = (0..count).filter(|at| last.is_none_or(|last| is_before(last, *at)));
        let Some(next) = left.reduce(|best, at| if is_before(at, best) { at } else { best }) else { return };
        visit(next);
        last = Some(next);
    }
}

fn put_lower(name: &str, out: &mut dyn Sink) {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.bytes().for_each(|byte| out.put(&[byte.to_ascii_lowercase()]));
    } else {
        out.put(name.as_bytes());
    }
}

/// Compares as if both were in lower case.
fn compare_lower(a: &str, b: &str) -> Ordering {
    for (a, b) in a.bytes().zip(b.bytes()) {
        if a != b && !a.eq_ignore_ascii_case(&b) {
            return a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase());
        }
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Method;
    use crate::sink::Buffer;
    use std::string::String;
    use std::vec::Vec;

    fn text(write: impl Fn(&mut dyn Sink)) -> String {
        let mut room = [0; 256];
        let mut buffer = Buffer::new(&mut room);
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
            assert_eq!(text(|out| Sorted.put_path(path, out)), canonical, "{path}");
        }
    }

    #[test]
    fn queries_are_sorted() {
        for (query, canonical) in [
            ("", ""),
            ("b=1&a=2&a=1", "a=1&a=2&b=1"),
            ("marker=x&limit", "limit=&marker=x"),
            ("a=1&a=1&B=0", "B=0&a=1&a=1"),
            ("a-b=1&a=2&&ab", "a=2&a-b=1&ab="),
            ("a=b=c&a=b-c&a=b", "a=b&a=b-c&a=b=c"),
        ] {
            assert_eq!(text(|out| Sorted.put_query(query, out)), canonical, "{query}");
        }
    }

    #[test]
    fn headers_are_sorted_joined_and_trimmed() {
        let headers = [("X-B", " two  words "), ("x-a", "1"), ("x-b", "3"), ("a", "")];
        let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers: &headers };
        assert_eq!(text(|out| Sorted.put_headers(&request, true, out)), "a:\nhost:h\nx-a:1\nx-b:two words,3");
        assert_eq!(text(|out| Sorted.put_headers(&request, false, out)), "a;host;x-a;x-b");
        // Nobody can send such a header, and the signature says of it what it says of any other.
        let request = Request { headers: &[("a", "1"), ("", "e")], ..request };
        assert_eq!(text(|out| Sorted.put_headers(&request, true, out)), ":e\na:1\nhost:h");
    }

    #[test]
    fn as_a_stable_sort() {
        for text in ["", "a", "a b c", "c b a", "a B A b", "a a a", "b c a", "ab a abc", "zz A yy a z b Z x aa a"] {
            let keys: Vec<&str> = text.split(' ').collect();
            let mut sorted: Vec<usize> = (0..keys.len()).collect();
            sorted.sort_by_key(|at| keys[*at].to_lowercase());
            let mut visited = Vec::new();
            each_in_order(keys.len(), &|a, b| compare_lower(keys[a], keys[b]), &mut |at| visited.push(at));
            assert_eq!(visited, sorted, "{text}");
        }
    }
}
