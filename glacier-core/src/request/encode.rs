//! The request of an operation: method, path, query, headers, body.

use super::request_builder::RequestBuilder;
use crate::hash::{LinearHash, PayloadHashes};
use crate::values::Description;
use crate::wire::{Path, Query, Sink, Wire};

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
    /// The method as in the request line.
    #[must_use]
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
/// Nothing here can fail, since the types of the inputs hold only valid values. All methods are called more than once and must write the same each time.
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
    /// Whether the operation is idempotent: sending it twice has the same effect as sending it once.
    fn is_idempotent(&self) -> bool {
        true
    }
    /// Writes the body, when [`payload`](Encode::payload) says [`Payload::Json`].
    fn json(&self, _out: &mut dyn Sink) {}
}

/// Takes an operation's headers.
pub struct Headers<'a, 'b> {
    builder: &'a mut RequestBuilder<'b>,
}

impl<'a, 'b> Headers<'a, 'b> {
    pub(crate) fn new(builder: &'a mut RequestBuilder<'b>) -> Self {
        Headers { builder }
    }

    /// Adds one header; `name` in lower case.
    pub fn put(&mut self, name: &'static str, value: &dyn Wire) -> &mut Self {
        self.builder.write_header(name, value);
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
