//! What an operation says of its request: method, path, query, headers, body. The rest is said once, in `request.rs`.

use crate::description::Description;
use crate::draft::Draft;
use crate::hash::{LinearHash, PayloadHashes};
use crate::sink::{Percent, Sink, Wire};

/// The methods Glacier uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Method {
    /// GET
    Get,
    /// PUT
    Put,
    /// POST
    Post,
    /// DELETE
    Delete,
    /// HEAD: no operation has it; a presigned URL may be made for it.
    Head,
}

impl Method {
    /// The method as it stands in the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Put => "PUT",
            Method::Post => "POST",
            Method::Delete => "DELETE",
            Method::Head => "HEAD",
        }
    }
}

/// Where an operation's body comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Payload {
    /// There is none.
    Empty,
    /// [`Encode::json`] writes it.
    Json,
    /// It is a [`Source`](crate::Source) with this hash.
    Stream(LinearHash),
}

/// A request, one operation of the service with all its inputs.
///
/// The types of the inputs carry the rules, so nothing here can fail. Everything is called more than once and must write the same each time.
pub trait Encode {
    /// The request's method.
    fn method(&self) -> Method;
    /// The request's path, from the account on.
    fn path(&self, path: &mut Path<'_>);
    /// The request's query, names ascending.
    fn query(&self, _query: &mut Query<'_>) {}
    /// The headers that belong to this operation only.
    fn headers(&self, _headers: &mut Headers<'_, '_>) {}
    /// What kind of body goes with it.
    fn payload(&self) -> Payload {
        Payload::Empty
    }
    /// Whether sending it twice comes to the same as sending it once.
    fn is_idempotent(&self) -> bool {
        true
    }
    /// Writes the body, when [`payload`](Encode::payload) says [`Payload::Json`].
    fn json(&self, _out: &mut dyn Sink) {}
}

/// Takes the segments of a path and percent-encodes each.
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

    /// Adds one pair. Names are plain and come in ascending order: what is sent is then what is signed.
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

    /// The pairs `limit` and `marker` of a list, as far as they are given.
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

/// Takes an operation's headers.
pub struct Headers<'a, 'b> {
    draft: &'a mut Draft<'b>,
}

impl<'a, 'b> Headers<'a, 'b> {
    pub(crate) fn new(draft: &'a mut Draft<'b>) -> Self {
        Headers { draft }
    }

    /// Adds one header; `name` in lower case.
    pub fn put(&mut self, name: &'static str, value: &dyn Wire) -> &mut Self {
        self.draft.write_header(name, value);
        self
    }

    /// The archive's description, when it has one.
    #[inline(never)]
    pub(crate) fn description(&mut self, description: Option<Description<'_>>) -> &mut Self {
        match description {
            Some(text) if !text.as_str().is_empty() => self.put("x-amz-archive-description", &text),
            _ => self,
        }
    }

    /// Both hashes of a body.
    #[inline(never)]
    pub(crate) fn payload(&mut self, hashes: &PayloadHashes) -> &mut Self {
        self.put("x-amz-content-sha256", &hashes.linear).put("x-amz-sha256-tree-hash", &hashes.tree)
    }
}
