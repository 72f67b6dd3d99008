//! The folder in the hands of its owner: moved, copied, put back, linked and damaged. Nothing acknowledged is deleted or lost in silence.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use glacier_core::*;
use glacier_std::local::*;

use crate::harness::{LEAF, *};

const INDEX: &str = "glacier.redb";

/// Closes the vaults and keeps the folder.
fn close(harness: Harness) -> (tempfile::TempDir, Arc<ManualClock>) {
    let Harness { vaults, client, clock, folder } = harness;
    drop((vaults, client));
    (folder, clock)
}

fn open(folder: tempfile::TempDir, clock: Arc<ManualClock>) -> Harness {
    let vaults = Vaults::open(folder.path(), Settings::default().with_clock(clock.clone())).unwrap();
    Harness { client: client(&vaults), vaults, clock, folder }
}

/// Whether the vault still has the archive.
async fn has(harness: &mut Harness, id: &str) -> bool {
    match harness.job(JobKind::Archive { id: id.try_into().unwrap(), range: None }).await {
        Ok(_) => true,
        Err(error) => service_error::<()>(Err(error)).0 != ErrorCode::ResourceNotFound,
    }
}

use glacier_core::ops::JobKind;

#[tokio::test]
async fn bodies_without_their_index_are_refused_and_stay() {
    let mut harness = Harness::with_vault().await;
    let id = harness.upload(b"precious", "").await;
    let (folder, clock) = close(harness);
    let (index, moved) = (folder.path().join(INDEX), folder.path().with_extension("moved"));
    fs::rename(&index, &moved).unwrap();
    for _ in 0..2 {
        let error = Vaults::open(folder.path(), Settings::default()).unwrap_err();
        assert!(matches!(&error, OpenError::NoIndex { bodies: 1, .. }), "{error}");
        assert!(error.to_string().contains(INDEX) && error.to_string().contains("put it back"), "{error}");
    }
    assert_eq!(files(folder.path(), "blobs").len(), 1);
    assert!(!index.exists());
    fs::rename(&moved, &index).unwrap();
    let mut harness = open(folder, clock);
    assert_eq!(harness.vaults.found(), []);
    assert_eq!(harness.fetch(&id).await, b"precious");
}

fn went_back(harness: &Harness, changes: Option<u64>) -> Finding {
    Finding::WentBack { index: harness.folder.path().join(INDEX), changes }
}

#[tokio::test]
async fn an_older_index_is_noticed_whatever_was_done_since() {
    // Nothing here has a body of which something could be left.
    let (folder, clock) = close(Harness::with_vault().await);
    let (index, beside) = (folder.path().join(INDEX), tempfile::tempdir().unwrap());
    let (older, newer) = (beside.path().join("older"), beside.path().join("newer"));
    fs::copy(&index, &older).unwrap();
    let mut harness = open(folder, clock);
    for name in ["w", "x", "y"] {
        harness.create(name).await;
    }
    let (folder, clock) = close(harness);
    fs::copy(&index, &newer).unwrap();

    fs::copy(&older, &index).unwrap();
    let harness = open(folder, clock);
    assert_eq!(harness.vaults.found(), [went_back(&harness, Some(3))]);
    assert!(harness.vaults.found()[0].needs_action());
    // The newer one, before anything was changed, lacks nothing.
    let (folder, clock) = close(harness);
    fs::copy(&newer, &index).unwrap();
    let harness = open(folder, clock);
    assert_eq!(harness.vaults.found(), []);
    assert_eq!(harness.raw(Method::Get, "/-/vaults/y", "", &[], b"").await.status, 200);

    // Once something was changed, each lacks what the other has, however many changes they count.
    let (folder, clock) = close(harness);
    fs::copy(&older, &index).unwrap();
    let mut harness = open(folder, clock);
    harness.create("z").await;
    let (folder, clock) = close(harness);
    fs::copy(&newer, &index).unwrap();
    let harness = open(folder, clock);
    assert_eq!(harness.vaults.found(), [went_back(&harness, None)]);
    // It is said until something is changed.
    let (folder, clock) = close(harness);
    let mut harness = open(folder, clock);
    assert_eq!(harness.vaults.found(), [went_back(&harness, None)]);
    harness.create("last").await;
    let (folder, clock) = close(harness);
    assert_eq!(open(folder, clock).vaults.found(), []);
}

#[tokio::test]
async fn after_a_clean_end_nothing_grows_with_the_vault() {
    let mut harness = Harness::with_vault().await;
    let ids = [harness.upload(b"one", "").await, harness.upload(b"two", "").await];
    let (folder, clock) = close(harness);
    // A file that is changed in place leaves the names as they were: only a look at it could tell, and none is taken.
    let file = |name: &String| folder.path().join("blobs").join(name);
    let names = files(folder.path(), "blobs");
    fs::write(file(&names[0]), b"other").unwrap();
    let mut harness = open(folder, clock);
    assert_eq!(harness.vaults.found(), []);
    assert!(has(&mut harness, &ids[0]).await && has(&mut harness, &ids[1]).await);
    // One that goes away is missed.
    let (folder, clock) = close(harness);
    let file = folder.path().join("blobs").join(&names[1]);
    fs::rename(&file, folder.path().join("elsewhere")).unwrap();
    let harness = open(folder, clock);
    assert!(matches!(&harness.vaults.found(), [Finding::Missing { file: found, .. }] if *found == file));
    let (folder, clock) = close(harness);
    let harness = open(folder, clock);
    assert_eq!(harness.vaults.found().len(), 1, "until it is back");
    let (folder, clock) = close(harness);
    fs::rename(folder.path().join("elsewhere"), file).unwrap();
    assert_eq!(open(folder, clock).vaults.found(), []);
}

#[tokio::test]
async fn an_older_index_loses_no_body() {
    let mut harness = Harness::with_vault().await;
    let old = harness.upload(b"old", "").await;
    let (folder, clock) = close(harness);
    let (index, older, newer) =
        (folder.path().join(INDEX), folder.path().with_extension("older"), folder.path().with_extension("newer"));
    fs::copy(&index, &older).unwrap();
    let mut harness = open(folder, clock);
    let new = harness.upload(b"new", "").await;
    let name = |name: &String| fs::read(harness.folder.path().join("blobs").join(name)).unwrap() == b"new";
    let body = files(harness.folder.path(), "blobs").into_iter().find(name).unwrap();
    let (folder, clock) = close(harness);
    fs::copy(&index, &newer).unwrap();

    fs::copy(&older, &index).unwrap();
    let mut harness = open(folder, clock);
    let lost = harness.folder.path().join("lost+found").join(&body);
    assert_eq!(harness.vaults.found(), [went_back(&harness, Some(1)), Finding::Unnamed { file: lost.clone(), error: None }]);
    assert_eq!(fs::read(&lost).unwrap(), b"new");
    assert!(!has(&mut harness, &new).await);
    assert_eq!(harness.fetch(&old).await, b"old");
    let (folder, clock) = close(harness);
    let harness = open(folder, clock);
    assert_eq!(harness.vaults.found(), [], "it is reported once");
    let (folder, clock) = close(harness);

    fs::copy(&newer, &index).unwrap();
    let mut harness = open(folder, clock);
    // It lacks the job that was initiated meanwhile.
    let file = harness.folder.path().join("blobs").join(&body);
    assert_eq!(harness.vaults.found(), [went_back(&harness, None), Finding::PutBack { file }]);
    assert_eq!((harness.fetch(&old).await, harness.fetch(&new).await), (b"old".to_vec(), b"new".to_vec()));
    fs::remove_file(older).unwrap();
    fs::remove_file(newer).unwrap();
}

#[tokio::test]
async fn an_older_index_that_names_a_deleted_archive_says_so() {
    let mut harness = Harness::with_vault().await;
    let id = harness.upload(b"gone", "").await;
    let body = files(harness.folder.path(), "blobs").pop().unwrap();
    let (folder, clock) = close(harness);
    let (index, older) = (folder.path().join(INDEX), folder.path().with_extension("older"));
    fs::copy(&index, &older).unwrap();
    let harness = open(folder, clock);
    let response = harness.raw(Method::Delete, &format!("/-/vaults/v/archives/{id}"), "", &[], b"").await;
    assert_eq!(response.status, 204);
    let (folder, clock) = close(harness);
    fs::rename(&older, &index).unwrap();
    let harness = open(folder, clock);
    let file = harness.folder.path().join("blobs").join(body);
    assert_eq!(harness.vaults.found(), [went_back(&harness, Some(1)), Finding::Missing { file, archive: Some(("v".into(), id)) }]);
}

#[tokio::test]
async fn an_index_that_moves_away_while_it_is_used_takes_nothing_more() {
    let mut harness = Harness::with_vault().await;
    let id = harness.upload(b"kept", "").await;
    let (index, moved) = (harness.folder.path().join(INDEX), harness.folder.path().join("moved"));
    fs::rename(&index, &moved).unwrap();
    let response = harness.raw(Method::Put, "/-/vaults/w", "", &[], b"").await;
    assert_eq!((response.status, response.code.as_str()), (500, "ServiceUnavailableException"));
    assert!(response.message.contains("put glacier.redb back"), "{}", response.message);
    fs::rename(&moved, &index).unwrap();
    assert_eq!(harness.raw(Method::Put, "/-/vaults/w", "", &[], b"").await.status, 201);
    assert_eq!(harness.fetch(&id).await, b"kept");
}

#[tokio::test]
async fn a_damaged_body_is_named_and_never_served() {
    let found = Arc::new(Mutex::new(Vec::new()));
    let to = found.clone();
    let (folder, clock) = close(Harness::with_vault().await);
    let observer: FindingObserver = Arc::new(move |finding: &Finding| to.lock().unwrap().push(finding.clone()));
    let settings = Settings::default().with_clock(clock.clone()).with_finding_observer(observer);
    let vaults = Vaults::open(folder.path(), settings).unwrap();
    let mut harness = Harness { client: client(&vaults), vaults, clock, folder };
    let body = data(2 * LEAF + 5);
    let id = harness.upload(&body, "").await;
    let job = harness.retrieve(&id, None).await;
    let name = files(harness.folder.path(), "blobs").pop().unwrap();
    let file = harness.folder.path().join("blobs").join(&name);
    let flip = || {
        let mut bytes = fs::read(&file).unwrap();
        bytes[LEAF + 7] ^= 0x10;
        fs::write(&file, bytes).unwrap();
    };
    flip();
    // It breaks off, with the name of the file and not as if it happened on the way.
    let error = harness.output(&job, None).await.unwrap_err();
    assert!(matches!(&error, Error::Transport(_)), "{error}");
    assert!(error.to_string().contains(&format!("blobs/{name} is damaged")), "{error}");
    assert_eq!(*found.lock().unwrap(), [Finding::Damaged { file: file.clone() }]);
    // From then on it is a service error.
    let (code, message) = service_error(harness.output(&job, None).await);
    assert_eq!(code, ErrorCode::ServiceUnavailable);
    assert!(message.contains(&format!("blobs/{name} is damaged")), "{message}");
    // Another file of the same length is damage too; the right one is good again.
    flip();
    assert!(harness.output(&job, None).await.unwrap().data == body);
}

#[cfg(unix)]
#[tokio::test]
async fn links_inside_the_folder_are_refused_and_nothing_elsewhere_is_touched() {
    let elsewhere = tempfile::tempdir().unwrap();
    let victim = elsewhere.path().join("00000000000000000000000000000001");
    fs::write(&victim, "mine").unwrap();
    for name in ["staged", "blobs", "lost+found", "glacier.redb", "commits"] {
        let (folder, _) = close(Harness::with_vault().await);
        let entry = folder.path().join(name);
        let _ = fs::remove_dir(&entry).and_then(|()| fs::remove_file(&entry));
        let _ = fs::remove_file(&entry);
        std::os::unix::fs::symlink(elsewhere.path(), &entry).unwrap();
        let error = Vaults::open(folder.path(), Settings::default()).unwrap_err();
        assert!(matches!(&error, OpenError::Irregular { path, .. } if *path == entry), "{name}: {error}");
        assert!(error.to_string().contains("a symbolic link"), "{error}");
        assert_eq!(fs::read(&victim).unwrap(), b"mine", "{name}");
    }
    // The folder's own path may be a link.
    let (folder, _) = close(Harness::with_vault().await);
    let link = elsewhere.path().join("vaults");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    Vaults::open(&link, Settings::default()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn everything_in_the_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    fn modes(folder: &Path, all: &mut Vec<(PathBuf, u32)>) {
        all.push((folder.into(), folder.metadata().unwrap().permissions().mode() & 0o7777));
        for entry in folder.is_dir().then(|| fs::read_dir(folder).unwrap()).into_iter().flatten() {
            modes(&entry.unwrap().path(), all);
        }
    }
    let check = |folder: &Path| {
        let mut all = Vec::new();
        modes(folder, &mut all);
        assert_eq!(all.len(), 6, "the folder, the index, the last commit, two folders, a body");
        for (path, mode) in all {
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        }
    };
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("new/vaults");
    let vaults = Vaults::open(&folder, Settings::default()).unwrap();
    let mut harness = Harness { client: client(&vaults), vaults, ..Harness::new() };
    let now = Timestamp::from_unix(SystemClock.unix_millis() / 1000);
    harness.client.send(&ops::CreateVault { vault: vault() }, now, &mut [0; 2048]).await.unwrap();
    let operation = ops::UploadArchive { vault: vault(), description: None, body: hashes(b"x").try_into().unwrap() };
    harness.client.upload(&operation, &mut Bytes::new(b"x"), now, &mut [0; 2048]).await.unwrap();
    drop(harness);
    check(&folder);
    // One that is open to others, as an earlier version made it, is closed.
    let mut all = Vec::new();
    modes(&folder, &mut all);
    for (path, mode) in all {
        fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o055)).unwrap();
    }
    let vaults = Vaults::open(&folder, Settings::default()).unwrap();
    assert_eq!(vaults.found(), [Finding::Closed { folder: folder.clone(), mode: 0o755 }]);
    drop(vaults);
    check(&folder);
}
