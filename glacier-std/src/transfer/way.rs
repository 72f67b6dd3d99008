//! What all requests of an upload share, and those that do not belong to a part: the one of a small archive, and the first of a large one.

use std::fmt;

use glacier_core::ops::{BodyHashes, InitiateMultipartUpload, UploadArchive, UploadArchiveOutput};
use glacier_core::values::LayoutError;
use glacier_core::{
    Client, DecodeError, Description, Error, LEAF_SIZE, Layout, PartSize, PayloadHashes, ProvideCredentials, Transport, TreeHash,
    VaultRef,
};

use super::body::Body;
use super::observe::{Event, Observer};
use super::pace::Manner;
use super::part::is_refused;
use super::parts::Parts;
use super::tally::{Metered, Tally};
use super::upload_error::UploadError;

/// The size of the parts when nothing else is asked for, and the largest archive that goes up in one request then: 64 MiB.
pub const DEFAULT_PART_SIZE: PartSize = match PartSize::from_bytes(64 * LEAF_SIZE) {
    Ok(size) => size,
    Err(_) => panic!("64 leaves are a part size"),
};

/// The part size for an archive of `size` bytes: `wanted`, or else the default, raised to the smallest that fits 10,000 parts.
///
/// # Errors
/// [`LayoutError`] when `wanted` does not fit the archive, or no size does.
pub fn part_size_for(size: u64, wanted: Option<PartSize>) -> Result<PartSize, LayoutError> {
    match wanted {
        Some(wanted) => Layout::new(size, wanted).map(|layout| layout.part_size()),
        None => PartSize::smallest_for(size).map(|least| least.max(DEFAULT_PART_SIZE)),
    }
}

/// An archive that the service has, with the tree hash that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The archive's id. Nothing else names it.
    pub archive_id: String,
    /// Its tree hash.
    pub checksum: TreeHash,
    /// Its path at the service.
    pub location: Option<String>,
    /// Bytes in it.
    pub size: u64,
}

impl Archived {
    pub(super) fn new(receipt: &UploadArchiveOutput<'_>, checksum: TreeHash, size: u64) -> Result<Self, DecodeError> {
        let archive_id = receipt.archive_id()?.as_str().into();
        Ok(Archived { archive_id, checksum, location: receipt.location.map(Into::into), size })
    }
}

/// Bytes for a request and its answer.
pub(super) const CALL: usize = 16 << 10;

/// How far both passes are.
pub(super) struct Passes<'w> {
    pub(super) hashed: Tally<'w>,
    pub(super) sent: Tally<'w>,
}

impl<'w> Passes<'w> {
    pub(super) fn new(observer: &'w dyn Observer) -> Self {
        Passes { hashed: Tally::new(Event::Hashed, observer), sent: Tally::new(Event::Sent, observer) }
    }
}

/// The way to a vault.
pub(super) struct Way<'w, T, C> {
    pub(super) client: &'w mut Client<T, C>,
    pub(super) vault: VaultRef<'w>,
    pub(super) description: Option<Description<'w>>,
    pub(super) manner: Manner<'w>,
    pub(super) passes: &'w Passes<'w>,
}

impl<T: Transport, C: ProvideCredentials> Way<'_, T, C> {
    /// Uploads all of `body` in one request.
    pub(super) async fn archive<S: Body>(
        &mut self,
        body: &mut S,
        hashes: Option<PayloadHashes>,
    ) -> Result<Archived, UploadError<T::Error, S::Error>>
    where
        S::Error: fmt::Display,
    {
        let hashes = self.hashes(body, hashes).await?;
        // Only an empty body and one beyond 4 GiB are refused, and the part size keeps the latter away.
        let size = BodyHashes::try_from(hashes).map_err(|_| UploadError::Empty)?;
        let operation = UploadArchive { vault: self.vault, description: self.description, body: size };
        let mut buf = vec![0; CALL];
        let mut metered = Metered::new(body, &self.passes.sent);
        let mut pace = self.manner.pace();
        match self.client.upload_retrying(&operation, &mut metered, self.manner.transfer, &mut pace, &mut buf).await {
            Ok(receipt) => {
                let archived = Archived::new(&receipt, hashes.tree, hashes.size);
                archived.map_err(|error| UploadError::MayExist(error.into()))
            }
            Err(error) if is_refused(&error) && has_changed(body, &hashes).await? => Err(UploadError::Changed),
            Err(error) => Err(UploadError::of_last_request(error)),
        }
    }

    /// Begins a multipart upload; `parts` is how many there will be, when that is known.
    pub(super) async fn begin<S>(&mut self, part_size: PartSize, parts: Option<u64>) -> Result<Parts, UploadError<T::Error, S>> {
        let Way { client, vault, description, manner, .. } = self;
        let operation = InitiateMultipartUpload { vault: *vault, part_size, description: *description };
        let mut buf = vec![0; CALL];
        let receipt = client.send_retrying(&operation, manner.control, &mut manner.pace(), &mut buf).await;
        let upload_id = receipt.and_then(|receipt| Ok(receipt.upload_id()?.as_str().to_owned())).map_err(Error::widen)?;
        manner.observer.note(Event::UploadBegun { upload_id: &upload_id, part_size, parts });
        Ok(Parts::new(upload_id, part_size, parts))
    }

    /// The hashes that are known, or else those of a pass over the body.
    pub(super) async fn hashes<S: Body>(
        &self,
        body: &mut S,
        known: Option<PayloadHashes>,
    ) -> Result<PayloadHashes, UploadError<T::Error, S::Error>> {
        match known {
            Some(hashes) => Ok(hashes),
            None => Ok(body.hashes_counted(&self.passes.hashed).await?),
        }
    }
}

/// Whether a body reads otherwise than it did.
pub(super) async fn has_changed<T, S: Body>(body: &mut S, hashes: &PayloadHashes) -> Result<bool, UploadError<T, S::Error>> {
    Ok(body.hashes_counted(&Tally::new(Event::Hashed, &())).await? != *hashes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{Fickle, Log, PART, Script, client, refusal, tree_hash};

    #[test]
    fn the_part_size_grows_with_the_archive() {
        let mib = |size, wanted| part_size_for(size, wanted).map(|part| part.bytes() / glacier_core::MIB);
        assert_eq!(mib(1, None), Ok(64));
        assert_eq!(mib(10_000 << 26, None), Ok(64));
        assert_eq!(mib((10_000 << 26) + 1, None), Ok(128));
        assert_eq!(mib(5, Some(PartSize::MIN)), Ok(1));
        let error = mib((10_000 << 20) + 1, Some(PartSize::MIN)).unwrap_err();
        assert!(error.to_string().contains("use parts of 2 MiB or more"), "{error}");
    }

    /// Uploads a body in one request; what came of it, and the repetitions.
    async fn upload(script: Script, turn: u32) -> (Result<Archived, String>, Vec<String>) {
        let (mut client, log) = (client(script), Log::default());
        let passes = Passes::new(&log);
        let (vault, manner) = ("v".try_into().unwrap(), Manner::new(&log));
        let mut way = Way { client: &mut client, vault, description: None, manner, passes: &passes };
        let result = way.archive(&mut Fickle::new(turn), None).await;
        let repeats = log.lines().into_iter().filter(|line| line.starts_with("repeating")).collect();
        (result.map_err(|error| error.to_string()), repeats)
    }

    const ID: [(&str, &str); 2] = [("x-amz-archive-id", "-A"), ("location", "/x")];

    #[tokio::test]
    async fn one_request_makes_an_archive() {
        let (archived, _) = upload(Script::new().takes(&ID), 9).await;
        let checksum = tree_hash(&[1; PART]);
        let expected = Archived { archive_id: "-A".into(), checksum, location: Some("/x".into()), size: PART as u64 };
        assert_eq!(archived, Ok(expected));
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_request_is_not_sent_again_blindly() {
        let (archived, repeats) = upload(Script::new().broken(), 9).await;
        assert!(archived.unwrap_err().contains("may exist all the same"));
        assert!(repeats.is_empty());
        // A refused connection is tried again, ten times in all: nothing was sent.
        let (archived, repeats) = upload(Script::new().refused().takes(&ID), 9).await;
        assert_eq!((archived.unwrap().archive_id.as_str(), repeats.len()), ("-A", 1));
        let (archived, repeats) = upload((0..10).fold(Script::new(), |script, _| script.refused()), 9).await;
        assert!(!archived.unwrap_err().contains("may exist"), "there was no connection");
        assert_eq!(repeats.len(), 9);
        let busy = refusal("RequestTimeoutException");
        let (archived, repeats) = upload(Script::new().answer(408, &[], &busy).takes(&ID), 9).await;
        assert_eq!((archived.unwrap().archive_id.as_str(), repeats.len()), ("-A", 1));
    }

    #[tokio::test]
    async fn an_archive_without_an_id_or_with_another_hash_is_no_success() {
        let none = upload(Script::new().takes(&[]), 9).await.0.unwrap_err();
        assert!(none.contains("x-amz-archive-id") && none.contains("may exist"), "{none}");
        let other = upload(Script::new().answer(201, &[ID[0], ("x-amz-sha256-tree-hash", &"0".repeat(64))], ""), 9).await;
        assert!(other.0.unwrap_err().contains("delete the archive -A"));
    }

    #[tokio::test]
    async fn a_refused_body_that_reads_otherwise_has_changed() {
        let mismatch = refusal("InvalidParameterValueException");
        // Hashed, then changed, then sent.
        let script = Script::new().answer(400, &[], &mismatch);
        assert!(upload(script, 2).await.0.unwrap_err().starts_with("it changed while"));
        let script = Script::new().answer(400, &[], &mismatch);
        assert!(upload(script, 99).await.0.unwrap_err().contains("400 InvalidParameterValueException"));
    }
}
