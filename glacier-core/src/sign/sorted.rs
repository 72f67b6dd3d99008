//! The canonical form of any request: with header names in any case and more than once, and nothing sorted.
//!
//! There is no heap, and the request cannot be changed, so what is sorted or removed is found in passes over all of it, each of which finds the
//! next [`BATCH`] items, or the fate of the next 64 segments of a path. A request of `n` items takes `n / BATCH` passes: one, for whatever
//! the service understands. Whoever signs requests of strangers limits their items first, as the local vault does.

use core::cmp::Ordering;

use super::canonical::{Order, put_collapsed};
use crate::request::Request;
use crate::wire::{Percent, Sink, split, split_once};

/// Items that a pass finds. A device has less stack.
const BATCH: usize = if cfg!(target_pointer_width = "64") { 128 } else { 32 };

pub(super) struct Sorted;

impl Order for Sorted {
    fn put_path(&self, path: &str, out: &mut dyn Sink) {
        let climbs = split(path, is_slash).any(|segment| segment == "..");
        let (mut any, mut kept) = (false, u64::MAX);
        for (number, segment) in split(path, is_slash).filter(|segment| !matches!(*segment, "" | ".")).enumerate() {
            if climbs && number % 64 == 0 {
                kept = kept_segments(path, number);
            }
            if segment != ".." && kept & bit(number % 64) != 0 {
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

fn is_slash(byte: u8) -> bool {
    byte == b'/'
}

fn bit(number: usize) -> u64 {
    1u64.wrapping_shl(number as u32)
}

/// Which of the 64 segments from number `from` on, without those that are empty or a dot, no later `..` removes.
fn kept_segments(path: &str, from: usize) -> u64 {
    let backwards = || path.as_bytes().rsplit(|byte| *byte == b'/').filter(|segment| !matches!(*segment, b"" | b"."));
    let (mut number, mut removed, mut kept) = (backwards().count(), 0usize, 0);
    for segment in backwards() {
        number = number.saturating_sub(1);
        if segment == b".." {
            removed += 1;
        } else if removed > 0 {
            removed -= 1;
        } else if let Some(place) = number.checked_sub(from).filter(|place| *place < 64) {
            kept |= bit(place);
        }
    }
    kept
}

/// The headers of a request and `host`.
fn headers<'a>(request: &'a Request<'a>) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
    // At its position if the others are sorted.
    let place = request.headers.iter().take_while(|(name, _)| *name < "host").count();
    let (before, after) = request.headers.split_at_checked(place).unwrap_or_default();
    before.iter().copied().chain(core::iter::once(("host", request.host))).chain(after.iter().copied())
}

/// Calls `visit` with the items in the order of `compare`, equal ones in their original order.
fn each_in_order<T: Copy>(items: impl Iterator<Item = T> + Clone, compare: impl Fn(T, T) -> Ordering, mut visit: impl FnMut(T)) {
    let numbered = items.clone().enumerate();
    let is_before = |a: (usize, T), b: (usize, T)| compare(a.1, b.1).then(a.0.cmp(&b.0)).is_lt();
    if numbered.clone().zip(numbered.clone().skip(1)).all(|(a, b)| is_before(a, b)) {
        return items.for_each(visit);
    }
    let mut last = None;
    loop {
        // The smallest items after `last`. Once they are more than fit, a heap: the largest is the first.
        let mut batch = heapless::Vec::<_, BATCH>::new();
        for item in numbered.clone().filter(|item| last.is_none_or(|last| is_before(last, *item))) {
            if batch.push(item).is_ok() {
                if batch.is_full() {
                    (0..BATCH / 2).rev().for_each(|at| sift_down(&mut batch, at, is_before));
                }
            } else if let Some(largest) = batch.first_mut()
                && is_before(item, *largest)
            {
                *largest = item;
                sift_down(&mut batch, 0, is_before);
            }
        }
        let is_last = !batch.is_full();
        // The next one is searched among the few that are left.
        while let Some((at, item)) =
            batch.iter().copied().enumerate().reduce(|best, other| if is_before(other.1, best.1) { other } else { best })
        {
            visit(item.1);
            last = Some(item);
            if let Some(moved) = batch.pop()
                && let Some(place) = batch.get_mut(at)
            {
                *place = moved;
            }
        }
        if is_last {
            return;
        }
    }
}

/// Moves the item at `at` down a heap, until none below it is larger.
fn sift_down<T: Copy>(heap: &mut [T], mut at: usize, is_before: impl Fn(T, T) -> bool) {
    loop {
        let left = 2 * at + 1;
        let (Some(item), Some(mut child)) = (heap.get(at).copied(), heap.get(left).copied()) else { return };
        let mut place = left;
        if let Some(right) = heap.get(left + 1).copied()
            && is_before(child, right)
        {
            (place, child) = (left + 1, right);
        }
        if !is_before(item, child) {
            return;
        }
        for (place, item) in [(at, child), (place, item)] {
            if let Some(slot) = heap.get_mut(place) {
                *slot = item;
            }
        }
        at = place;
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
            ("/../../a/./../b", "/b"),
            ("..", "/"),
        ] {
            assert_eq!(text(|out| Sorted.put_path(path, out)), canonical, "{path}");
        }
    }

    #[test]
    fn of_a_long_path_each_segment_meets_its_own_dots() {
        // 200 segments, the last 140 of them removed; then others, some of which are removed at once.
        let kept: String = (0..60).map(|n| std::format!("/s{n}")).collect();
        let removed: String = (60..200).map(|n| std::format!("/s{n}")).collect();
        let path = std::format!("/{kept}{removed}{}/x/../y/./z{}", "/..".repeat(140), "/u/..".repeat(90));
        let mut room = [0; 1024];
        let mut buffer = Buffer::new(&mut room);
        Sorted.put_path(&path, &mut buffer);
        assert_eq!(core::str::from_utf8(buffer.finish().unwrap().0), Ok(std::format!("{kept}/y/z").as_str()));
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
            check_order(&text.split(' ').collect::<Vec<_>>());
        }
        // More than one pass finds, in any order, with equal ones.
        let mut state = 7u32;
        let words: Vec<String> = core::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            std::format!("{:x}", state >> 23)
        })
        .take(5 * BATCH + 3)
        .collect();
        for length in [BATCH - 1, BATCH, BATCH + 1, 2 * BATCH, words.len()] {
            let mut some: Vec<&str> = words.iter().take(length).map(String::as_str).collect();
            check_order(&some);
            some.sort_unstable();
            check_order(&some);
            some.reverse();
            check_order(&some);
        }
    }

    fn check_order(keys: &[&str]) {
        let mut sorted: Vec<(usize, &str)> = keys.iter().copied().enumerate().collect();
        let mut visited = Vec::new();
        each_in_order(sorted.iter().copied(), |a, b| compare_lower(a.1, b.1), |item| visited.push(item));
        sorted.sort_by_key(|(_, key)| key.to_lowercase());
        assert_eq!(visited, sorted, "{keys:?}");
    }

    /// `b&a&b&a`, in ascending and in descending order: what used to take a pass for each pair.
    #[test]
    fn long_lists_take_few_comparisons() {
        const COUNT: usize = 4096;
        let patterns: [fn(usize) -> usize; 3] = [|n| n % 2, |n| COUNT - n, |n| n * 2_654_435_761 % 4099];
        for pattern in patterns {
            let comparisons = core::cell::Cell::new(0usize);
            let compare = |a: usize, b: usize| {
                comparisons.set(comparisons.get() + 1);
                a.cmp(&b)
            };
            let mut visited = 0;
            each_in_order((0..COUNT).map(pattern), compare, |_| visited += 1);
            assert_eq!(visited, COUNT);
            // A pass compares each item at most 2 + 2 log2(BATCH) times, and taking a batch each item BATCH / 2 times.
            let passes = COUNT / BATCH + 1;
            let allowed = COUNT * (passes * (2 + 2 * BATCH.ilog2() as usize) + BATCH);
            assert!(comparisons.get() < allowed && allowed < COUNT * COUNT / 4, "{} of {allowed}", comparisons.get());
        }
    }
}
