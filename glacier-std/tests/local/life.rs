//! The whole life of vaults and archives, through the client.

use glacier_core::ops::*;
use glacier_core::*;
use glacier_std::local::*;

use crate::bench::{MIB, *};

#[tokio::test]
async fn a_vault_and_an_archive_from_the_first_day_to_the_last() {
    let mut bench = Bench::new();
    let now = bench.now();
    let mut buf = [0; 4096];
    let made = bench.client.send(&CreateVault { vault: vault() }, now, &mut buf).await.unwrap();
    assert_eq!(made.location, Some("/000000000000/vaults/v"));
    bench.clock.advance(5000);
    // Once more changes nothing.
    bench.client.send(&CreateVault { vault: vault() }, now, &mut buf).await.unwrap();

    let said = bench.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await.unwrap();
    assert_eq!(said.arn.unwrap().as_plain(), Some("arn:aws:glacier:us-east-1:000000000000:vaults/v"));
    assert_eq!(said.creation_date.unwrap().as_plain(), Some("2026-01-02T03:04:05.678Z"));
    assert_eq!((said.number_of_archives, said.size_in_bytes), (None, None));
    assert!(said.last_inventory_date.is_none());

    let body = data(3 * MIB + 17);
    let id = bench.upload(&body, "the first, \"quoted\"").await;
    assert_eq!(id.len(), 138);
    // Two equal uploads are two archives.
    let twin = bench.upload(&body, "").await;
    assert_ne!(id, twin);

    let said = bench.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await.unwrap();
    assert_eq!((said.number_of_archives, said.size_in_bytes), (Some(2), Some(2 * body.len() as u64)));
    assert_eq!(said.last_inventory_date.unwrap().as_plain(), Some("2026-01-02T03:04:10.678Z"));

    let job = bench.retrieve(&id, None).await;
    let whole = bench.output(&job, None).await.unwrap();
    assert_eq!((whole.status, whole.tree), (200, Some(tree(&body))));
    assert_eq!(whole.description.as_deref(), Some("the first, \"quoted\""));
    assert_eq!(whole.content_type, "application/octet-stream");
    assert!(whole.data == body);

    let refused = bench.client.send(&DeleteVault { vault: vault() }, now, &mut buf).await;
    let (code, message) = refusal(refused);
    assert_eq!(code, ErrorCode::InvalidParameterValue);
    assert_eq!(message, "Vault not empty or recently written to: arn:aws:glacier:us-east-1:000000000000:vaults/v");

    for archive in [&id, &twin, &id] {
        let archive = archive.as_str().try_into().unwrap();
        bench.client.send(&DeleteArchive { vault: vault(), archive }, now, &mut buf).await.unwrap();
    }
    let (code, message) = refusal(bench.output(&job, None).await);
    assert_eq!((code, message.starts_with("The archive ID was not found: ")), (ErrorCode::ResourceNotFound, true));
    assert_eq!(files(bench.folder.path(), "blobs"), [""; 0]);

    for _ in 0..2 {
        bench.client.send(&DeleteVault { vault: vault() }, now, &mut buf).await.unwrap();
    }
    let (code, message) = refusal(bench.client.send(&DescribeVault { vault: vault() }, now, &mut buf).await);
    assert_eq!((code, message.starts_with("Vault not found for ARN: arn:aws:glacier:")), (ErrorCode::ResourceNotFound, true));
}

#[tokio::test]
async fn parts_in_any_order_make_one_archive() {
    let mut bench = Bench::with_vault().await;
    let body = data(5 * MIB + MIB / 2);
    let id = bench.begin(PartSize::MIN).await;
    assert_eq!(id.len(), 92);
    let parts: Vec<&[u8]> = body.chunks(MIB).collect();
    // The last one first, the third one twice and at first wrong.
    bench.part(&id, 2 * MIB, &data(MIB)).await.unwrap();
    for n in [5, 0, 3, 2, 1, 4] {
        bench.part(&id, n * MIB, parts[n]).await.unwrap();
    }
    assert_eq!(files(bench.folder.path(), "blobs").len(), 6, "the part that was replaced is gone");

    let archive = bench.complete(&id, &body).await.unwrap();
    assert_eq!(bench.complete(&id, &body).await.unwrap(), archive, "completing again gives the same archive");
    assert_eq!(files(bench.folder.path(), "blobs").len(), 6, "nothing was copied");
    assert!(bench.fetch(&archive).await == body);

    let abort = AbortMultipartUpload { vault: vault(), upload: id.as_str().try_into().unwrap() };
    let now = bench.now();
    assert_eq!(refusal(bench.client.send(&abort, now, &mut [0; 2048]).await).0, ErrorCode::ResourceNotFound);
    assert_eq!(refusal(bench.part(&id, 0, parts[0]).await).0, ErrorCode::ResourceNotFound);

    let archive = archive.as_str().try_into().unwrap();
    bench.client.send(&DeleteArchive { vault: vault(), archive }, now, &mut [0; 2048]).await.unwrap();
    assert_eq!(files(bench.folder.path(), "blobs"), [""; 0]);
    assert_eq!(refusal(bench.complete(&id, &body).await).0, ErrorCode::ResourceNotFound, "the archive is gone for good");
}

#[tokio::test]
async fn an_upload_that_cannot_be_completed_stays_open() {
    let mut bench = Bench::with_vault().await;
    let body = data(3 * MIB);
    let id = bench.begin(PartSize::MIN).await;
    assert!(refusal(bench.complete(&id, &body).await).1.starts_with("No part was uploaded"));
    bench.part(&id, 0, &body[..MIB]).await.unwrap();
    bench.part(&id, 2 * MIB, &body[2 * MIB..]).await.unwrap();
    assert_eq!(refusal(bench.complete(&id, &body).await).1, "Missing part: bytes 1048576-2097151 were not uploaded");
    bench.part(&id, MIB, &body[MIB..MIB + 5]).await.unwrap();
    assert!(refusal(bench.complete(&id, &body).await).1.starts_with("Invalid part: bytes 1048576-1048580"));
    bench.part(&id, MIB, &body[MIB..2 * MIB]).await.unwrap();
    assert!(refusal(bench.complete(&id, &body[1..]).await).1.starts_with("Invalid x-amz-archive-size: 3145727"));
    let (code, message) = refusal(bench.complete(&id, &data(3 * MIB - 1).iter().chain(&[0]).copied().collect::<Vec<_>>()).await);
    assert_eq!(code, ErrorCode::InvalidParameterValue);
    assert!(message.starts_with("Checksum mismatch: expected "), "{message}");
    let archive = bench.complete(&id, &body).await.unwrap();
    assert!(bench.fetch(&archive).await == body);
}

#[tokio::test]
async fn aborting_twice_is_fine_and_leaves_nothing() {
    let mut bench = Bench::with_vault().await;
    let id = bench.begin(PartSize::MIN).await;
    bench.part(&id, 0, &data(MIB)).await.unwrap();
    let now = bench.now();
    for _ in 0..2 {
        let abort = AbortMultipartUpload { vault: vault(), upload: id.as_str().try_into().unwrap() };
        bench.client.send(&abort, now, &mut [0; 2048]).await.unwrap();
    }
    assert_eq!(files(bench.folder.path(), "blobs"), [""; 0]);
    assert_eq!(refusal(bench.part(&id, 0, &data(5)).await).0, ErrorCode::ResourceNotFound);
    assert_eq!(refusal(bench.complete(&id, &data(5)).await).0, ErrorCode::ResourceNotFound);
    // A vault goes with the uploads that are open in it.
    let open = bench.begin(PartSize::MIN).await;
    bench.part(&open, 0, &data(7)).await.unwrap();
    bench.client.send(&DeleteVault { vault: vault() }, now, &mut [0; 2048]).await.unwrap();
    assert_eq!(files(bench.folder.path(), "blobs"), [""; 0]);
}

/// Every aligned retrieval, and of each every kind of download, with the tree hash just where section 5.4 wants one.
#[tokio::test]
async fn ranges_of_ranges() {
    let mut bench = Bench::with_vault().await;
    let body = data(6 * MIB + MIB / 2);
    let whole = bench.upload(&body, "").await;
    let upload = bench.begin(PartSize::from_mib(2).unwrap()).await;
    for (n, part) in body.chunks(2 * MIB).enumerate() {
        bench.part(&upload, n * 2 * MIB, part).await.unwrap();
    }
    let parts = bench.complete(&upload, &body).await.unwrap();
    // The reference's table for 6.5 MiB: which ranges of whole MiB are nodes of the tree.
    let nodes = [(0, 2), (0, 4), (0, 7), (2, 4), (4, 6), (4, 7)];
    let is_node = |first: usize, end: usize| end - first == 1 || nodes.contains(&(first, end));
    for archive in [&whole, &parts] {
        for first in 0..7 {
            for end in first + 1..=7 {
                let bytes = &body[first * MIB..body.len().min(end * MIB)];
                let range = ByteRange::with_length((first * MIB) as u64, bytes.len() as u64).unwrap();
                let job = bench.retrieve(archive, Some(range)).await;
                let got = bench.output(&job, None).await.unwrap();
                assert!(got.data == bytes, "{range}");
                assert_eq!(got.tree, is_node(first, end).then(|| tree(bytes)), "{range}");

                let now = bench.now();
                let mut buf = [0; 4096];
                let operation = DescribeJob { vault: vault(), job: job.as_str().try_into().unwrap() };
                let said = bench.client.send(&operation, now, &mut buf).await.unwrap();
                assert_eq!(said.status(), StatusCode::Succeeded);
                let hash = |text: Option<Text<'_>>| text.map(|text| text.as_plain().unwrap().to_owned());
                assert_eq!(hash(said.sha256_tree_hash), is_node(first, end).then(|| tree(bytes).to_string()));
                assert_eq!(hash(said.archive_sha256_tree_hash), Some(tree(&body).to_string()));
                assert_eq!(hash(said.retrieval_byte_range), Some(range.to_string()));
                assert_eq!(said.archive_size_in_bytes, Some(body.len() as u64));
            }
        }
        // From 4 MiB to the end, which is a node: the hash comes with aligned pieces of it only.
        let range = ByteRange::new(4 * MIB as u64, body.len() as u64 - 1).unwrap();
        let job = bench.retrieve(archive, Some(range)).await;
        let rest = &body[4 * MIB..];
        let bytes = |first, last| Range::Bytes(ByteRange::new(first, last).unwrap());
        let mib = MIB as u64;
        for (range, first, end, hashed) in [
            (bytes(0, mib - 1), 0, MIB, true),
            (bytes(mib, 2 * mib - 1), MIB, 2 * MIB, true),
            (bytes(0, 2 * mib - 1), 0, 2 * MIB, true),
            (Range::From(2 * mib), 2 * MIB, rest.len(), true),
            (Range::Last(rest.len() as u64), 0, rest.len(), true),
            (bytes(0, 9 * mib), 0, rest.len(), true),
            (bytes(mib, 3 * mib), MIB, rest.len(), false),
            (bytes(0, mib), 0, MIB + 1, false),
            (Range::Last(5), rest.len() - 5, rest.len(), false),
        ] {
            let got = bench.output(&job, Some(range)).await.unwrap();
            assert_eq!(got.status, 206);
            assert!(got.data == rest[first..end], "{range:?}");
            assert_eq!(got.tree, hashed.then(|| tree(&rest[first..end])), "{range:?}");
            assert_eq!(got.content_range, Some(format!("bytes {first}-{}/{}", end - 1, rest.len())));
        }
        let (code, message) = refusal(bench.output(&job, Some(Range::From(rest.len() as u64))).await);
        assert_eq!(code, ErrorCode::InvalidParameterValue);
        assert_eq!(message, format!("The start of the range is larger than size of retrieved data: bytes={}-", rest.len()));
    }
}

#[tokio::test]
async fn all_of_it_survives_a_new_start() {
    let mut bench = Bench::with_vault().await;
    let body = data(2 * MIB + 1);
    let archive = bench.upload(&body, "kept").await;
    let upload = bench.begin(PartSize::MIN).await;
    bench.part(&upload, 0, &body[..MIB]).await.unwrap();
    let job = bench.retrieve(&archive, None).await;
    let Bench { vaults, client: old, clock, folder } = bench;
    drop((vaults, old));
    let vaults = Vaults::open(folder.path(), Settings { clock: clock.clone(), ..Settings::default() }).unwrap();
    assert_eq!(vaults.found(), Found::default());
    let mut bench = Bench { client: client(&vaults), vaults, clock, folder };
    assert!(bench.output(&job, None).await.unwrap().data == body);
    bench.part(&upload, MIB, &body[MIB..2 * MIB]).await.unwrap();
    bench.part(&upload, 2 * MIB, &body[2 * MIB..]).await.unwrap();
    let second = bench.complete(&upload, &body).await.unwrap();
    assert!(bench.fetch(&second).await == body);
}

/// With a transport that is Send, so are the futures: uploads and listings go to other threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_a_time() {
    let bench = Bench::with_vault().await;
    let now = bench.now();
    let tasks: Vec<_> = (0..8usize)
        .map(|n| {
            let mut client = client(&bench.vaults);
            tokio::spawn(async move {
                let body = data(MIB + n);
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
    let mut bench = bench;
    for task in tasks {
        let (id, body) = task.await.unwrap();
        assert!(bench.fetch(&id).await == body);
    }
    let said = bench.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.json();
    assert_eq!((&said["NumberOfArchives"], &said["SizeInBytes"]), (&8.into(), &(8 * MIB + 28).into()));
}
