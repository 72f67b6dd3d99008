//! A stream into a vault: in one request when it fits one part, in parts above that.

use std::io;

use glacier_core::values::{LayoutError, MAX_PARTS};
use glacier_core::{Client, PartSize, ProvideCredentials, Source, Transport};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::observe::Event;
use super::pace::Manner;
use super::part;
use super::spool::Spool;
use super::upload::{Upload, unfinished};
use super::upload_error::UploadError;
use super::way::{Archived, DEFAULT_PART_SIZE, Passes, part_size_for};

/// Uploads all that comes out of `input`, whose length need not be known. One part at a time is kept in a temporary file, and hashed on
/// the way there; parts go up one after the other, whatever [`Upload::concurrency`] says, so that the disk needs room for one. `expected_size` in bytes chooses the part size; without it and without one in `upload`, parts of 64 MiB reach
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
    let passes = Passes::new(manner.observer);
    let mut way = upload.way(client, manner, &passes);
    let mut more = fill(&mut spool, input, part_size, &passes).await?;
    let hashes = spool.hashes().map_err(UploadError::Spool)?;
    if !more {
        return way.archive(&mut spool, Some(hashes)).await;
    }
    let mut parts = way.begin(part_size, None).await?;
    let done = async {
        loop {
            let (first, hashes) = (parts.sent(), spool.hashes().map_err(UploadError::Spool)?);
            part::send(&mut way, parts.upload_id(), first, &mut spool, Some(hashes)).await?;
            parts.acknowledge(first, hashes, manner.observer);
            if !more {
                return parts.complete(&mut way).await;
            }
            // All of them were whole.
            match parts.sent() / part_size.bytes() {
                MAX_PARTS => return Err(UploadError::TooLong { part_size }),
                WARN_AT => manner.observer.note(Event::PartsRunOut { used: WARN_AT, part_size }),
                _ => {}
            }
            more = fill(&mut spool, input, part_size, &passes).await?;
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
        (None, wanted) => Ok(wanted.unwrap_or(DEFAULT_PART_SIZE)),
    }
}

/// Fills the spool with the next part; says whether anything comes behind it.
async fn fill<T, R: AsyncBufRead + Unpin>(
    spool: &mut Spool,
    input: &mut R,
    part_size: PartSize,
    passes: &Passes<'_>,
) -> Result<bool, UploadError<T, io::Error>> {
    spool.restart().map_err(UploadError::Spool)?;
    loop {
        let piece = input.fill_buf().await.map_err(UploadError::Read)?;
        let room = usize::try_from(part_size.bytes() - spool.size()).unwrap_or(usize::MAX);
        let Some(piece) = piece.get(..room.min(piece.len())).filter(|piece| !piece.is_empty()) else {
            return Ok(room == 0 && !piece.is_empty());
        };
        spool.push(piece).map_err(UploadError::Spool)?;
        let taken = piece.len();
        input.consume(taken);
        passes.hashed.add(taken as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::DEFAULT_CONCURRENCY;
    use crate::transfer::test_support::{Asked, Broken, Script, client, tree_hash};

    const MIB: usize = 1 << 20;
    const ID: [(&str, &str); 1] = [("x-amz-archive-id", "A")];

    fn data(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at % 251) as u8).collect()
    }

    /// An upload in parts of 1 MiB, and what was asked for on the way.
    async fn stream(script: Script, input: &[u8]) -> (Result<Archived, UploadError<Broken, io::Error>>, Vec<Asked>) {
        let asked = script.asked();
        let upload = Upload {
            vault: "v".try_into().unwrap(),
            description: None,
            part_size: Some(PartSize::MIN),
            concurrency: DEFAULT_CONCURRENCY,
        };
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

    #[test]
    fn a_stream_has_64_mib_parts_unless_its_size_is_expected() {
        let mib = |expected, wanted| stream_part_size(expected, wanted).map(|part| part.bytes() / MIB as u64);
        assert_eq!(mib(None, None), Ok(64));
        assert_eq!(mib(Some(1 << 40), None), Ok(128));
        assert_eq!(mib(Some(5), Some(PartSize::MIN)), Ok(1));
        assert!(mib(Some(1 << 40), Some(PartSize::MIN)).is_err());
    }
}
