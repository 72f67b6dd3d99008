//! A file or a stream into a vault: in one request when it fits one part, in parts above that.

use std::io;

use glacier_core::range::{LayoutError, MAX_PARTS};
use glacier_core::{Client, Description, Layout, PartSize, ProvideCredentials, Transport, VaultRef};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::observe::{Event, Observer};
use super::pace::Manner;
use super::parts::{Archived, Parts, Way, part_size_for};
use super::spool::Spool;
use super::upload_error::UploadError;
use crate::file::{FileError, FileSource};

/// Where an upload goes, and how.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// A text to keep with the archive.
    pub description: Option<Description<'a>>,
    /// The size of the parts. When `None`, [`DEFAULT_PART_SIZE`](super::DEFAULT_PART_SIZE), or the smallest that is large enough.
    pub part_size: Option<PartSize>,
}

/// Uploads a file. It is read twice, part by part: once to hash a part and once to send it.
///
/// Dropping the future leaves what was sent of a multipart upload at the service, which drops it a day later.
///
/// # Errors
/// [`UploadError`]; of a file that changes while it is uploaded nothing becomes an archive.
pub async fn upload_file<T: Transport, C: ProvideCredentials>(
    client: &mut Client<T, C>,
    file: &mut FileSource,
    upload: &Upload<'_>,
    manner: Manner<'_>,
) -> Result<Archived, UploadError<T::Error, FileError>> {
    let size = glacier_core::Source::size(file);
    let layout = Layout::new(size, part_size_for(size, upload.part_size)?)?;
    let mut way = upload.way(client, manner);
    if layout.count() == 1 {
        return way.archive(file, None).await;
    }
    let mut parts = way.begin(layout.part_size(), Some(layout.count())).await?;
    let done = async {
        for range in layout.parts() {
            let mut part = file.range(range).map_err(UploadError::Read)?;
            parts.send(&mut way, &mut part, None).await?;
        }
        parts.complete(&mut way).await
    };
    let done = done.await;
    done.map_err(|cause| unfinished(&parts, cause))
}

/// Uploads all that comes out of `input`, whose length need not be known. One part at a time is kept in a temporary file, and hashed on
/// the way there. `expected_size` in bytes chooses the part size; without it and without one in `upload`, parts of 64 MiB reach
/// 640,000 MiB.
///
/// Dropping the future leaves what was sent of a multipart upload at the service, which drops it a day later.
///
/// # Errors
/// [`UploadError`]
pub async fn upload_stream<T, C, R>(
    client: &mut Client<T, C>,
    input: &mut R,
    expected_size: Option<u64>,
    upload: &Upload<'_>,
    manner: Manner<'_>,
) -> Result<Archived, UploadError<T::Error, io::Error>>
where
    T: Transport,
    C: ProvideCredentials,
    R: AsyncBufRead + Unpin,
{
    let part_size = stream_part_size(expected_size, upload.part_size)?;
    let mut spool = Spool::new().map_err(UploadError::Spool)?;
    let mut way = upload.way(client, manner);
    let mut more = fill(&mut spool, input, part_size, 0, manner.observer).await?;
    let hashes = spool.hashes().map_err(UploadError::Spool)?;
    if !more {
        return way.archive(&mut spool, Some(hashes)).await;
    }
    let mut parts = way.begin(part_size, None).await?;
    let done = async {
        loop {
            let hashes = spool.hashes().map_err(UploadError::Spool)?;
            parts.send(&mut way, &mut spool, Some(hashes)).await?;
            if !more {
                return parts.complete(&mut way).await;
            }
            match parts.count() {
                MAX_PARTS => return Err(UploadError::TooLong { part_size }),
                WARN_AT => manner.observer.note(Event::PartsRunOut { used: WARN_AT, part_size }),
                _ => {}
            }
            more = fill(&mut spool, input, part_size, parts.sent(), manner.observer).await?;
        }
    };
    let done = done.await;
    done.map_err(|cause| unfinished(&parts, cause))
}

/// Parts of a stream after which it is told that they run out: 80 of 100.
const WARN_AT: u64 = MAX_PARTS / 5 * 4;

/// The part size for a stream of which at most the size that is expected is known.
///
/// # Errors
/// [`LayoutError`] when what is expected does not fit 10,000 parts.
pub fn stream_part_size(expected: Option<u64>, wanted: Option<PartSize>) -> Result<PartSize, LayoutError> {
    match (expected, wanted) {
        (Some(expected), wanted) => part_size_for(expected, wanted),
        (None, wanted) => Ok(wanted.unwrap_or(super::DEFAULT_PART_SIZE)),
    }
}

/// Fills the spool with the next part; says whether anything comes behind it.
async fn fill<T, R: AsyncBufRead + Unpin>(
    spool: &mut Spool,
    input: &mut R,
    part_size: PartSize,
    first: u64,
    observer: &dyn Observer,
) -> Result<bool, UploadError<T, io::Error>> {
    spool.restart().map_err(UploadError::Spool)?;
    loop {
        let piece = input.fill_buf().await.map_err(UploadError::Read)?;
        let size = glacier_core::Source::size(spool);
        let room = usize::try_from(part_size.bytes() - size).unwrap_or(usize::MAX);
        let Some(piece) = piece.get(..room.min(piece.len())).filter(|piece| !piece.is_empty()) else {
            return Ok(room == 0 && !piece.is_empty());
        };
        spool.push(piece).map_err(UploadError::Spool)?;
        let taken = piece.len();
        input.consume(taken);
        observer.note(Event::Hashed(first + size + taken as u64));
    }
}

fn unfinished<T, S>(parts: &Parts, cause: UploadError<T, S>) -> UploadError<T, S> {
    match cause {
        // There is an archive, and no upload any more.
        UploadError::Mismatch { .. } => cause,
        cause => UploadError::Unfinished { upload_id: parts.upload_id().into(), sent: parts.sent(), cause: Box::new(cause) },
    }
}

impl<'w> Upload<'w> {
    fn way<T, C>(&self, client: &'w mut Client<T, C>, manner: Manner<'w>) -> Way<'w, T, C> {
        Way { client, vault: self.vault, description: self.description, manner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::Archived;
    use crate::transfer::test_support::{Asked, Broken, Log, Script, client, tree_hash};

    const MIB: usize = 1 << 20;
    const ID: [(&str, &str); 1] = [("x-amz-archive-id", "A")];

    fn data(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at % 251) as u8).collect()
    }

    /// An upload in parts of 1 MiB, and what was asked for on the way.
    async fn stream(script: Script, input: &[u8]) -> (Result<Archived, UploadError<Broken, io::Error>>, Vec<Asked>) {
        let asked = script.asked();
        let upload = Upload { vault: "v".try_into().unwrap(), description: None, part_size: Some(PartSize::MIN) };
        // Pieces that fit nowhere.
        let mut input = tokio::io::BufReader::with_capacity(99_991, input);
        let result = upload_stream(&mut client(script), &mut input, None, &upload, Manner::new(&())).await;
        let asked = asked.lock().unwrap().clone();
        (result, asked)
    }

    #[tokio::test]
    async fn a_stream_up_to_one_part_is_one_request() {
        for size in [1, MIB - 1, MIB] {
            let (archived, asked) = stream(Script::new().takes(&ID), &data(size)).await;
            assert_eq!(archived.unwrap().checksum, tree_hash(&data(size)));
            let [only] = &asked[..] else { panic!("{} requests", asked.len()) };
            assert_eq!((only.line.as_str(), only.body.as_slice()), ("POST /-/vaults/v/archives", data(size).as_slice()));
        }
    }

    #[tokio::test]
    async fn a_longer_stream_goes_up_in_parts_in_order() {
        for (size, ranges) in [
            (MIB + 1, vec!["bytes 0-1048575/*", "bytes 1048576-1048576/*"]),
            (2 * MIB, vec!["bytes 0-1048575/*", "bytes 1048576-2097151/*"]),
        ] {
            let script =
                Script::new().answer(201, &[("x-amz-multipart-upload-id", "U")], "").takes(&[]).takes(&[]).answer(201, &ID, "");
            let (archived, asked) = stream(script, &data(size)).await;
            let archived = archived.unwrap();
            assert_eq!((archived.checksum, archived.size), (tree_hash(&data(size)), size as u64));
            let parts = &asked[1..3];
            assert_eq!(parts.iter().map(|part| part.range.as_str()).collect::<Vec<_>>(), ranges);
            assert_eq!(parts.iter().flat_map(|part| part.body.clone()).collect::<Vec<_>>(), data(size));
            assert_eq!(asked[3].line, "POST /-/vaults/v/multipart-uploads/U");
        }
    }

    #[tokio::test]
    async fn an_empty_stream_is_refused_before_anything_is_sent() {
        let (archived, asked) = stream(Script::new(), b"").await;
        assert!(matches!(archived, Err(UploadError::Empty)));
        assert!(asked.is_empty());
    }

    #[tokio::test]
    async fn a_failed_part_leaves_the_upload_and_names_it() {
        let script = Script::new().answer(201, &[("x-amz-multipart-upload-id", "U")], "").takes(&[]).answer(403, &[], "{}");
        let (archived, _) = stream(script, &data(2 * MIB)).await;
        let Err(UploadError::Unfinished { upload_id, sent, .. }) = archived else { panic!("{archived:?}") };
        assert_eq!((upload_id.as_str(), sent), ("U", MIB as u64));
    }

    #[tokio::test]
    async fn a_file_goes_up_in_one_request_or_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, data(2 * MIB + 5)).unwrap();
        let mut upload = Upload { vault: "v".try_into().unwrap(), description: None, part_size: None };
        let script = Script::new().takes(&ID);
        let asked = script.asked();
        let archived =
            upload_file(&mut client(script), &mut FileSource::open(&path).unwrap(), &upload, Manner::new(&())).await.unwrap();
        assert_eq!((archived.checksum, asked.lock().unwrap().len()), (tree_hash(&data(2 * MIB + 5)), 1));

        upload.part_size = Some(PartSize::MIN);
        let script = Script::new()
            .answer(201, &[("x-amz-multipart-upload-id", "U")], "")
            .takes(&[])
            .takes(&[])
            .takes(&[])
            .answer(201, &ID, "");
        let (asked, log) = (script.asked(), Log::default());
        let archived =
            upload_file(&mut client(script), &mut FileSource::open(&path).unwrap(), &upload, Manner::new(&log)).await.unwrap();
        assert_eq!(archived.checksum, tree_hash(&data(2 * MIB + 5)));
        let asked = asked.lock().unwrap();
        assert_eq!(asked[1..4].iter().flat_map(|part| part.body.clone()).collect::<Vec<_>>(), data(2 * MIB + 5));
        let steps: Vec<_> = log.lines().into_iter().filter(|line| line.starts_with(['u', 'p'])).collect();
        assert_eq!(steps, ["upload U 1048576 Some(3)", "part 0", "part 1", "part 2"]);
    }

    #[test]
    fn a_stream_has_64_mib_parts_unless_its_size_is_expected() {
        let mib = |expected, wanted| stream_part_size(expected, wanted).map(|part| part.bytes() / MIB as u64);
        assert_eq!(mib(None, None), Ok(64));
        assert_eq!(mib(Some(1 << 40), None), Ok(128));
        assert_eq!(mib(Some(5), Some(PartSize::MIN)), Ok(1));
        assert!(mib(Some(1 << 40), Some(PartSize::MIN)).is_err());
    }

    /// A transfer can be given to a runtime with many threads, when the transport can.
    #[test]
    fn transfers_are_send() {
        fn check(_: impl Send) {}
        let (mut client, upload) =
            (client(Script::new()), Upload { vault: "v".try_into().unwrap(), description: None, part_size: None });
        check(upload_stream(&mut client, &mut &b""[..], None, &upload, Manner::new(&())));
        let mut file = FileSource::open(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).unwrap();
        check(upload_file(&mut client, &mut file, &upload, Manner::new(&())));
    }
}
