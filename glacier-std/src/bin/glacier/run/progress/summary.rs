//! What a transfer has done, in one line at its end.

use std::time::Duration;

use crate::output::{readable, readable_time};

/// A transfer at its end.
pub(super) struct Summary<'s> {
    /// `uploaded` or `restored`.
    pub(super) what: &'s str,
    pub(super) bytes: u64,
    pub(super) time: Duration,
    /// Parts of a multipart upload.
    pub(super) parts: u64,
    pub(super) tree_hash: &'s str,
}

impl Summary<'_> {
    /// `uploaded 4.0 GiB (4294967296 bytes) in 1:35, 43.1 MiB/s, 64 parts, tree hash 9f3c…`
    pub(super) fn line(&self) -> String {
        let &Summary { what, bytes, time, parts, tree_hash } = self;
        let amount = match bytes {
            1 => "1 byte".into(),
            0..1024 => format!("{bytes} bytes"),
            _ => format!("{} ({bytes} bytes)", readable(bytes)),
        };
        let took = if time < Duration::from_secs(60) { format!("{:.1} s", time.as_secs_f64()) } else { readable_time(time) };
        // What took no time has no rate worth telling.
        let rate = match time >= Duration::from_secs(1) {
            true => format!(", {}/s", readable((bytes as f64 / time.as_secs_f64()) as u64)),
            false => String::new(),
        };
        let parts = match parts {
            0 => String::new(),
            1 => ", 1 part".into(),
            _ => format!(", {parts} parts"),
        };
        format!("{what} {amount} in {took}{rate}{parts}, tree hash {tree_hash}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_bytes_time_rate_parts_and_tree_hash() {
        let line =
            |bytes, ms, parts| Summary { what: "uploaded", bytes, time: Duration::from_millis(ms), parts, tree_hash: "9f" }.line();
        assert_eq!(line(4 << 30, 95_000, 64), "uploaded 4.0 GiB (4294967296 bytes) in 1:35, 43.1 MiB/s, 64 parts, tree hash 9f");
        assert_eq!(line(3 << 20, 3000, 1), "uploaded 3.0 MiB (3145728 bytes) in 3.0 s, 1.0 MiB/s, 1 part, tree hash 9f");
        assert_eq!(line(17, 20, 0), "uploaded 17 bytes in 0.0 s, tree hash 9f");
        assert_eq!(line(1, 999, 0), "uploaded 1 byte in 1.0 s, tree hash 9f");
    }
}
