//! A response: status, headers and body.

use glacier_core::Timestamp;
use serde::Serialize;

use super::body::LocalBody;
use super::date::http_date;

/// A response of the vault service.
#[derive(Debug)]
#[must_use]
pub struct LocalResponse {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: LocalBody,
}

impl LocalResponse {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Names and values of the headers.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body.
    pub fn into_body(self) -> LocalBody {
        self.body
    }

    /// The length of the body.
    pub(crate) fn length(&self) -> u64 {
        self.body.remaining()
    }

    /// Breaks the body off after so many bytes; the headers keep saying the whole length.
    pub(crate) fn cut(&mut self, bytes: u64) {
        self.body.cut(bytes);
    }

    /// Flips a bit of the byte `at`, counted from the start of the body; whether there is such a byte.
    pub(crate) fn corrupt_body(&mut self, at: u64, bit: u8) -> bool {
        let is_there = at < self.length();
        if is_there {
            self.body.flip(at, 1 << (bit % 8));
        }
        is_there
    }

    /// Replaces a digit of the tree hash by another; whether there is a tree hash. `position` gives a place below a length, and a number.
    pub(crate) fn corrupt_tree_hash(&mut self, position: impl FnOnce(u64) -> (u64, u8)) -> bool {
        let Some((_, hash)) = self.headers.iter_mut().find(|(name, _)| *name == "x-amz-sha256-tree-hash") else { return false };
        let (at, number) = position(hash.len() as u64);
        let corrupted = (0u64..).zip(hash.chars()).map(|(place, digit)| match digit.to_digit(16) {
            // One of the fifteen others.
            Some(value) if place == at => char::from_digit((value + 1 + u32::from(number % 15)) % 16, 16).unwrap_or(digit),
            _ => digit,
        });
        *hash = corrupted.collect();
        true
    }

    /// Bytes of the body that are at hand.
    pub(super) fn at_hand(&self) -> &[u8] {
        self.body.at_hand()
    }

    /// A response without a body.
    pub(crate) fn empty(status: u16) -> Self {
        LocalResponse { status, headers: Vec::new(), body: LocalBody::from(Vec::new()) }
    }

    /// 200 and a JSON document.
    pub(crate) fn document(document: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(LocalResponse::json(200, serde_json::to_vec(document)?))
    }

    /// A JSON document of any status.
    pub(crate) fn json(status: u16, text: Vec<u8>) -> Self {
        LocalResponse { status, headers: Vec::new(), body: text.into() }.with("Content-Type", "application/json")
    }

    /// A body that is read while it is sent.
    pub(crate) fn stream(status: u16, content_type: &str, body: LocalBody) -> Self {
        LocalResponse { status, headers: Vec::new(), body }.with("Content-Type", content_type)
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds the headers that every response has.
    pub(crate) fn finish(self, request_id: &str, now: Timestamp) -> Self {
        let length = self.body.remaining();
        let response = self.with("x-amzn-RequestId", request_id).with("Date", http_date(now));
        // A 204 has no length (RFC 9110, section 8.6).
        if response.status == 204 { response } else { response.with("Content-Length", length.to_string()) }
    }
}
