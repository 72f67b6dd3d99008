//! Amazon Glacier without a heap: requests, answers, signatures, tree hashes.
#![no_std]
// Only hash/compress/x86.rs allows it, for the SHA instructions.
#![deny(unsafe_code)]
// Without a heap an error carries the service's own words itself, and they take their room.
#![allow(clippy::result_large_err, clippy::large_enum_variant)]

#[cfg(test)]
extern crate std;

mod client;
mod credentials;
mod description;
mod download;
mod encode;
mod encoded_body;
mod environment;
mod error;
mod excerpt;
mod failure;
pub mod hash;
pub mod id;
pub mod inventory;
mod json;
mod listing;
#[cfg(feature = "defmt")]
mod logging;
mod operation;
pub mod ops;
pub mod pages;
#[cfg(feature = "serde")]
mod persist;
pub mod range;
mod refusal;
mod request;
mod response;
pub mod retry;
mod retrying;
mod search;
mod service;
pub mod sign;
mod sink;
mod source;
mod target;
#[cfg(test)]
mod test_support;
mod time;
mod transport;
pub mod wait;
mod window;

pub use client::Client;
pub use credentials::{Credentials, InvalidCredentials, NoCredentials, ProvideCredentials};
pub use description::{Description, InvalidDescription};
pub use download::{Download, JobOutput};
pub use encode::{Encode, Headers, Method, Path, Payload, Query};
pub use environment::Environment;
pub use error::{BufferTooSmall, DecodeError, Error};
pub use excerpt::Excerpt;
pub use hash::{LinearHash, PayloadHasher, PayloadHashes, TreeHash, TreeHasher, hash_source};
pub use id::{ArchiveId, JobId, UploadId};
pub use json::{FromJson, Items, Text, Value};
pub use listing::{Entry, List, Listing, Marker};
pub use operation::{Fetch, Operation, Upload};
pub use range::{ByteRange, Layout, PartSize, Range};
pub use refusal::{Code, Message, Refusal, RefusalText};
pub use request::{API_VERSION, EncodeError, Request, SignedRequest};
pub use response::{FromResponse, Head, HeadTooSmall, Header, Response};
pub use service::{InvalidService, Service};
pub use sign::Signer;
pub use sink::{Buffer, Sink, Wire};
pub use source::{Bytes, Exact, Source, SourceError};
pub use target::{AccountId, InvalidAccountId, InvalidVaultName, VaultName, VaultRef};
pub use time::Timestamp;
pub use transport::{SendError, Transport};
