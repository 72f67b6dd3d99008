//! Bodies whose hashes are known: each is read once, to be sent.

use embedded_io_async::{ErrorType, Read};
use glacier_core::ops::UploadArchive;
use glacier_core::*;
use sha2::{Digest, Sha256};

use crate::bench::{Bench, MIB, hashes, refusal, tree, vault};

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

/// As any flow uploads: it asks the body for its hashes.
async fn upload<S: Source<Error: std::fmt::Debug>>(
    bench: &mut Bench,
    body: &mut S,
) -> Result<TreeHash, Error<glacier_std::local::LocalError>> {
    let hashes = body.hashes(&mut [0; 4096]).await.unwrap();
    let operation = UploadArchive { vault: vault(), description: None, body: hashes.try_into().unwrap() };
    let now = bench.now();
    let mut buf = [0; 2048];
    let done = bench.client.upload(&operation, body, now, &mut buf).await;
    done.map(|receipt| receipt.tree_hash.unwrap()).map_err(|error| match error {
        Error::Service(refusal) => Error::Service(refusal),
        other => panic!("{other:?}"),
    })
}

fn data() -> Vec<u8> {
    (0..2 * MIB + 77).map(|at| (at % 247) as u8).collect()
}

#[tokio::test]
async fn a_body_with_given_hashes_is_read_once_and_another_twice() {
    let (mut bench, data) = (Bench::with_vault().await, data());
    let mut plain = Counted(Bytes::new(&data), 0);
    assert_eq!(upload(&mut bench, &mut plain).await.unwrap(), tree(&data));
    assert_eq!(plain.1, 2 * data.len());

    // The SHA-256 from elsewhere, the tree hash from the definition.
    let given = PayloadHashes::from_parts(LinearHash::from_bytes(Sha256::digest(&data).into()), tree(&data), data.len() as u64);
    let mut hashed = Prehashed::new(Counted(Bytes::new(&data), 0), given).unwrap();
    assert_eq!(upload(&mut bench, &mut hashed).await.unwrap(), tree(&data));
    assert_eq!(hashed.into_source().1, data.len());
}

#[tokio::test]
async fn given_hashes_of_other_bytes_make_no_archive() {
    let (mut bench, mut data) = (Bench::with_vault().await, data());
    let given = hashes(&data);
    data[MIB] ^= 1;
    let mut hashed = Prehashed::new(Bytes::new(&data), given).unwrap();
    let (code, _) = refusal(upload(&mut bench, &mut hashed).await);
    assert_eq!(code, ErrorCode::InvalidParameterValue);
    assert!(crate::bench::files(bench.folder.path(), "blobs").is_empty());
}
