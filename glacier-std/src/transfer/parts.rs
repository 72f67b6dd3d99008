//! An archive on its way up: in one request, or part by part.

use std::fmt;

use glacier_core::ops::{
    ArchiveReceipt, BodySize, CompleteMultipartUpload, InitiateMultipartUpload, UploadArchive, UploadMultipartPart,
};
use glacier_core::range::LayoutError;
use glacier_core::{
    Client, Code, DecodeError, Description, Error, Layout, PartSize, PayloadHashes, ProvideCredentials, Source, Transport,
    TreeHash, TreeHasher, UploadId, VaultRef, hash_source,
};

use super::metered::Metered;
use super::observe::Event;
use super::pace::{Manner, may_have_happened};
use super::upload_error::UploadError;

/// The size of the parts when nothing else is asked for, and the largest archive that goes up in one request then: 64 MiB.
pub const DEFAULT_PART_SIZE: PartSize = match PartSize::from_mib(64) {
    Ok(size) => size,
    Err(_) => panic!("64 MiB is a part size"),
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
    fn new(receipt: &ArchiveReceipt<'_>, checksum: TreeHash, size: u64) -> Result<Self, DecodeError> {
        let archive_id = receipt.archive_id()?.as_str().into();
        Ok(Archived { archive_id, checksum, location: receipt.location.map(Into::into), size })
    }
}

/// Bytes for reading and hashing.
const READ: usize = 256 << 10;
/// Bytes for a request and its answer.
const CALL: usize = 16 << 10;

/// The way to a vault: what all requests of an upload share.
pub(super) struct Way<'w, T, C> {
    pub(super) client: &'w mut Client<T, C>,
    pub(super) vault: VaultRef<'w>,
    pub(super) description: Option<Description<'w>>,
    pub(super) manner: Manner<'w>,
}

impl<T: Transport, C: ProvideCredentials> Way<'_, T, C> {
    /// Uploads all of `source` in one request.
    pub(super) async fn archive<S: Source>(
        &mut self,
        source: &mut S,
        hashes: Option<PayloadHashes>,
    ) -> Result<Archived, UploadError<T::Error, S::Error>>
    where
        S::Error: fmt::Display,
    {
        let hashes = match hashes {
            Some(hashes) => hashes,
            None => self.hash(source, 0).await?,
        };
        // Only an empty body and one beyond 4 GiB are refused, and the part size keeps the latter away.
        let body = BodySize::try_from(hashes).map_err(|_| UploadError::Empty)?;
        let operation = UploadArchive { vault: self.vault, description: self.description, body };
        let mut buf = vec![0; CALL];
        let mut body = Metered::new(source, 0, Event::Sent, self.manner.observer);
        let mut pace = self.manner.pace();
        match self.client.upload_retrying(&operation, &mut body, self.manner.transfer, &mut pace, &mut buf).await {
            Ok(receipt) => {
                let archived = Archived::new(&receipt, hashes.tree, hashes.size);
                archived.map_err(|error| UploadError::MayExist(error.into()))
            }
            Err(error) if is_refused(&error) && self.hash(source, 0).await? != hashes => Err(UploadError::Changed),
            Err(error) => Err(UploadError::of_last_request(error)),
        }
    }

    /// Begins a multipart upload; `parts` is how many there will be, when that is known.
    pub(super) async fn begin<S>(&mut self, part_size: PartSize, parts: Option<u64>) -> Result<Parts, UploadError<T::Error, S>> {
        let Way { client, vault, description, manner } = self;
        let operation = InitiateMultipartUpload { vault: *vault, part_size, description: *description };
        let mut buf = vec![0; CALL];
        let receipt = client.send_retrying(&operation, manner.control, &mut manner.pace(), &mut buf).await;
        let upload_id = receipt.and_then(|receipt| Ok(receipt.upload_id()?.as_str().to_owned())).map_err(Error::widen)?;
        manner.observer.note(Event::UploadBegun { upload_id: &upload_id, part_size, parts });
        Ok(Parts { upload_id, part_size, parts, sent: 0, hasher: TreeHasher::new(), last: None })
    }

    async fn hash<S: Source>(&self, source: &mut S, first: u64) -> Result<PayloadHashes, UploadError<T::Error, S::Error>> {
        let mut read = vec![0; READ];
        Ok(hash_source(&mut Metered::new(source, first, Event::Hashed, self.manner.observer), &mut read).await?)
    }
}

/// A multipart upload that has begun. Its parts go up in order.
pub(super) struct Parts {
    upload_id: String,
    part_size: PartSize,
    parts: Option<u64>,
    sent: u64,
    hasher: TreeHasher,
    /// The tree hash of the last part, when it is shorter than the others.
    last: Option<TreeHash>,
}

impl Parts {
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn count(&self) -> u64 {
        self.sent.div_ceil(self.part_size.bytes())
    }

    pub(super) fn upload_id(&self) -> &str {
        &self.upload_id
    }

    /// Sends the next part, which is whole but for the last.
    pub(super) async fn send<T: Transport, C: ProvideCredentials, S: Source>(
        &mut self,
        way: &mut Way<'_, T, C>,
        source: &mut S,
        hashes: Option<PayloadHashes>,
    ) -> Result<(), UploadError<T::Error, S::Error>>
    where
        S::Error: fmt::Display,
    {
        let hashes = match hashes {
            Some(hashes) => hashes,
            None => way.hash(source, self.sent).await?,
        };
        let upload = id(&self.upload_id)?;
        let operation = UploadMultipartPart::new(way.vault, upload, self.sent, hashes).map_err(|_| UploadError::Empty)?;
        let mut buf = vec![0; CALL];
        let mut pace = way.manner.pace();
        for damaged_before in [false, true] {
            let mut body = Metered::new(source, self.sent, Event::Sent, way.manner.observer);
            let error = match way.client.upload_retrying(&operation, &mut body, way.manner.transfer, &mut pace, &mut buf).await {
                Ok(_) => break,
                Err(error) => error,
            };
            let in_doubt = is_refused(&error) || matches!(error, Error::Decode(DecodeError::TreeHashMismatch));
            if in_doubt && way.hash(source, self.sent).await? != hashes {
                return Err(UploadError::Changed);
            }
            // What was damaged on the way is worth one more try.
            if !in_doubt || damaged_before {
                return Err(error.into());
            }
        }
        let index = self.count();
        if hashes.size == self.part_size.bytes() {
            // Only behind a part that is not whole could it not begin here, and such a part is the last.
            self.hasher.push_part(self.part_size, hashes.tree).map_err(|_| UploadError::Changed)?;
        } else {
            self.last = Some(hashes.tree);
        }
        self.sent += hashes.size;
        way.manner.observer.note(Event::PartDone { index, parts: self.parts });
        Ok(())
    }

    /// Makes the archive of the parts.
    pub(super) async fn complete<T: Transport, C: ProvideCredentials, S>(
        &self,
        way: &mut Way<'_, T, C>,
    ) -> Result<Archived, UploadError<T::Error, S>> {
        let hasher = self.hasher.clone();
        let tree_hash = match self.last {
            Some(last) => hasher.finish_with_last_part(last),
            None => hasher.finish(),
        };
        let tree_hash = tree_hash.map_err(|_| LayoutError::TooLarge { size: self.sent })?;
        let upload = id(&self.upload_id)?;
        let operation = CompleteMultipartUpload { vault: way.vault, upload, archive_size: self.sent, tree_hash };
        let mut buf = vec![0; CALL];
        let mut pace = way.manner.pace();
        let receipt = match way.client.send_retrying(&operation, way.manner.transfer, &mut pace, &mut buf).await {
            Ok(receipt) => receipt,
            // Gone after a try without a good answer: that one may have made the archive.
            Err(error) if pace.has_waited() || may_have_happened(&error) => return Err(UploadError::MayExist(error.widen())),
            Err(error) => return Err(UploadError::Call(error.widen())),
        };
        let archived = Archived::new(&receipt, tree_hash, self.sent).map_err(|error| UploadError::MayExist(error.into()))?;
        // Some answers have no tree hash; the service has compared the one of the request.
        match receipt.tree_hash.filter(|theirs| *theirs != tree_hash) {
            Some(theirs) => Err(UploadError::Mismatch { archive_id: archived.archive_id, ours: tree_hash, theirs }),
            None => Ok(archived),
        }
    }
}

/// The id of an upload that the service has named.
fn id<T, S>(text: &str) -> Result<UploadId<'_>, UploadError<T, S>> {
    UploadId::try_from(text).map_err(|_| UploadError::Call(DecodeError::MissingHeader("x-amz-multipart-upload-id").into()))
}

/// Whether the service refused a body, as it does when the bytes do not have the hashes that were announced.
fn is_refused<T, S>(error: &Error<T, S>) -> bool {
    match error {
        Error::Service(refusal) => match refusal.code {
            Code::InvalidParameterValue | Code::BadRequest | Code::InvalidSignature => true,
            _ => refusal.status == 400 && refusal.code == Code::Unknown,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{Log, Script, client, refusal, tree_hash};
    use embedded_io_async::{ErrorType, Read};

    const PART: usize = 1 << 20;

    #[test]
    fn the_part_size_grows_with_the_archive() {
        let mib = |size, wanted| part_size_for(size, wanted).map(|part| part.bytes() / glacier_core::hash::MIB);
        assert_eq!(mib(1, None), Ok(64));
        assert_eq!(mib(10_000 << 26, None), Ok(64));
        assert_eq!(mib((10_000 << 26) + 1, None), Ok(128));
        assert_eq!(mib(5, Some(PartSize::MIN)), Ok(1));
        let error = mib((10_000 << 20) + 1, Some(PartSize::MIN)).unwrap_err();
        assert!(error.to_string().contains("use parts of 2 MiB or more"), "{error}");
    }

    /// A body that is another from the `turn`-th time on that it is read.
    struct Fickle {
        first: Vec<u8>,
        then: Vec<u8>,
        turn: u32,
        rewound: u32,
        at: usize,
    }

    impl Fickle {
        fn new(turn: u32) -> Self {
            Fickle { first: vec![1; PART], then: vec![2; PART], turn, rewound: 0, at: 0 }
        }
    }

    impl ErrorType for Fickle {
        type Error = std::io::Error;
    }
    impl Read for Fickle {
        async fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let bytes = if self.rewound < self.turn { &self.first } else { &self.then };
            let got = into.len().min(bytes.len() - self.at);
            into[..got].copy_from_slice(&bytes[self.at..self.at + got]);
            self.at += got;
            Ok(got)
        }
    }
    impl Source for Fickle {
        fn size(&self) -> u64 {
            self.first.len() as u64
        }
        async fn rewind(&mut self) -> std::io::Result<()> {
            (self.rewound, self.at) = (self.rewound + 1, 0);
            Ok(())
        }
    }

    /// Uploads a body in one request, or as the only part of a multipart upload.
    async fn upload(script: Script, turn: u32, in_parts: bool) -> (Result<Archived, String>, Vec<String>) {
        let (mut client, log) = (client(script), Log::default());
        let mut way = Way { client: &mut client, vault: "v".try_into().unwrap(), description: None, manner: Manner::new(&log) };
        let mut body = Fickle::new(turn);
        let result = if in_parts {
            let mut parts = way.begin::<std::io::Error>(PartSize::MIN, Some(1)).await.unwrap();
            match parts.send(&mut way, &mut body, None).await {
                Ok(()) => parts.complete(&mut way).await,
                Err(error) => Err(error),
            }
        } else {
            way.archive(&mut body, None).await
        };
        let repeats = log.lines().into_iter().filter(|line| line.starts_with("repeating")).collect();
        (result.map_err(|error| error.to_string()), repeats)
    }

    fn begun() -> Script {
        Script::new().answer(201, &[("x-amz-multipart-upload-id", "-U")], "")
    }

    const ID: [(&str, &str); 2] = [("x-amz-archive-id", "-A"), ("location", "/x")];

    #[tokio::test]
    async fn one_request_makes_an_archive() {
        let (archived, _) = upload(Script::new().takes(&ID), 9, false).await;
        let checksum = tree_hash(&[1; PART]);
        let expected = Archived { archive_id: "-A".into(), checksum, location: Some("/x".into()), size: PART as u64 };
        assert_eq!(archived, Ok(expected));
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_request_is_not_sent_again_blindly() {
        let (archived, repeats) = upload(Script::new().broken(), 9, false).await;
        assert!(archived.unwrap_err().contains("may exist all the same"));
        assert!(repeats.is_empty());
        let (archived, _) = upload(Script::new().refused(), 9, false).await;
        assert!(!archived.unwrap_err().contains("may exist"), "there was no connection");
        let busy = refusal("RequestTimeoutException");
        let (archived, repeats) = upload(Script::new().answer(408, &[], &busy).takes(&ID), 9, false).await;
        assert_eq!((archived.unwrap().archive_id.as_str(), repeats.len()), ("-A", 1));
    }

    #[tokio::test]
    async fn an_archive_without_an_id_or_with_another_hash_is_no_success() {
        let none = upload(Script::new().takes(&[]), 9, false).await.0.unwrap_err();
        assert!(none.contains("x-amz-archive-id") && none.contains("may exist"), "{none}");
        let other = upload(Script::new().answer(201, &[ID[0], ("x-amz-sha256-tree-hash", &"0".repeat(64))], ""), 9, false).await;
        assert!(other.0.unwrap_err().contains("another tree hash"));
        let whole = begun().takes(&[]).answer(201, &[ID[0], ("x-amz-sha256-tree-hash", &"0".repeat(64))], "");
        assert!(upload(whole, 9, true).await.0.unwrap_err().contains("delete it and upload again: -A"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_is_tried_ten_times() {
        let busy = refusal("ThrottlingException");
        let mut script = begun().broken().answer(500, &[], "").answer(429, &[], "").answer(400, &[], &busy);
        for _ in 0..5 {
            script = script.broken();
        }
        let (archived, repeats) = upload(script.takes(&[]).answer(201, &ID, ""), 99, true).await;
        assert_eq!(archived.unwrap().checksum, tree_hash(&[1; PART]));
        assert_eq!(repeats.len(), 9);
        let script = (0..10).fold(begun(), |script, _| script.broken());
        assert!(upload(script, 99, true).await.0.unwrap_err().contains("scripted"));
    }

    #[tokio::test]
    async fn a_refused_body_that_reads_otherwise_has_changed() {
        let mismatch = refusal("InvalidParameterValueException");
        // Hashed, then changed, then sent.
        let script = Script::new().answer(400, &[], &mismatch);
        assert!(upload(script, 2, false).await.0.unwrap_err().starts_with("it changed while"));
        let script = begun().answer(400, &[], &mismatch);
        assert!(upload(script, 2, true).await.0.unwrap_err().starts_with("it changed while"));
        let script = begun().answer(204, &[("x-amz-sha256-tree-hash", &"0".repeat(64))], "");
        assert!(upload(script, 2, true).await.0.unwrap_err().starts_with("it changed while"));
    }

    #[tokio::test]
    async fn a_part_that_was_damaged_on_the_way_is_sent_once_more() {
        let mismatch = refusal("InvalidParameterValueException");
        let script = begun().answer(400, &[], &mismatch).takes(&[]).answer(201, &ID, "");
        assert!(upload(script, 99, true).await.0.is_ok());
        let script = begun().answer(400, &[], &mismatch).answer(400, &[], &mismatch);
        assert!(upload(script, 99, true).await.0.unwrap_err().contains("400 InvalidParameterValueException"));
        let script = Script::new().answer(400, &[], &mismatch);
        assert!(upload(script, 99, false).await.0.unwrap_err().contains("400 InvalidParameterValueException"));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_lost_answer_to_the_last_request_the_archive_may_exist() {
        let gone = refusal("ResourceNotFoundException");
        let (archived, _) = upload(begun().takes(&[]).broken().answer(404, &[], &gone), 99, true).await;
        assert!(archived.unwrap_err().contains("may exist all the same"));
        let (archived, _) = upload(begun().takes(&[]).answer(404, &[], &gone), 99, true).await;
        assert!(!archived.unwrap_err().contains("may exist"));
    }
}
