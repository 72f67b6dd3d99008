//! Bodies whose hashes are known are read once, to be sent.

use embedded_io_async::{ErrorType, Read};
use glacier_core::ops::UploadArchive;
use glacier_core::*;
use sha2::{Digest, Sha256};

use crate::harness::{CallError, Harness, LEAF, hashes, service_error, tree, vault};

/// Counts the bytes that are read.
struct Counted<'a>(Bytes<'a>, usize);

impl ErrorType for Counted<'_> {
    type Error = std::convert::Infallible;
}
impl Read for Counted<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let got = self.0.read(into).await?;
        self.1 += got;
        Ok(got)
    }
}
impl Source for Counted<'_> {
    fn size(&self) -> u64 {
        self.0.size()
    }
    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.0.rewind().await
    }
}

/// Uploads with the hashes that the body supplies.
async fn upload<S: Source<Error: std::fmt::Debug>>(harness: &mut Harness, body: &mut S) -> Result<TreeHash, CallError> {
    let hashes = body.hashes(&mut [0; 4096]).await.unwrap();
    let operation = UploadArchive { vault: vault(), description: None, body: hashes.try_into().unwrap() };
    let now = harness.now();
    let mut buf = [0; 2048];
    let done = harness.client.upload(&operation, body, now, &mut buf).await;
    done.map(|output| output.tree_hash.unwrap()).map_err(|error| match error {
        Error::Service(error) => Error::Service(error),
        other => panic!("{other:?}"),
    })
}

fn data() -> Vec<u8> {
    (0..2 * LEAF + 77).map(|at| (at % 247) as u8).collect()
}

#[tokio::test]
async fn a_prehashed_body_is_read_once_and_any_other_twice() {
    let (mut harness, data) = (Harness::with_vault().await, data());
    let mut plain = Counted(Bytes::new(&data), 0);
    assert_eq!(upload(&mut harness, &mut plain).await.unwrap(), tree(&data));
    assert_eq!(plain.1, 2 * data.len());

    // The SHA-256 of another crate, the tree hash by its definition.
    let given = PayloadHashes::from_parts(LinearHash::from_bytes(Sha256::digest(&data).into()), tree(&data), data.len() as u64);
    let mut hashed = Prehashed::new(Counted(Bytes::new(&data), 0), given).unwrap();
    assert_eq!(upload(&mut harness, &mut hashed).await.unwrap(), tree(&data));
    assert_eq!(hashed.into_source().1, data.len());
}

#[tokio::test]
async fn hashes_of_other_bytes_are_a_service_error() {
    let (mut harness, mut data) = (Harness::with_vault().await, data());
    let given = hashes(&data);
    data[LEAF] ^= 1;
    let mut hashed = Prehashed::new(Bytes::new(&data), given).unwrap();
    let (code, _) = service_error(upload(&mut harness, &mut hashed).await);
    assert_eq!(code, ErrorCode::InvalidParameterValue);
    assert!(crate::harness::files(harness.folder.path(), "blobs").is_empty());
}
