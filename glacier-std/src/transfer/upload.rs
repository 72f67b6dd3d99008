//! Uploads a file: in one request when it fits into one part, otherwise in parts, several of them at the same time.

use futures_util::stream::{FuturesUnordered, StreamExt};
use glacier_core::transfer::{Step, WINDOW};
use glacier_core::{Client, KeepState, Layout, ProvideCredentials, Source, Transport, TreeHash};

use super::context::{UploadContext, UploadProgress};
use super::multipart::MultipartUpload;
use super::options::{TransferOptions, UploadRequest};
use super::part::perform;
use super::part_size::part_size_for;
use super::single_request::upload_archive;
use super::upload_error::UploadError;
use super::uploaded::UploadedArchive;
use crate::file::{FileError, FileSource};

/// Uploads a file. Each part is read twice: once to hash it, on a blocking thread, and once to send it, within this future. Parts
/// are uploaded at the same time by clones of `client`; when one fails for good, the others are stopped. Nothing is spawned.
///
/// # Errors
/// [`UploadError`]; of a file that changes while it is uploaded nothing becomes an archive.
///
/// # Cancel safety
/// Dropping the future stops all parts. It leaves the parts of a multipart upload at the service, which deletes them a day later.
///
/// # Panics
/// Outside a tokio runtime.
pub async fn upload_file<T, C, K>(
    client: &mut Client<T, C, K>,
    file: &mut FileSource,
    upload: &UploadRequest<'_>,
    options: TransferOptions<'_>,
) -> Result<UploadedArchive, UploadError<T::Error, FileError>>
where
    T: Transport + Clone,
    C: ProvideCredentials + Clone,
    K: KeepState + Clone,
{
    upload.check_description()?;
    let size = file.size();
    let layout = Layout::new(size, part_size_for(size, upload.part_size)?)?;
    let progress = UploadProgress::new(options.observer);
    let mut context = UploadContext::new(client, upload, options, &progress);
    if layout.count() == 1 {
        return upload_archive(&mut context, file, None).await;
    }
    let workers = usize::from(upload.concurrency.get()).min(usize::try_from(layout.count()).unwrap_or(usize::MAX)).min(WINDOW);
    let multipart = MultipartUpload::initiate(&mut context, layout.part_size(), Some(size), workers).await?;
    let clients: Vec<_> = (0..workers).map(|_| context.client.clone()).collect();
    let mut workers: FuturesUnordered<_> = clients
        .into_iter()
        .map(async |mut client| work(&mut UploadContext::new(&mut client, upload, options, &progress), file, &multipart).await)
        .collect();
    // Whoever is told that all parts are acknowledged, or fails, ends first; the others are dropped where they are.
    let ended = workers.next().await;
    drop(workers);
    let result = match ended {
        Some(Ok(archive)) => multipart.complete(&mut context, archive).await,
        Some(Err(cause)) => Err(cause),
        None => Err(UploadError::Empty),
    };
    result.map_err(|cause| multipart.unfinished(cause))
}

/// Performs one step after the other until all parts are acknowledged. Returns size and tree hash of the archive.
async fn work<T: Transport, C: ProvideCredentials, K: KeepState>(
    context: &mut UploadContext<'_, T, C, K>,
    file: &FileSource,
    upload: &MultipartUpload,
) -> Result<(u64, TreeHash), UploadError<T::Error, FileError>> {
    loop {
        let step = upload.next().await;
        let part = match step {
            Step::Hash(part) | Step::Check(part) | Step::Send(part, _) => part,
            Step::Complete { size, tree_hash } => return Ok((size, tree_hash)),
            // There is no other step of an upload that was initiated, whose size is known.
            _ => continue,
        };
        let mut body = file.range(part.range).map_err(UploadError::Read)?;
        perform(context, upload, step, &mut body).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::stream::upload_stream;
    use crate::transfer::test_support::{
        EventLog, PART, archive, client, first_byte, initiated, lost, part_stored, slow_service, tree_hash,
    };
    use glacier_core::PartSize;
    use glacier_core::testing::{RecordedRequest, Reply, ScriptedTransport};
    use std::time::Duration;

    const MIB: u64 = 1 << 20;

    fn data(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at % 251) as u8).collect()
    }

    fn file(bytes: &[u8]) -> (tempfile::TempDir, FileSource) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        let file = FileSource::open(&path).unwrap();
        (folder, file)
    }

    /// An upload in parts of 1 MiB.
    fn in_parts(concurrency: u8) -> UploadRequest<'static> {
        UploadRequest::new("v".try_into().unwrap()).with_part_size(PartSize::MIN).with_concurrency(concurrency.try_into().unwrap())
    }

    /// The bodies of all parts, in the order of their ranges.
    fn in_order(transport: &ScriptedTransport) -> Vec<u8> {
        let mut parts: Vec<RecordedRequest> = transport.requests();
        parts.retain(|request| first_byte(request).is_some());
        parts.sort_by_key(first_byte);
        parts.into_iter().flat_map(|part| part.body).collect()
    }

    /// The parts that were sent, by their number, each attempt by itself.
    fn sent_parts(transport: &ScriptedTransport) -> Vec<u64> {
        transport.requests().iter().filter_map(first_byte).map(|first| first / MIB).collect()
    }

    fn is_completed(transport: &ScriptedTransport) -> bool {
        transport.requests().iter().any(|request| request.to_string() == "POST /-/vaults/v/multipart-uploads/U")
    }

    #[tokio::test]
    async fn a_description_that_an_archive_would_not_keep_is_not_sent() {
        let (_folder, mut file) = file(b"x");
        let transport = ScriptedTransport::new([]);
        let upload = in_parts(1).with_description("x ".try_into().unwrap());
        let uploaded = upload_file(&mut client(transport.clone()), &mut file, &upload, TransferOptions::new(&())).await;
        assert!(matches!(uploaded, Err(UploadError::Description(_))), "{uploaded:?}");
        let uploaded =
            upload_stream(&mut client(transport.clone()), &mut &b"x"[..], None, &upload, TransferOptions::new(&())).await;
        assert!(matches!(uploaded, Err(UploadError::Description(_))), "{uploaded:?}");
        assert_eq!(transport.requests().len(), 0);
    }

    #[tokio::test]
    async fn a_file_is_uploaded_in_one_request_or_in_parts() {
        let bytes = data(2 * PART + 5);
        let (_folder, mut file) = file(&bytes);
        let transport = ScriptedTransport::new([archive("A").with_tree_hash()]);
        let upload = UploadRequest::new("v".try_into().unwrap());
        let uploaded = upload_file(&mut client(transport.clone()), &mut file, &upload, TransferOptions::new(&())).await.unwrap();
        assert_eq!((uploaded.checksum, transport.requests().len()), (tree_hash(&bytes), 1));

        for concurrency in [1, 2, 4, 255] {
            let transport = ScriptedTransport::new([initiated("U"), part_stored(), part_stored(), part_stored(), archive("A")]);
            let (upload, log) = (in_parts(concurrency), EventLog::default());
            let uploaded =
                upload_file(&mut client(transport.clone()), &mut file, &upload, TransferOptions::new(&log)).await.unwrap();
            assert_eq!(uploaded.checksum, tree_hash(&bytes));
            assert_eq!(in_order(&transport), bytes);
            let mut steps: Vec<_> = log.lines().into_iter().filter(|line| line.starts_with(['u', 'p'])).collect();
            steps.sort();
            assert_eq!(steps, ["part 0", "part 1", "part 2", "upload U 1048576 Some(3)"]);
            assert!(log.lines().contains(&format!("sent {}", bytes.len())), "all bytes are counted");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn n_parts_are_uploaded_at_the_same_time_and_no_more() {
        let bytes = data(9 * PART + 1);
        let (_folder, mut file) = file(&bytes);
        for concurrency in [1, 3, 64] {
            // The first takes longest, so that the others overtake it.
            let (transport, counts) = slow_service(|part, _| (Duration::from_secs(100 - part), part_stored()));
            let upload = in_parts(concurrency);
            let uploaded =
                upload_file(&mut client(transport.clone()), &mut file, &upload, TransferOptions::new(&())).await.unwrap();
            assert_eq!(uploaded.checksum, tree_hash(&bytes));
            assert_eq!(in_order(&transport), bytes);
            let counts = counts.lock().unwrap();
            assert_eq!((counts.most, counts.now), (u32::from(concurrency).min(10), 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_a_part_fails_the_others_are_stopped_and_the_error_says_what_was_acknowledged() {
        let (_folder, mut file) = file(&data(8 * PART));
        // Parts 0 and 2 are stored, part 3 is rejected while 1 and 4 are being uploaded.
        let (transport, counts) = slow_service(|part, _| match part {
            3 => (Duration::from_secs(5), Reply::status(403)),
            0 | 2 => (Duration::from_secs(1), part_stored()),
            _ => (Duration::from_secs(60), part_stored()),
        });
        let upload = in_parts(3);
        let error = upload_file(&mut client(transport.clone()), &mut file, &upload, TransferOptions::new(&())).await.unwrap_err();
        let UploadError::Unfinished { upload_id, sent, cause } = error else { panic!("{error}") };
        assert_eq!((upload_id.as_str(), sent), ("U", 2 * MIB));
        assert!(matches!(*cause, UploadError::Call(_)), "{cause}");
        assert_eq!(counts.lock().unwrap().now, 0, "parts are still being uploaded");
        let parts = sent_parts(&transport);
        assert!(parts.iter().all(|part| *part < 5) && !parts.is_empty(), "{parts:?}");
        assert!(!is_completed(&transport));
    }

    #[tokio::test(start_paused = true)]
    async fn a_damaged_part_is_sent_once_more_among_the_others() {
        let bytes = data(4 * PART);
        let (_folder, mut file) = file(&bytes);
        let (transport, _) = slow_service(|part, tries| match (part, tries) {
            (2, 0) => (Duration::from_secs(9), Reply::status(204).header("x-amz-sha256-tree-hash", &"0".repeat(64))),
            (1, 0) => (Duration::from_secs(1), lost()),
            _ => (Duration::from_secs(2), part_stored()),
        });
        let (upload, log) = (in_parts(4), EventLog::default());
        let uploaded = upload_file(&mut client(transport.clone()), &mut file, &upload, TransferOptions::new(&log)).await.unwrap();
        assert_eq!(uploaded.checksum, tree_hash(&bytes));
        let parts = sent_parts(&transport);
        let [retry] = &log.retries()[..] else { panic!("{:?}", log.retries()) };
        assert_eq!(retry, "UploadMultipartPart 1: 1 no response from the service: scripted ConnectionReset");
        assert_eq!([0, 1, 2, 3].map(|part| parts.iter().filter(|sent| **sent == part).count()), [1, 2, 2, 1]);
        assert_eq!(log.lines().iter().rev().find(|line| line.starts_with("sent")), Some(&format!("sent {}", 4 * MIB)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_changes_does_not_become_an_archive() {
        let (folder, mut file) = file(&data(6 * PART));
        let path = folder.path().join("f");
        let (transport, counts) = slow_service(move |part, _| {
            if part == 2 {
                std::fs::write(&path, data(5 * PART)).unwrap();
            }
            (Duration::from_secs(1), part_stored())
        });
        let upload = in_parts(2);
        let error = upload_file(&mut client(transport.clone()), &mut file, &upload, TransferOptions::new(&())).await.unwrap_err();
        assert!(matches!(&error, UploadError::Unfinished { .. }) && error.cause().to_string().contains("changed"), "{error}");
        assert_eq!(counts.lock().unwrap().now, 0);
        assert!(!is_completed(&transport));
    }

    /// A transfer can be given to a runtime with many threads, when the transport can.
    #[test]
    fn transfers_are_send() {
        fn check(_: impl Send) {}
        let (mut client, upload) = (client(ScriptedTransport::default()), UploadRequest::new("v".try_into().unwrap()));
        check(upload_stream(&mut client, &mut &b""[..], None, &upload, TransferOptions::new(&())));
        let mut file = FileSource::open(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).unwrap();
        check(upload_file(&mut client, &mut file, &upload, TransferOptions::new(&())));
    }
}
