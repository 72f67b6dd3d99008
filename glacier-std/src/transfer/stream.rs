//! Uploads a stream: in one request when it fits into one part, otherwise as a multipart upload.

use std::io;

use glacier_core::transfer::Step;
use glacier_core::values::MAX_PARTS;
use glacier_core::{Client, KeepState, PartSize, ProvideCredentials, Source, Transport};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::context::{UploadContext, UploadProgress};
use super::multipart::MultipartUpload;
use super::observer::Event;
use super::options::{TransferOptions, UploadRequest};
use super::part::{hashed, perform};
use super::part_size::stream_part_size;
use super::single_request::upload_archive;
use super::spool::Spool;
use super::upload_error::UploadError;
use super::uploaded::UploadedArchive;

/// Uploads everything that `input` supplies; its length need not be known. One part at a time is kept in a temporary file and
/// hashed while it is received. Parts are uploaded one by one, whatever [`UploadRequest::concurrency`] says, so that the disk needs
/// room for one. `expected_size` in bytes determines the part size; without it and without one in `upload`, parts of 64 MiB hold up
/// to 640,000 MiB.
///
/// # Errors
/// [`UploadError`]
///
/// # Cancel safety
/// Dropping the future leaves the parts of a multipart upload at the service, which deletes them a day later.
pub async fn upload_stream<T, C, K, R>(
    client: &mut Client<T, C, K>,
    input: &mut R,
    expected_size: Option<u64>,
    upload: &UploadRequest<'_>,
    options: TransferOptions<'_>,
) -> Result<UploadedArchive, UploadError<T::Error, io::Error>>
where
    T: Transport,
    C: ProvideCredentials,
    K: KeepState,
    R: AsyncBufRead + Unpin,
{
    upload.check_description()?;
    let part_size = stream_part_size(expected_size, upload.part_size)?;
    let mut spool = Spool::new().map_err(UploadError::Spool)?;
    let progress = UploadProgress::new(options.observer);
    let mut context = UploadContext::new(client, upload, options, &progress);
    let mut more = fill(&mut spool, input, part_size, &progress).await?;
    if !more {
        let hashes = spool.hashes().map_err(UploadError::Spool)?;
        return upload_archive(&mut context, &mut spool, Some(hashes)).await;
    }
    let multipart = MultipartUpload::initiate(&mut context, part_size, None, 1).await?;
    let result = async {
        // The part that the spool has.
        let mut spooled = 0;
        loop {
            let step = multipart.next().await;
            match step {
                Step::Hash(part) => {
                    if part.index != spooled {
                        if part.index == WARN_AT {
                            options.observer.note(Event::PartsRunningOut { used: WARN_AT, part_size });
                        }
                        more = fill(&mut spool, input, part_size, &progress).await?;
                        spooled = part.index;
                    }
                    if !more {
                        multipart.report(|state| state.ended(part.range.first() + spool.size()));
                    }
                    hashed(&multipart, part, spool.hashes().map_err(UploadError::Spool)?)?;
                }
                Step::Complete { size, tree_hash } => return multipart.complete(&mut context, (size, tree_hash)).await,
                // It has not ended, as that is known with each part.
                Step::LookForEnd => return Err(UploadError::TooLong { part_size }),
                step => perform(&mut context, &multipart, step, &mut spool).await?,
            }
        }
    };
    let result = result.await;
    result.map_err(|cause| multipart.unfinished(cause))
}

/// The number of parts after which the observer is warned: 80 of 100.
const WARN_AT: u64 = MAX_PARTS / 5 * 4;

/// Fills the spool with the next part. Returns whether the stream continues after it.
async fn fill<T, R: AsyncBufRead + Unpin>(
    spool: &mut Spool,
    input: &mut R,
    part_size: PartSize,
    progress: &UploadProgress<'_>,
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
        progress.hashed.add(taken as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::{archive, client, initiated, part_stored, tree_hash};
    use glacier_core::testing::{RecordedRequest, Reply, ScriptedError, ScriptedTransport};

    const MIB: usize = 1 << 20;

    fn data(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at % 251) as u8).collect()
    }

    /// Uploads a stream in parts of 1 MiB. Returns the result and the requests.
    async fn stream(
        replies: impl IntoIterator<Item = Reply>,
        input: &[u8],
    ) -> (Result<UploadedArchive, UploadError<ScriptedError, io::Error>>, Vec<RecordedRequest>) {
        let transport = ScriptedTransport::new(replies);
        let upload = UploadRequest::new("v".try_into().unwrap()).with_part_size(PartSize::MIN);
        // Pieces that do not divide a part.
        let mut input = tokio::io::BufReader::with_capacity(99_991, input);
        let result = upload_stream(&mut client(transport.clone()), &mut input, None, &upload, TransferOptions::new(&())).await;
        (result, transport.requests())
    }

    #[tokio::test]
    async fn a_stream_of_up_to_one_part_is_one_request() {
        for size in [1, MIB - 1, MIB] {
            let (uploaded, received) = stream([archive("A").with_tree_hash()], &data(size)).await;
            assert_eq!(uploaded.unwrap().checksum, tree_hash(&data(size)));
            let [only] = &received[..] else { panic!("{} requests", received.len()) };
            assert_eq!((only.to_string().as_str(), only.body.as_slice()), ("POST /-/vaults/v/archives", data(size).as_slice()));
        }
    }

    #[tokio::test]
    async fn a_longer_stream_is_uploaded_in_parts_in_order() {
        for (size, ranges) in [
            (MIB + 1, vec!["bytes 0-1048575/*", "bytes 1048576-1048576/*"]),
            (2 * MIB, vec!["bytes 0-1048575/*", "bytes 1048576-2097151/*"]),
        ] {
            let replies = [initiated("U"), part_stored(), part_stored(), archive("A")];
            let (uploaded, received) = stream(replies, &data(size)).await;
            let uploaded = uploaded.unwrap();
            assert_eq!((uploaded.checksum, uploaded.size), (tree_hash(&data(size)), size as u64));
            let parts = &received[1..3];
            assert_eq!(parts.iter().filter_map(|part| part.header("content-range")).collect::<Vec<_>>(), ranges);
            assert_eq!(parts.iter().flat_map(|part| part.body.clone()).collect::<Vec<_>>(), data(size));
            assert_eq!(received[3].to_string(), "POST /-/vaults/v/multipart-uploads/U");
        }
    }

    #[tokio::test]
    async fn an_empty_stream_is_an_error_and_nothing_is_sent() {
        let (uploaded, received) = stream([], b"").await;
        assert!(matches!(uploaded, Err(UploadError::Empty)));
        assert!(received.is_empty());
    }

    #[tokio::test]
    async fn after_a_failed_part_the_error_names_the_upload() {
        let replies = [initiated("U"), part_stored(), Reply::json(403, "{}")];
        let (uploaded, _) = stream(replies, &data(2 * MIB)).await;
        let Err(UploadError::Unfinished { upload_id, sent, .. }) = uploaded else { panic!("{uploaded:?}") };
        assert_eq!((upload_id.as_str(), sent), ("U", MIB as u64));
    }
}
