//! The canonical form of any request: with header names in any case and more than once, and nothing sorted. Sorting takes no memory: each
//! next item is searched among all, which is fast enough for short lists.

use core::cmp::Ordering;

use super::canonical::{Order, put_collapsed};
use crate::request::Request;
use crate::wire::{Percent, Sink, Split, split, split_once};

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
        let pairs = split(query, |byte| byte == b'&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| split_once(pair, "=").unwrap_or((pair, "")));
        let mut between = "";
        each_in_order(
            pairs,
            |a, b| a.cmp(&b),
            |(name, value)| {
                for piece in [between, name, "=", value] {
                    out.put(piece.as_bytes());
                }
                between = "&";
            },
        );
    }

    fn put_headers(&self, request: &Request<'_>, lines: bool, out: &mut dyn Sink) {
        let mut last = None;
        each_in_order(
            headers(request),
            |(a, _), (b, _)| compare_lower(a, b),
            |(name, value)| {
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
            },
        );
    }
}

/// Whether the following segments (`..`) remove this one.
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

/// The headers of a request and `host`.
fn headers<'a>(request: &'a Request<'a>) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
    // At its position if the others are sorted.
    let place = request.headers.iter().take_while(|(name, _)| *name < "host").count();
    let (before, after) = request.headers.split_at_checked(place).unwrap_or_default();
    before.iter().copied().chain(core::iter::once(("host", request.host))).chain(after.iter().copied())
}

/// Calls `visit` with the items in the order of `compare`, equal ones in their original order. Takes a pass over all items for each.
fn each_in_order<T: Copy>(items: impl Iterator<Item = T> + Clone, compare: impl Fn(T, T) -> Ordering, mut visit: impl FnMut(T)) {
    let numbered = items.clone().enumerate();
    let is_before = |a: (usize, T), b: (usize, T)| compare(a.1, b.1).then(a.0.cmp(&b.0)).is_lt();
    if numbered.clone().zip(numbered.clone().skip(1)).all(|(a, b)| is_before(a, b)) {
        return items.for_each(visit);
    }
    let mut last = None;
    loop {
        let left = numbered.clone().filter(|item| last.is_none_or(|last| is_before(last, *item)));
        let Some(next) = left.reduce(|best, item| if is_before(item, best) { item } else { best }) else { return };
        visit(next.1);
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
    use crate::request::Method;
    use crate::wire::Buffer;
    use std::string::String;
    use std::vec::Vec;

    fn text(write: impl Fn(&mut dyn Sink)) -> String {
        let mut room = [0; 256];
        let mut buffer = Buffer::new(&mut room);
        write(&mut buffer);
        String::from_utf8(buffer.finish().unwrap().0.to_vec()).unwrap()
    }

    #[test]
    fn paths_are_normalized_and_encoded_again() {
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
        // Such a header cannot be sent; it is signed as any other.
        let request = Request { headers: &[("a", "1"), ("", "e")], ..request };
        assert_eq!(text(|out| Sorted.put_headers(&request, true, out)), ":e\na:1\nhost:h");
    }

    #[test]
    fn the_order_is_that_of_a_stable_sort() {
        for text in ["", "a", "a b c", "c b a", "a B A b", "a a a", "b c a", "ab a abc", "zz A yy a z b Z x aa a"] {
            let keys = text.split(' ');
            let mut sorted: Vec<(usize, &str)> = keys.enumerate().collect();
            let mut visited = Vec::new();
            each_in_order(sorted.iter().copied(), |a, b| compare_lower(a.1, b.1), |item| visited.push(item));
            sorted.sort_by_key(|(_, key)| key.to_lowercase());
            assert_eq!(visited, sorted, "{text}");
        }
    }
}
