//! Vaults and archives from creation to deletion, through the client.

use glacier_core::ops::*;
use glacier_core::*;
use glacier_std::local::*;

use crate::harness::{LEAF, *};

#[tokio::test]
async fn a_vault_and_an_archive_from_creation_to_deletion() {
    let mut harness = Harness::new();
    let now = harness.now();
    let mut buf = [0; 4096];
    let made = harness.client.send(&CreateVault { vault: vault() }, now, &mut buf).await.unwrap();
    assert_eq!(made.location, Some("/000000000000/vaults/v"));
    harness.clock.advance(5000);
    // Creating it again changes nothing.
    harness.client.send(&CreateVault { vault: vault() }, now, &mut buf).await.unwrap();

    let response = harness.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await.unwrap();
    assert_eq!(response.arn.unwrap().as_plain(), Some("arn:aws:glacier:us-east-1:000000000000:vaults/v"));
    assert_eq!(response.creation_date.unwrap().as_plain(), Some("2026-01-02T03:04:05.678Z"));
    assert_eq!((response.number_of_archives, response.size_in_bytes), (None, None));
    assert!(response.last_inventory_date.is_none());

    let body = data(3 * LEAF + 17);
    let id = harness.upload(&body, "the first, \"quoted\"").await;
    assert_eq!(id.len(), 138);
    // Two equal uploads are two archives.
    let twin = harness.upload(&body, "").await;
    assert_ne!(id, twin);

    let response = harness.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await.unwrap();
    assert_eq!((response.number_of_archives, response.size_in_bytes), (Some(2), Some(2 * body.len() as u64)));
    assert_eq!(response.last_inventory_date.unwrap().as_plain(), Some("2026-01-02T03:04:10.678Z"));

    let job = harness.retrieve(&id, None).await;
    let whole = harness.output(&job, None).await.unwrap();
    assert_eq!((whole.status, whole.tree), (200, Some(tree(&body))));
    assert_eq!(whole.description.as_deref(), Some("the first, \"quoted\""));
    assert_eq!(whole.content_type, "application/octet-stream");
    assert!(whole.data == body);

    let (code, message) = service_error(harness.client.send(&DeleteVault { vault: vault() }, now, &mut buf).await);
    assert_eq!(code, ErrorCode::InvalidParameterValue);
    assert_eq!(message, "Vault not empty or recently written to: arn:aws:glacier:us-east-1:000000000000:vaults/v");

    for archive in [&id, &twin, &id] {
        let archive = archive.as_str().try_into().unwrap();
        harness.client.send(&DeleteArchive { vault: vault(), archive }, now, &mut buf).await.unwrap();
    }
    assert!(harness.output(&job, None).await.unwrap() == whole, "a prepared output outlives its archive");
    assert_eq!(files(harness.folder.path(), "blobs").len(), 1);

    for _ in 0..2 {
        harness.client.send(&DeleteVault { vault: vault() }, now, &mut buf).await.unwrap();
    }
    let (code, message) = service_error(harness.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await);
    assert_eq!((code, message.starts_with("Vault not found for ARN: arn:aws:glacier:")), (ErrorCode::ResourceNotFound, true));
    assert_eq!(files(harness.folder.path(), "blobs"), [""; 0]);
}

#[tokio::test]
async fn parts_in_any_order_make_one_archive() {
    let mut harness = Harness::with_vault().await;
    let body = data(5 * LEAF + LEAF / 2);
    let id = harness.begin(PartSize::MIN).await;
    assert_eq!(id.len(), 92);
    let parts: Vec<&[u8]> = body.chunks(LEAF).collect();
    // The last part comes first, and the third one replaces another.
    harness.part(&id, 2 * LEAF, &data(LEAF)).await.unwrap();
    for n in [5, 0, 3, 2, 1, 4] {
        harness.part(&id, n * LEAF, parts[n]).await.unwrap();
    }
    assert_eq!(files(harness.folder.path(), "blobs").len(), 6, "the part that was replaced is gone");

    let archive = harness.complete(&id, &body).await.unwrap();
    assert_eq!(harness.complete(&id, &body).await.unwrap(), archive, "completing again gives the same archive");
    assert_eq!(files(harness.folder.path(), "blobs").len(), 6, "nothing was copied");
    assert!(harness.fetch(&archive).await == body);

    let abort = AbortMultipartUpload { vault: vault(), upload: id.as_str().try_into().unwrap() };
    let now = harness.now();
    assert_eq!(service_error(harness.client.send(&abort, now, &mut [0; 2048]).await).0, ErrorCode::ResourceNotFound);
    assert_eq!(service_error(harness.part(&id, 0, parts[0]).await).0, ErrorCode::ResourceNotFound);

    let deleted = archive.as_str().try_into().unwrap();
    harness.client.send(&DeleteArchive { vault: vault(), archive: deleted }, now, &mut [0; 2048]).await.unwrap();
    assert_eq!(files(harness.folder.path(), "blobs").len(), 6, "they are the output of a job");
    assert_eq!(harness.complete(&id, &body).await.unwrap(), archive.as_str(), "which archive it was is not forgotten yet");
    harness.clock.advance(DAY);
    harness.vaults.catch_up().await.unwrap();
    assert_eq!(files(harness.folder.path(), "blobs"), [""; 0]);
    assert_eq!(service_error(harness.complete(&id, &body).await).0, ErrorCode::ResourceNotFound);
}

#[tokio::test]
async fn an_upload_that_cannot_be_completed_stays_open() {
    let mut harness = Harness::with_vault().await;
    let body = data(3 * LEAF);
    let id = harness.begin(PartSize::MIN).await;
    assert!(service_error(harness.complete(&id, &body).await).1.starts_with("No part was uploaded"));
    harness.part(&id, 0, &body[..LEAF]).await.unwrap();
    harness.part(&id, 2 * LEAF, &body[2 * LEAF..]).await.unwrap();
    assert_eq!(
        service_error(harness.complete(&id, &body).await).1,
        format!("Missing part: bytes {LEAF}-{} were not uploaded", 2 * LEAF - 1)
    );
    harness.part(&id, LEAF, &body[LEAF..LEAF + 5]).await.unwrap();
    let (_, message) = service_error(harness.complete(&id, &body).await);
    assert!(message.starts_with(&format!("Invalid part: bytes {LEAF}-{} are shorter", LEAF + 4)), "{message}");
    harness.part(&id, LEAF, &body[LEAF..2 * LEAF]).await.unwrap();
    let (_, message) = service_error(harness.complete(&id, &body[1..]).await);
    assert!(message.starts_with(&format!("Invalid x-amz-archive-size: {}.", 3 * LEAF - 1)), "{message}");
    let (code, message) =
        service_error(harness.complete(&id, &data(3 * LEAF - 1).iter().chain(&[0]).copied().collect::<Vec<_>>()).await);
    assert_eq!(code, ErrorCode::InvalidParameterValue);
    assert!(message.starts_with("Checksum mismatch: expected "), "{message}");
    let archive = harness.complete(&id, &body).await.unwrap();
    assert!(harness.fetch(&archive).await == body);
}

#[tokio::test]
async fn aborting_twice_is_not_an_error_and_leaves_nothing() {
    let mut harness = Harness::with_vault().await;
    let id = harness.begin(PartSize::MIN).await;
    harness.part(&id, 0, &data(LEAF)).await.unwrap();
    let now = harness.now();
    for _ in 0..2 {
        let abort = AbortMultipartUpload { vault: vault(), upload: id.as_str().try_into().unwrap() };
        harness.client.send(&abort, now, &mut [0; 2048]).await.unwrap();
    }
    assert_eq!(files(harness.folder.path(), "blobs"), [""; 0]);
    assert_eq!(service_error(harness.part(&id, 0, &data(5)).await).0, ErrorCode::ResourceNotFound);
    assert_eq!(service_error(harness.complete(&id, &data(5)).await).0, ErrorCode::ResourceNotFound);
    // A vault is deleted with the uploads that are open in it.
    let open = harness.begin(PartSize::MIN).await;
    harness.part(&open, 0, &data(7)).await.unwrap();
    harness.client.send(&DeleteVault { vault: vault() }, now, &mut [0; 2048]).await.unwrap();
    assert_eq!(files(harness.folder.path(), "blobs"), [""; 0]);
}

/// Every aligned retrieval and every kind of range of its output. A tree hash comes exactly where section 5.4 wants one.
#[tokio::test]
async fn ranges_of_retrieved_ranges() {
    let mut harness = Harness::with_vault().await;
    let body = data(6 * LEAF + LEAF / 2);
    let whole = harness.upload(&body, "").await;
    let upload = harness.begin(PartSize::from_bytes(2 * LEAF as u64).unwrap()).await;
    for (n, part) in body.chunks(2 * LEAF).enumerate() {
        harness.part(&upload, n * 2 * LEAF, part).await.unwrap();
    }
    let parts = harness.complete(&upload, &body).await.unwrap();
    // The reference's table for 6.5 leaves: which ranges of whole leaves are nodes of the tree.
    let nodes = [(0, 2), (0, 4), (0, 7), (2, 4), (4, 6), (4, 7)];
    let is_node = |first: usize, end: usize| end - first == 1 || nodes.contains(&(first, end));
    for archive in [&whole, &parts] {
        for first in 0..7 {
            for end in first + 1..=7 {
                let bytes = &body[first * LEAF..body.len().min(end * LEAF)];
                let range = ByteRange::with_length((first * LEAF) as u64, bytes.len() as u64).unwrap();
                let job = harness.retrieve(archive, Some(range)).await;
                let got = harness.output(&job, None).await.unwrap();
                assert!(got.data == bytes, "{range}");
                assert_eq!(got.tree, is_node(first, end).then(|| tree(bytes)), "{range}");

                let now = harness.now();
                let mut buf = [0; 4096];
                let operation = DescribeJob { vault: vault(), job: job.as_str().try_into().unwrap() };
                let response = harness.client.send(&operation, now, &mut buf).await.unwrap();
                assert_eq!(response.status(), StatusCode::Succeeded);
                let hash = |text: Option<Text<'_>>| text.map(|text| text.as_plain().unwrap().to_owned());
                assert_eq!(hash(response.sha256_tree_hash), is_node(first, end).then(|| tree(bytes).to_string()));
                assert_eq!(hash(response.archive_sha256_tree_hash), Some(tree(&body).to_string()));
                assert_eq!(hash(response.retrieval_byte_range), Some(range.to_string()));
                assert_eq!(response.archive_size_in_bytes, Some(body.len() as u64));
            }
        }
        // From the fifth leaf to the end, which is a node: the hash comes with aligned ranges of it only.
        let range = ByteRange::new(4 * LEAF as u64, body.len() as u64 - 1).unwrap();
        let job = harness.retrieve(archive, Some(range)).await;
        let rest = &body[4 * LEAF..];
        let bytes = |first, last| Range::Bytes(ByteRange::new(first, last).unwrap());
        let leaf = LEAF as u64;
        for (range, first, end, hashed) in [
            (bytes(0, leaf - 1), 0, LEAF, true),
            (bytes(leaf, 2 * leaf - 1), LEAF, 2 * LEAF, true),
            (bytes(0, 2 * leaf - 1), 0, 2 * LEAF, true),
            (Range::From(2 * leaf), 2 * LEAF, rest.len(), true),
            (Range::Last(rest.len() as u64), 0, rest.len(), true),
            (bytes(0, 9 * leaf), 0, rest.len(), true),
            (bytes(leaf, 3 * leaf), LEAF, rest.len(), false),
            (bytes(0, leaf), 0, LEAF + 1, false),
            (Range::Last(5), rest.len() - 5, rest.len(), false),
        ] {
            let got = harness.output(&job, Some(range)).await.unwrap();
            assert_eq!(got.status, 206);
            assert!(got.data == rest[first..end], "{range:?}");
            assert_eq!(got.tree, hashed.then(|| tree(&rest[first..end])), "{range:?}");
            assert_eq!(got.content_range, Some(format!("bytes {first}-{}/{}", end - 1, rest.len())));
        }
        let (code, message) = service_error(harness.output(&job, Some(Range::From(rest.len() as u64))).await);
        assert_eq!(code, ErrorCode::InvalidParameterValue);
        assert_eq!(message, format!("The start of the range is larger than size of retrieved data: bytes={}-", rest.len()));
    }
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let mut harness = Harness::with_vault().await;
    let body = data(2 * LEAF + 1);
    let archive = harness.upload(&body, "kept").await;
    let upload = harness.begin(PartSize::MIN).await;
    harness.part(&upload, 0, &body[..LEAF]).await.unwrap();
    let job = harness.retrieve(&archive, None).await;
    let Harness { vaults, client: old, clock, folder } = harness;
    drop((vaults, old));
    let vaults = Vaults::open(folder.path(), Settings::default().with_clock(clock.clone())).unwrap();
    assert_eq!(vaults.found(), []);
    let mut harness = Harness { client: client(&vaults), vaults, clock, folder };
    assert!(harness.output(&job, None).await.unwrap().data == body);
    harness.part(&upload, LEAF, &body[LEAF..2 * LEAF]).await.unwrap();
    harness.part(&upload, 2 * LEAF, &body[2 * LEAF..]).await.unwrap();
    let second = harness.complete(&upload, &body).await.unwrap();
    assert!(harness.fetch(&second).await == body);
}

/// The transport is `Send`, and so are the futures: uploads and lists run on other threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_at_a_time() {
    let harness = Harness::with_vault().await;
    let now = harness.now();
    let tasks: Vec<_> = (0..8usize)
        .map(|n| {
            let mut client = client(&harness.vaults);
            tokio::spawn(async move {
                let body = data(LEAF + n);
                let operation = UploadArchive { vault: vault(), description: None, body: hashes(&body).try_into().unwrap() };
                let mut buf = [0; 2048];
                let id = client
                    .upload(&operation, &mut Bytes::new(&body), now, &mut buf)
                    .await
                    .unwrap()
                    .archive_id()
                    .unwrap()
                    .as_str()
                    .to_owned();
                let mut list = client.list(&ListVaults::default(), now, &mut buf).await.unwrap();
                assert!(list.next().await.unwrap().unwrap().number_of_archives >= Some(1));
                (id, body)
            })
        })
        .collect();
    let mut harness = harness;
    for task in tasks {
        let (id, body) = task.await.unwrap();
        assert!(harness.fetch(&id).await == body);
    }
    let response = harness.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.json();
    assert_eq!((&response["NumberOfArchives"], &response["SizeInBytes"]), (&8.into(), &(8 * LEAF + 28).into()));
}
