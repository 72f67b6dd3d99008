//! Amazon Glacier's vault API (2012-06-01) without a heap, a clock or a socket: requests, responses, signatures, tree hashes, retries.
//!
//! For firmware, for programs that want the protocol and nothing else, and for those who write a transport. On a host with tokio,
//! `glacier-std` brings the network, the credentials and a vault to test against; on a microcontroller `glacier-embedded` brings
//! the network. It is not for the S3 storage classes that are called Glacier too.
//!
//! An operation is a value of [`ops`]. A [`Client`] sends it through a [`Transport`] and returns an output that borrows from the buffer
//! of the call:
//!
#![cfg_attr(feature = "testing", doc = "```")]
#![cfg_attr(not(feature = "testing"), doc = "```ignore")]
//! use glacier_core::ops::{BodyHashes, DescribeVault, ListVaults, UploadArchive};
//! use glacier_core::{Bytes, Client, Credentials, Endpoint, Timestamp, hash_source};
//!
//! # use glacier_core::testing::{Reply, ScriptedTransport, block_on};
//! # let transport = ScriptedTransport::new([
//! #     Reply::json(200, r#"{"VaultName":"photos","SizeInBytes":42}"#),
//! #     Reply::json(200, r#"{"VaultList":[{"VaultName":"photos"},{"VaultName":"films"}],"Marker":null}"#),
//! #     Reply::status(201).header("x-amz-archive-id", "-archive").with_tree_hash(),
//! # ]);
//! # block_on(async {
//! let endpoint = Endpoint::new("eu-west-1", "glacier.eu-west-1.amazonaws.com")?;
//! let credentials = Credentials::new("AKIDEXAMPLE", "secret", None)?;
//! let mut client = Client::new(transport, endpoint, credentials);
//! let now = Timestamp::parse_iso("20260102T030405Z").ok_or("no time")?;
//! let mut buf = [0; 2048];
//!
//! // One object, borrowed from `buf`.
//! let describe = DescribeVault { vault: "photos".try_into()? };
//! let vault = client.send(&describe, now, &mut buf).await?;
//! assert_eq!(vault.size_in_bytes, Some(42));
//!
//! // A list, item by item through the same buffer.
//! let mut names = 0;
//! let mut vaults = client.list(&ListVaults::default(), now, &mut buf).await?;
//! while let Some(vault) = vaults.next().await? {
//!     names += usize::from(vault.vault_name.is_some());
//! }
//! assert_eq!(names, 2);
//!
//! // A body is read twice: for its hashes, which are sent before it, and to send it. The tree hash that the service returns is compared.
//! let mut body = Bytes::new(b"something to keep");
//! let hashes = hash_source(&mut body, &mut [0; 1024]).await?;
//! let upload = UploadArchive { vault: "photos".try_into()?, description: None, body: BodyHashes::try_from(hashes)? };
//! let output = client.upload(&upload, &mut body, now, &mut buf).await?;
//! assert_eq!(output.archive_id()?.as_str(), "-archive");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! Where things are: [`ops`] the 33 operations; [`hash`] the two hashes; [`values`] names, sizes and ranges; [`pages`] lists of many pages; [`inventory`]
//! what is in a vault; [`waiters`] for vaults and jobs; [`retry`] when to try again; [`sign`] signatures and presigned URLs.
//!
//! # Memory
//! Nothing is allocated. The caller's buffer holds the request, then the response: 2 KiB serve every call but those whose response has a
//! policy. A client is about 500 bytes, a hasher of both hashes about 1 KiB. Sizes are `u64` throughout.
//!
//! # Features
//! `std`: `Timestamp` from and to `SystemTime`, and service errors with their whole message. `defmt`: `defmt::Format` on the public types. `serde`: `Serialize` for outputs, with
//! the service's names, and `Deserialize` too for what a checkpoint stores. `small`: the portable hash in less flash. `rustcrypto`: hashes and
//! signs with the crates sha2 and hmac alone, for those who may run only reviewed cryptography; both hashes of a body then cost twice as much, and
//! keys are zeroized only as far as those crates allow. `testing`: a scripted transport and the battery of tests that every transport must
//! pass, for tests on a host.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Only hash/compress/x86.rs and arm.rs allow it, for the SHA instructions.
#![deny(unsafe_code)]
// Without a heap an error contains the text of the service itself, which makes it large.
#![allow(clippy::result_large_err, clippy::large_enum_variant)]

#[cfg(any(test, feature = "std"))]
extern crate std;

mod body;
mod client;
mod error;
mod features;
pub mod hash;
pub mod ops;
mod request;
mod response;
pub mod sign;
mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transfer;
mod transport;
pub mod values;
mod wire;

/// The traits of bodies and their errors.
pub use embedded_io_async;

pub use body::{Bytes, Prehashed, SizeChecked, SizeMismatch, Source, SourceError, hash_source};
pub use client::{Client, ClientState, Environment, KeepState, pages, retry, waiters};
pub use error::Error;
pub use hash::{LinearHash, PayloadHasher, PayloadHashes, TreeHash, TreeHasher};
pub use request::{API_VERSION, Encode, Fetch, Headers, List, Method, Operation, Paginate, Payload, Request, Upload};
pub use response::{ErrorCode, FromResponse, Head, Header, Message, Response, ServiceError, ServiceErrorText, TreeHashMismatch};
pub use sign::{SignedRequest, Signer};
pub use stream::{Download, Entry, JobOutput, Listing, Marker, inventory};
pub use transport::{SendError, Transport};
pub use values::{
    AccountId, ArchiveId, ByteRange, Credentials, Description, Endpoint, InvalidAccountId, InvalidCredentials, InvalidDescription,
    InvalidEndpoint, InvalidVaultName, JobId, LEAF_SIZE, Layout, MIB, NoCredentials, PartSize, ProvideCredentials, Range,
    Timestamp, UploadId, VaultName, VaultRef,
};
pub use wire::{
    Buffer, BufferTooSmall, DecodeError, EncodeError, FromJson, HeadTooSmall, Items, Path, Query, Sink, Text, Truncated, Value,
    Wire,
};
