//! What is on the disk when the plug is pulled: the folder is copied at each phase, and the copy opened as after a crash.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use embedded_io_async::{ErrorType, Read};
use glacier_core::ops::*;
use glacier_core::*;
use glacier_std::local::*;

use crate::bench::{MIB, *};

/// Copies of a folder, one for each phase of the requests that were watched.
#[derive(Default)]
struct Copies {
    from: PathBuf,
    /// Which operation is watched.
    operation: &'static str,
    made: Vec<(Phase, tempfile::TempDir)>,
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for folder in ["", "staged", "blobs"] {
        fs::create_dir_all(to.path().join(folder)).unwrap();
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    to
}

fn watched() -> (Bench, Arc<Mutex<Copies>>) {
    let copies = Arc::new(Mutex::new(Copies::default()));
    let seen = copies.clone();
    let bench = Bench::observed(Some(Arc::new(move |progress: Progress<'_>| {
        let mut copies = seen.lock().unwrap();
        if progress.operation == copies.operation {
            assert_eq!(progress.request_id.len(), 52);
            let made = (progress.phase, copy(&copies.from));
            copies.made.push(made);
        }
    })));
    copies.lock().unwrap().from = bench.folder.path().to_owned();
    (bench, copies)
}

/// Opens a copy as after a crash.
fn revive(folder: tempfile::TempDir, bench: &Bench) -> Bench {
    let settings = Settings { clock: bench.clock.clone(), ..Settings::default() };
    let vaults = Vaults::open(folder.path(), settings).unwrap();
    assert_eq!(vaults.found().missing, 0);
    Bench { client: client(&vaults), vaults, clock: bench.clock.clone(), folder }
}

/// The copies of one operation, opened; each with its phase.
fn revived(copies: &Mutex<Copies>, bench: &Bench) -> Vec<(Phase, Bench)> {
    let made = std::mem::take(&mut copies.lock().unwrap().made);
    made.into_iter().map(|(phase, folder)| (phase, revive(folder, bench))).collect()
}

async fn archives(bench: &Bench) -> u64 {
    bench.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.json()["NumberOfArchives"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn an_upload_is_there_from_the_reply_on_and_not_a_moment_before() {
    let (mut bench, copies) = watched();
    bench.create("v").await;
    let before = bench.upload(b"before", "").await;
    copies.lock().unwrap().operation = "UploadArchive";
    let body = data(2 * MIB + 3);
    let id = bench.upload(&body, "").await;
    let phases = revived(&copies, &bench);
    assert_eq!(
        phases.iter().map(|(phase, _)| *phase).collect::<Vec<_>>(),
        [Phase::Body, Phase::Fsync, Phase::Commit, Phase::Reply]
    );
    for (phase, mut copy) in phases {
        assert_eq!(copy.fetch(&before).await, b"before");
        let done = phase == Phase::Reply;
        assert_eq!(archives(&copy).await, if done { 2 } else { 1 }, "{phase}");
        if done {
            assert!(copy.fetch(&id).await == body);
        }
        // Nothing is left of what was not acknowledged.
        assert_eq!(files(copy.folder.path(), "staged"), [""; 0], "{phase}");
        assert_eq!(files(copy.folder.path(), "blobs").len(), if done { 2 } else { 1 }, "{phase}");
        let left_behind = matches!(phase, Phase::Fsync | Phase::Commit);
        assert_eq!(copy.vaults.found(), Found { removed: u64::from(left_behind), missing: 0 }, "{phase}");
        // And the service works.
        let again = copy.upload(&body, "").await;
        assert!(copy.fetch(&again).await == body);
    }
}

#[tokio::test]
async fn a_part_and_its_completion() {
    let (mut bench, copies) = watched();
    bench.create("v").await;
    let body = data(2 * MIB);
    let upload = bench.begin(PartSize::MIN).await;
    bench.part(&upload, 0, &body[..MIB]).await.unwrap();
    bench.part(&upload, MIB, &data(MIB)).await.unwrap();

    copies.lock().unwrap().operation = "UploadMultipartPart";
    bench.part(&upload, MIB, &body[MIB..]).await.unwrap();
    for (phase, mut copy) in revived(&copies, &bench) {
        assert_eq!(files(copy.folder.path(), "blobs").len(), 2, "{phase}");
        let completed = copy.complete(&upload, &body).await;
        assert_eq!(completed.is_ok(), phase == Phase::Reply, "{phase}: {completed:?}");
        copy.part(&upload, MIB, &body[MIB..]).await.ok();
        let archive = copy.complete(&upload, &body).await.unwrap();
        assert!(copy.fetch(&archive).await == body, "{phase}");
    }

    copies.lock().unwrap().operation = "CompleteMultipartUpload";
    let archive = bench.complete(&upload, &body).await.unwrap();
    let phases = revived(&copies, &bench);
    assert_eq!(phases.iter().map(|(phase, _)| *phase).collect::<Vec<_>>(), [Phase::Commit, Phase::Reply]);
    for (phase, mut copy) in phases {
        assert_eq!(archives(&copy).await, u64::from(phase == Phase::Reply), "{phase}");
        // The client asks again, and has one archive in the end.
        let again = copy.complete(&upload, &body).await.unwrap();
        assert_eq!(again == archive, phase == Phase::Reply, "{phase}");
        assert_eq!(archives(&copy).await, 1, "{phase}");
        assert!(copy.fetch(&again).await == body, "{phase}");
    }
}

#[tokio::test]
async fn a_deletion() {
    let (mut bench, copies) = watched();
    bench.create("v").await;
    let body = data(MIB);
    let id = bench.upload(&body, "").await;
    copies.lock().unwrap().operation = "DeleteArchive";
    let said = bench.raw(Method::Delete, &format!("/-/vaults/v/archives/{id}"), "", &[], b"").await;
    assert_eq!(said.status, 204);
    for (phase, mut copy) in revived(&copies, &bench) {
        if phase == Phase::Reply {
            // Its file was still there when the copy was made, and went at the opening.
            assert_eq!((archives(&copy).await, copy.vaults.found().removed), (0, 1));
            assert_eq!(files(copy.folder.path(), "blobs"), [""; 0]);
        } else {
            assert!(copy.fetch(&id).await == body, "{phase}");
        }
    }
}

/// A body that does something when it is half read.
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
async fn half_a_body() {
    let mut bench = Bench::with_vault().await;
    let body = data(3 * MIB);
    let operation = UploadArchive { vault: vault(), description: None, body: hashes(&body).try_into().unwrap() };
    let now = bench.now();

    // Its file is staged and has half the bytes: after a crash at this moment there is nothing of it.
    let (mut copies, from) = (Vec::new(), bench.folder.path().to_owned());
    let then = || {
        if copies.is_empty() {
            assert_eq!(files(&from, "staged").len(), 1);
            copies.push(copy(&from));
        }
        Ok(())
    };
    let mut half = Half { rest: &body, size: body.len(), then };
    bench.client.upload(&operation, &mut half, now, &mut [0; 2048]).await.unwrap();
    let revived = revive(copies.pop().unwrap(), &bench);
    assert_eq!((archives(&revived).await, revived.vaults.found().removed), (0, 1));
    assert_eq!(files(revived.folder.path(), "staged"), [""; 0]);

    // It cannot be read on: nothing becomes an archive, and nothing stays.
    let mut broken = Half { rest: &body, size: body.len(), then: || Err(std::io::Error::other("the card was pulled")) };
    let error = bench.client.upload(&operation, &mut broken, now, &mut [0; 2048]).await.unwrap_err();
    assert!(matches!(error, Error::Source(_)), "{error}");
    assert_eq!(files(bench.folder.path(), "staged"), [""; 0]);

    // The caller loses interest while its body is half sent.
    let mut stuck = Stuck { rest: &body[..MIB], size: body.len(), go: None };
    let mut buf = [0; 2048];
    let upload = bench.client.upload(&operation, &mut stuck, now, &mut buf);
    tokio::select! {
        done = upload => panic!("a body without an end gave {done:?}"),
        () = until_staged(&from) => {}
    }
    assert_eq!(files(&from, "staged"), [""; 0]);
    assert_eq!(archives(&bench).await, 1);
    bench.upload(&body, "").await;
    assert_eq!(archives(&bench).await, 2);
}

/// Waits until a staged file has 1 MiB.
async fn until_staged(folder: &Path) {
    let half = |entry: fs::DirEntry| entry.metadata().is_ok_and(|file| file.len() == MIB as u64);
    while !fs::read_dir(folder.join("staged")).unwrap().any(|entry| entry.is_ok_and(half)) {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// A body that stops after its first bytes, until it is told to end; for ever without anyone to tell it.
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
async fn an_upload_that_ends_while_a_part_is_on_its_way() {
    let mut bench = Bench::with_vault().await;
    let mut body = data(MIB);
    let upload = bench.begin(PartSize::from_mib(2).unwrap()).await;
    body.push(7);
    let part = UploadMultipartPart::new(vault(), upload.as_str().try_into().unwrap(), 0, hashes(&body)).unwrap();
    let go = tokio::sync::Notify::new();
    let mut stuck = Stuck { rest: &body[..MIB], size: body.len(), go: Some(&go) };
    let (mut client, now) = (client(&bench.vaults), bench.now());
    let mut buf = [0; 2048];
    let abort = async {
        until_staged(bench.folder.path()).await;
        let said = bench.raw(Method::Delete, &format!("/-/vaults/v/multipart-uploads/{upload}"), "", &[], b"").await;
        assert_eq!(said.status, 204);
        go.notify_one();
    };
    let (sent, ()) = tokio::join!(client.upload(&part, &mut stuck, now, &mut buf), abort);
    let Err(Error::Service(refusal)) = sent else { panic!("{sent:?}") };
    assert_eq!(refusal.code, ErrorCode::ResourceNotFound);
    assert_eq!(files(bench.folder.path(), "staged"), [""; 0]);
    assert_eq!(files(bench.folder.path(), "blobs"), [""; 0]);
}

#[tokio::test]
async fn a_file_that_someone_took_away_is_noticed() {
    let mut bench = Bench::with_vault().await;
    let id = bench.upload(b"precious", "").await;
    let job = bench.retrieve(&id, None).await;
    let file = files(bench.folder.path(), "blobs").pop().unwrap();
    fs::remove_file(bench.folder.path().join("blobs").join(file)).unwrap();
    let (code, message) = refusal(bench.output(&job, None).await);
    assert_eq!(code, ErrorCode::ServiceUnavailable);
    assert!(message.contains("missing"), "{message}");
    let Bench { vaults, client: old, folder, .. } = bench;
    drop((vaults, old));
    let vaults = Vaults::open(folder.path(), Settings::default()).unwrap();
    assert_eq!(vaults.found(), Found { removed: 0, missing: 1 });
}

#[tokio::test]
async fn two_processes_cannot_have_one_folder() {
    let bench = Bench::with_vault().await;
    let error = Vaults::open(bench.folder.path(), Settings::default()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }));
    assert!(error.to_string().contains(&bench.folder.path().display().to_string()), "{error}");
}
