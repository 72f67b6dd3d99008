//! A folder of vaults that was moved, put back, linked or damaged: what the command and the server say and do.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::fixture::{Finished, Fixture, MIB, Server, command, data};

const INDEX: &str = "data/glacier.redb";

/// Vaults with one archive, and its id.
fn stored(body: &[u8]) -> (Fixture, String) {
    let fixture = Fixture::local();
    fixture.write("file", body);
    let id = fixture.run(&["upload", "v", "file", "--create-vault"]).success().to_owned();
    (fixture, id)
}

fn serve(dir: &Path) -> Finished {
    command(dir).args(["serve", "--data", "data", "--listen", "127.0.0.1:0"]).output().unwrap().into()
}

/// Starts a server whose standard error goes to a file.
fn logged(fixture: &Fixture) -> (Server, PathBuf) {
    let log = fixture.path("log");
    (Server::start_with(fixture.dir.path(), &[], File::create(&log).unwrap().into()), log)
}

fn bodies(fixture: &Fixture) -> Vec<PathBuf> {
    fs::read_dir(fixture.path("data/blobs")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn without_its_index_a_folder_is_refused_and_no_body_is_deleted() {
    let (fixture, id) = stored(b"precious");
    fs::rename(fixture.path(INDEX), fixture.path("moved")).unwrap();
    for _ in 0..2 {
        fixture.run(&["vault", "list"]).failed(255, &["data", "glacier.redb", "is missing", "put it back"]);
        serve(fixture.dir.path()).failed(255, &["data", "glacier.redb", "is missing", "put it back"]);
        assert_eq!(fs::read(&bodies(&fixture)[0]).unwrap(), b"precious");
    }
    fs::rename(fixture.path("moved"), fixture.path(INDEX)).unwrap();
    let restored = fixture.run(&["restore", "v", &id, "-o", "back"]);
    restored.success();
    assert!(!restored.err.contains("data"), "nothing was found: {restored:?}");
    assert_eq!(fixture.read("back"), b"precious");
}

#[test]
fn an_older_index_loses_no_body_and_says_so() {
    for served in [false, true] {
        let (fixture, old) = stored(b"old");
        fs::copy(fixture.path(INDEX), fixture.path("older")).unwrap();
        fixture.write("file", b"new");
        let new = fixture.run(&["upload", "v", "file"]).success().to_owned();
        fs::rename(fixture.path(INDEX), fixture.path("newer")).unwrap();
        fs::copy(fixture.path("older"), fixture.path(INDEX)).unwrap();
        let said = if served {
            let (mut server, log) = logged(&fixture);
            server.stop("TERM");
            fs::read_to_string(log).unwrap()
        } else {
            // Quiet, it says what is to be done all the same.
            fixture.run(&["--quiet", "vault", "list"]).err
        };
        assert!(said.contains("lost+found") && said.contains("put back the newer one"), "{said}");
        fixture.run(&["restore", "v", &new, "-o", "back"]).failed(254, &["ResourceNotFoundException"]);
        fs::rename(fixture.path("newer"), fixture.path(INDEX)).unwrap();
        let restored = fixture.run(&["restore", "v", &new, "-o", "back"]);
        restored.success();
        assert!(restored.err.contains("put back from lost+found"), "{restored:?}");
        assert_eq!(fixture.read("back"), b"new");
        fixture.run(&["restore", "v", &old, "-o", "back"]).success();
        assert_eq!(fixture.read("back"), b"old");
    }
}

#[test]
fn a_damaged_body_is_called_that_and_named() {
    let body = data(2 * MIB + 7);
    let (fixture, id) = stored(&body);
    let file = bodies(&fixture).pop().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[MIB + 9] ^= 1;
    fs::write(&file, bytes).unwrap();
    let name = format!("blobs/{}", file.file_name().unwrap().to_str().unwrap());

    let local = fixture.run(&["restore", "v", &id, "-o", "back"]);
    local.failed(255, &[&name, "is damaged", "from a copy"]);
    let (server, log) = logged(&fixture);
    let run = |arguments: &[&str]| -> Finished {
        // A service that fails would be waited for.
        command(fixture.dir.path())
            .args(["--endpoint-url", &server.url, "--retry-for", "0"])
            .args(arguments)
            .output()
            .unwrap()
            .into()
    };
    let served = run(&["restore", "v", &id, "-o", "back"]);
    served.failed(254, &[&name, "is damaged"]);
    for finished in [&local, &served] {
        assert!(!finished.err.contains("on the way"), "{finished:?}");
    }
    let said = fs::read_to_string(log).unwrap();
    assert!(said.contains(&name) && said.contains("is damaged"), "{said}");
    assert!(!fixture.path("back").exists());
}

#[cfg(unix)]
#[test]
fn a_link_inside_the_folder_is_refused() {
    let (fixture, _) = stored(b"x");
    let elsewhere = fixture.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let victim = elsewhere.join("00000000000000000000000000000001");
    fs::write(&victim, "mine").unwrap();
    fs::remove_dir(fixture.path("data/staged")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, fixture.path("data/staged")).unwrap();
    fixture.run(&["vault", "list"]).failed(255, &["data/staged", "a symbolic link"]);
    serve(fixture.dir.path()).failed(255, &["data/staged", "a symbolic link"]);
    assert_eq!(fs::read(victim).unwrap(), b"mine");
}

#[test]
fn an_archive_of_another_vault_is_not_deleted() {
    for fixture in Fixture::both() {
        fixture.write("file", b"x");
        let id = fixture.run(&["upload", "a", "file", "--create-vault"]).success().to_owned();
        fixture.run(&["vault", "create", "b"]).success();
        fixture
            .run(&["archive", "delete", "b", &id])
            .failed(254, &["InvalidParameterValueException", "is in the vault a, not in b"]);
        fixture.run(&["archive", "delete", "a", &id]).success();
        for vault in ["a", "b"] {
            fixture.run(&["archive", "delete", vault, &id]).success();
        }
    }
}
