//! What is on the disk after a crash: the folder is copied in each phase of a request, and the copy is opened.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use embedded_io_async::{ErrorType, Read};
use glacier_core::ops::*;
use glacier_core::*;
use glacier_std::local::*;

use crate::harness::{LEAF, MIB, *};

/// Copies of a folder, one for each phase of the observed requests.
#[derive(Default)]
struct Copies {
    from: PathBuf,
    /// The operation that is observed.
    operation: &'static str,
    made: Vec<(RequestPhase, tempfile::TempDir)>,
}

fn observed() -> (Harness, Arc<Mutex<Copies>>) {
    let copies = Arc::new(Mutex::new(Copies::default()));
    let seen = copies.clone();
    let harness = Harness::observed(Some(Arc::new(move |progress: RequestProgress<'_>| {
        let mut copies = seen.lock().unwrap();
        if progress.operation == copies.operation {
            assert_eq!(progress.request_id.len(), 52);
            let made = (progress.phase, copy(&copies.from));
            copies.made.push(made);
        }
    })));
    copies.lock().unwrap().from = harness.folder.path().to_owned();
    (harness, copies)
}

/// Opens a copy, as after a crash.
fn reopen(folder: tempfile::TempDir, harness: &Harness) -> Harness {
    let settings = Settings::default().with_clock(harness.clock.clone());
    let vaults = Vaults::open(folder.path(), settings).unwrap();
    assert!(!vaults.found().iter().any(Finding::needs_action), "{:?}", vaults.found());
    Harness { client: client(&vaults), vaults, clock: harness.clock.clone(), folder }
}

/// Files that were removed when the vaults were opened.
fn removed(vaults: &Vaults) -> u64 {
    match vaults.found() {
        [] => 0,
        [Finding::Removed { files }] => *files,
        other => panic!("{other:?}"),
    }
}

/// The copies of one operation, opened; each with its phase.
fn reopened(copies: &Mutex<Copies>, harness: &Harness) -> Vec<(RequestPhase, Harness)> {
    let made = std::mem::take(&mut copies.lock().unwrap().made);
    made.into_iter().map(|(phase, folder)| (phase, reopen(folder, harness))).collect()
}

async fn archives(harness: &Harness) -> u64 {
    harness.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.json()["NumberOfArchives"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn an_upload_is_visible_from_the_reply_on_and_not_before() {
    let (mut harness, copies) = observed();
    harness.create("v").await;
    let before = harness.upload(b"before", "").await;
    copies.lock().unwrap().operation = "UploadArchive";
    let body = data(2 * LEAF + 3);
    let id = harness.upload(&body, "").await;
    let phases = reopened(&copies, &harness);
    assert_eq!(
        phases.iter().map(|(phase, _)| *phase).collect::<Vec<_>>(),
        [RequestPhase::Body, RequestPhase::Fsync, RequestPhase::Commit, RequestPhase::Reply]
    );
    for (phase, mut copy) in phases {
        assert_eq!(copy.fetch(&before).await, b"before");
        let done = phase == RequestPhase::Reply;
        assert_eq!(archives(&copy).await, if done { 2 } else { 1 }, "{phase}");
        if done {
            assert!(copy.fetch(&id).await == body);
        }
        // Nothing is left that was not acknowledged.
        assert_eq!(files(copy.folder.path(), "staged"), [""; 0], "{phase}");
        assert_eq!(files(copy.folder.path(), "blobs").len(), if done { 2 } else { 1 }, "{phase}");
        let left_behind = matches!(phase, RequestPhase::Fsync | RequestPhase::Commit);
        assert_eq!(removed(&copy.vaults), u64::from(left_behind), "{phase}");
        // The service works.
        let again = copy.upload(&body, "").await;
        assert!(copy.fetch(&again).await == body);
    }
}

#[tokio::test]
async fn a_part_and_the_completed_upload_survive_a_crash() {
    let (mut harness, copies) = observed();
    harness.create("v").await;
    let body = data(2 * LEAF);
    let upload = harness.begin(PartSize::MIN).await;
    harness.part(&upload, 0, &body[..LEAF]).await.unwrap();
    harness.part(&upload, LEAF, &data(LEAF)).await.unwrap();

    copies.lock().unwrap().operation = "UploadMultipartPart";
    harness.part(&upload, LEAF, &body[LEAF..]).await.unwrap();
    for (phase, mut copy) in reopened(&copies, &harness) {
        assert_eq!(files(copy.folder.path(), "blobs").len(), 2, "{phase}");
        let completed = copy.complete(&upload, &body).await;
        assert_eq!(completed.is_ok(), phase == RequestPhase::Reply, "{phase}: {completed:?}");
        copy.part(&upload, LEAF, &body[LEAF..]).await.ok();
        let archive = copy.complete(&upload, &body).await.unwrap();
        assert!(copy.fetch(&archive).await == body, "{phase}");
    }

    copies.lock().unwrap().operation = "CompleteMultipartUpload";
    let archive = harness.complete(&upload, &body).await.unwrap();
    let phases = reopened(&copies, &harness);
    assert_eq!(phases.iter().map(|(phase, _)| *phase).collect::<Vec<_>>(), [RequestPhase::Commit, RequestPhase::Reply]);
    for (phase, mut copy) in phases {
        assert_eq!(archives(&copy).await, u64::from(phase == RequestPhase::Reply), "{phase}");
        // The client completes it again, and there is one archive in the end.
        let again = copy.complete(&upload, &body).await.unwrap();
        assert_eq!(again == archive, phase == RequestPhase::Reply, "{phase}");
        assert_eq!(archives(&copy).await, 1, "{phase}");
        assert!(copy.fetch(&again).await == body, "{phase}");
    }
}

#[tokio::test]
async fn a_deletion_survives_a_crash() {
    let (mut harness, copies) = observed();
    harness.create("v").await;
    let body = data(LEAF);
    let id = harness.upload(&body, "").await;
    copies.lock().unwrap().operation = "DeleteArchive";
    let response = harness.raw(Method::Delete, &format!("/-/vaults/v/archives/{id}"), "", &[], b"").await;
    assert_eq!(response.status, 204);
    for (phase, mut copy) in reopened(&copies, &harness) {
        if phase == RequestPhase::Reply {
            assert_eq!((archives(&copy).await, removed(&copy.vaults)), (0, 0));
            assert_eq!(files(copy.folder.path(), "blobs"), [""; 0]);
        } else {
            assert!(copy.fetch(&id).await == body, "{phase}");
        }
    }
}

/// A body that calls a function once half of it is read.
struct Half<'a, F> {
    rest: &'a [u8],
    size: usize,
    then: F,
}

impl<F> ErrorType for Half<'_, F> {
    type Error = std::io::Error;
}

impl<F: FnMut() -> Result<(), std::io::Error>> Read for Half<'_, F> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        if self.rest.len() * 2 <= self.size {
            (self.then)()?;
        }
        let length = self.rest.len().min(into.len());
        let (piece, rest) = self.rest.split_at(length);
        into[..length].copy_from_slice(piece);
        self.rest = rest;
        Ok(length)
    }
}

impl<F: FnMut() -> Result<(), std::io::Error>> Source for Half<'_, F> {
    fn size(&self) -> u64 {
        self.size as u64
    }
    async fn rewind(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[tokio::test]
async fn a_body_that_is_half_sent_leaves_nothing() {
    let mut harness = Harness::with_vault().await;
    let body = data(3 * MIB);
    let operation = UploadArchive { vault: vault(), description: None, body: hashes(&body).try_into().unwrap() };
    let now = harness.now();

    // Its file is staged and has half the bytes: after a crash at this moment nothing of it is left.
    let (mut copies, from) = (Vec::new(), harness.folder.path().to_owned());
    let then = || {
        if copies.is_empty() {
            assert_eq!(files(&from, "staged").len(), 1);
            copies.push(copy(&from));
        }
        Ok(())
    };
    let mut half = Half { rest: &body, size: body.len(), then };
    harness.client.upload(&operation, &mut half, now, &mut [0; 2048]).await.unwrap();
    let reopened = reopen(copies.pop().unwrap(), &harness);
    assert_eq!((archives(&reopened).await, removed(&reopened.vaults)), (0, 1));
    assert_eq!(files(reopened.folder.path(), "staged"), [""; 0]);

    // The rest cannot be read: there is no archive, and no file is left.
    let mut broken = Half { rest: &body, size: body.len(), then: || Err(std::io::Error::other("the card was pulled")) };
    let error = harness.client.upload(&operation, &mut broken, now, &mut [0; 2048]).await.unwrap_err();
    assert!(matches!(error, Error::Source(_)), "{error}");
    assert_eq!(files(harness.folder.path(), "staged"), [""; 0]);

    // The caller drops the upload while its body is half sent.
    let mut stuck = Stuck { rest: &body[..MIB], size: body.len(), go: None };
    let mut buf = [0; 2048];
    let upload = harness.client.upload(&operation, &mut stuck, now, &mut buf);
    tokio::select! {
        done = upload => panic!("an upload without end returned {done:?}"),
        () = until_staged(&from, MIB) => {}
    }
    assert_eq!(files(&from, "staged"), [""; 0]);
    assert_eq!(archives(&harness).await, 1);
    harness.upload(&body, "").await;
    assert_eq!(archives(&harness).await, 2);
}

/// Waits until a staged file has so many bytes: whole chunks of those in which a body is written.
async fn until_staged(folder: &Path, bytes: usize) {
    let has_them = |entry: fs::DirEntry| entry.metadata().is_ok_and(|file| file.len() == bytes as u64);
    while !fs::read_dir(folder.join("staged")).unwrap().any(|entry| entry.is_ok_and(has_them)) {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// A body that stops after its first bytes until it is told to end, or for ever.
struct Stuck<'a> {
    rest: &'a [u8],
    size: usize,
    go: Option<&'a tokio::sync::Notify>,
}

impl ErrorType for Stuck<'_> {
    type Error = std::convert::Infallible;
}

impl Read for Stuck<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        if self.rest.is_empty() {
            match self.go {
                Some(go) => go.notified().await,
                None => std::future::pending().await,
            }
            into[0] = 7;
            return Ok(1);
        }
        self.rest.read(into).await
    }
}

impl Source for Stuck<'_> {
    fn size(&self) -> u64 {
        self.size as u64
    }
    async fn rewind(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[tokio::test]
async fn an_upload_that_is_aborted_while_a_part_is_sent() {
    let mut harness = Harness::with_vault().await;
    // In a simulation, too, a part of several chunks.
    let part_size = MIB.max(2 * LEAF);
    let half = part_size / 2;
    let mut body = data(half);
    let upload = harness.begin(PartSize::from_bytes(part_size as u64).unwrap()).await;
    body.push(7);
    let part = UploadMultipartPart::new(vault(), upload.as_str().try_into().unwrap(), 0, hashes(&body)).unwrap();
    let go = tokio::sync::Notify::new();
    let mut stuck = Stuck { rest: &body[..half], size: body.len(), go: Some(&go) };
    let (mut client, now) = (client(&harness.vaults), harness.now());
    let mut buf = [0; 2048];
    let abort = async {
        until_staged(harness.folder.path(), half).await;
        let response = harness.raw(Method::Delete, &format!("/-/vaults/v/multipart-uploads/{upload}"), "", &[], b"").await;
        assert_eq!(response.status, 204);
        go.notify_one();
    };
    let (sent, ()) = tokio::join!(client.upload(&part, &mut stuck, now, &mut buf), abort);
    let Err(Error::Service(error)) = sent else { panic!("{sent:?}") };
    assert_eq!(error.code, ErrorCode::ResourceNotFound);
    assert_eq!(files(harness.folder.path(), "staged"), [""; 0]);
    assert_eq!(files(harness.folder.path(), "blobs"), [""; 0]);
}

#[tokio::test]
async fn a_missing_file_is_reported() {
    let mut harness = Harness::with_vault().await;
    let id = harness.upload(b"precious", "").await;
    let job = harness.retrieve(&id, None).await;
    let file = files(harness.folder.path(), "blobs").pop().unwrap();
    let file = harness.folder.path().join("blobs").join(file);
    fs::remove_file(&file).unwrap();
    let (code, message) = service_error(harness.output(&job, None).await);
    assert_eq!(code, ErrorCode::ServiceUnavailable);
    assert!(message.contains("missing"), "{message}");
    let Harness { vaults, client: old, folder, .. } = harness;
    drop((vaults, old));
    let vaults = Vaults::open(folder.path(), Settings::default()).unwrap();
    assert_eq!(vaults.found(), [Finding::Missing { file, archive: Some(("v".into(), id)) }]);
}

#[tokio::test]
async fn two_processes_cannot_open_one_folder() {
    let harness = Harness::with_vault().await;
    let error = Vaults::open(harness.folder.path(), Settings::default()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }));
    assert!(error.to_string().contains(&harness.folder.path().display().to_string()), "{error}");
}
