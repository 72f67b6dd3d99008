//! `glacier fsck`: what is sound, what is found, and what is moved aside.

use std::fs;
use std::path::PathBuf;

use crate::fixture::{Finished, Fixture};

/// A directory with an archive in one piece; its id and its file.
fn stored(fixture: &Fixture, body: &[u8]) -> (String, PathBuf) {
    fixture.write("file", body);
    let before = bodies(fixture);
    let id = fixture.run(&["upload", "v", "file", "--create-vault"]).success().to_owned();
    let file = bodies(fixture).into_iter().find(|file| !before.contains(file)).unwrap();
    (id, file)
}

fn bodies(fixture: &Fixture) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(fixture.path("data/blobs")) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn fsck(fixture: &Fixture, more: &[&str]) -> Finished {
    let directory = fixture.path("data");
    fixture.run(&[&["fsck", directory.to_str().unwrap()], more].concat())
}

#[test]
fn a_sound_directory_is_told_in_one_line() {
    let fixture = Fixture::local();
    stored(&fixture, b"some bytes");
    stored(&fixture, &[7; 3 << 20]);
    assert_eq!(fsck(&fixture, &[]).success(), "1 vaults, 2 archives, 2 files of 3145738 bytes read");
    let json: serde_json::Value = serde_json::from_str(fsck(&fixture, &["--output", "json"]).success()).unwrap();
    assert_eq!(json, serde_json::json!({ "findings": [], "vaults": 1, "archives": 2, "files": 2, "bytes": 3_145_738 }));
}

#[test]
fn a_damaged_file_is_found_and_moved_aside_and_can_be_put_back() {
    let fixture = Fixture::local();
    let (sound, _) = stored(&fixture, b"sound");
    let body = vec![9; (2 << 20) + 5];
    let (id, file) = stored(&fixture, &body);
    for damaged in [&[&body[..], b"x"].concat()[..], &body[1..], &[&body[1..], b"x"].concat()] {
        fs::write(&file, damaged).unwrap();
        for _ in 0..2 {
            let found = fsck(&fixture, &[]);
            assert_eq!(found.code, 1, "{found:?}");
            assert!(found.out.contains("is damaged") && found.out.contains(&id) && !found.out.contains(&sound), "{found:?}");
            assert!(file.exists(), "nothing was moved");
        }
        let repaired = fsck(&fixture, &["--repair"]);
        assert_eq!(repaired.code, 1, "{repaired:?}");
        let aside = fixture.path("data/lost+found").join(file.file_name().unwrap());
        assert_eq!(fs::read(&aside).unwrap(), damaged);
        assert!(repaired.out.contains(aside.to_str().unwrap()) && !file.exists(), "{repaired:?}");
        fs::remove_file(aside).unwrap();
        assert!(fsck(&fixture, &[]).out.contains("is missing: the archive"));
        fs::write(&file, &body).unwrap();
        assert_eq!(fsck(&fixture, &[]).code, 0);
    }
    fixture.run(&["restore", "v", &id, "-o", "back"]).success();
    assert_eq!(fixture.read("back"), body);
}

#[test]
fn a_file_that_no_record_names_is_found_and_moved_aside() {
    let fixture = Fixture::local();
    stored(&fixture, b"sound");
    let stray = fixture.path("data/blobs/00000000000000000000000000000007");
    fs::write(&stray, "stray").unwrap();
    let found = fsck(&fixture, &[]);
    assert_eq!((found.code, stray.exists()), (1, true), "{found:?}");
    assert!(found.out.contains("00000000000000000000000000000007: no record names this file"), "{found:?}");
    assert_eq!(fsck(&fixture, &["--repair"]).code, 1);
    assert_eq!(fs::read(fixture.path("data/lost+found/00000000000000000000000000000007")).unwrap(), b"stray");
    let found = fsck(&fixture, &[]);
    assert!(found.code == 1 && found.out.contains("lost+found/00000000000000000000000000000007"), "{found:?}");
}

#[test]
fn what_is_no_directory_of_vaults_is_an_error_and_stays_as_it_is() {
    let fixture = Fixture::local();
    fsck(&fixture, &[]).failed(255, &["data"]);
    assert!(!fixture.path("data").exists());
    fs::create_dir(fixture.path("data")).unwrap();
    fsck(&fixture, &[]).failed(255, &["data", "no vaults"]);
    assert_eq!(fs::read_dir(fixture.path("data")).unwrap().count(), 0);
    // A damaged index is told, and nothing is changed.
    fs::remove_dir(fixture.path("data")).unwrap();
    stored(&fixture, b"sound");
    let index = fixture.path("data/glacier.redb");
    let mut bytes = fs::read(&index).unwrap();
    let length = bytes.len();
    bytes[length / 2..].fill(0x55);
    bytes[4096..length / 2].fill(0x55);
    fs::write(&index, &bytes).unwrap();
    fsck(&fixture, &["--repair"]).failed(255, &["glacier.redb"]);
    assert!(fs::read(&index).unwrap() == bytes);
}
