//! Archives are uploaded and restored, with and without a server.

use crate::fixture::{Fixture, MIB, data, sha256, tree_hash};

#[test]
fn files_around_leaf_and_part_boundaries() {
    for fixture in Fixture::both() {
        fixture.run(&["vault", "create", "v"]).success();
        for (size, options) in [
            (1, &[][..]),
            (MIB - 1, &[]),
            (MIB, &[]),
            (MIB + 1, &[]),
            (MIB + 1, &["--part-size", "1MiB"]),
            (11 * MIB / 2, &["--part-size", "1M"]),
        ] {
            let bytes = data(size);
            fixture.write("there", &bytes);
            let up = fixture.json(&[&["upload", "v", "there"], options].concat());
            let id = up["archiveId"].as_str().unwrap();
            assert_eq!(up["checksum"], tree_hash(&bytes), "{size}");
            assert!(up["location"].as_str().unwrap().ends_with(&format!("/vaults/v/archives/{id}")), "{up}");
            let down = fixture.json(&["restore", "v", id, "-o", "back"]);
            assert_eq!(
                (&down["archiveId"], &down["checksum"], &down["bytes"]),
                (&up["archiveId"], &up["checksum"], &serde_json::json!(size))
            );
            assert_eq!(sha256(&fixture.read("back")), sha256(&bytes), "{size}");
            assert_eq!(fixture.names(), ["back", "there"], "no temporary file is left");
        }
    }
}

#[test]
fn standard_input_and_output() {
    for fixture in Fixture::both() {
        for (size, options) in
            [(1, &[][..]), (MIB, &["--part-size", "1M"]), (MIB + 1, &["--part-size", "1M"]), (3 * MIB + 7, &["--part-size", "2M"])]
        {
            let bytes = data(size);
            let up = fixture.run_with_input(&[&["upload", "v", "-", "--create-vault", "-q"], options].concat(), &bytes);
            assert_eq!(up.err, "");
            let back = fixture.command(&["restore", "v", up.success(), "-o", "-"]).output().unwrap();
            assert_eq!((back.status.code(), back.stdout == bytes), (Some(0), true), "{size}");
        }
    }
}

#[test]
fn a_stream_of_unknown_size_reports_its_limit_to_those_who_ask() {
    let fixture = Fixture::local();
    let up = fixture.run_with_input(&["upload", "v", "-", "--create-vault", "-v"], b"x");
    assert!(up.err.contains("671088640000 bytes") && up.err.contains("--expected-size"), "{}", up.err);
    let up = fixture.run_with_input(&["upload", "v", "-", "--expected-size", "1T", "-v"], b"x");
    up.success();
    assert!(!up.err.contains("unknown size"), "{}", up.err);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_read_like_standard_input() {
    let fixture = Fixture::local();
    let fifo = fixture.path("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let bytes = data(2 * MIB + 1);
    let writer = std::thread::spawn({
        let bytes = bytes.clone();
        move || std::fs::write(fifo, bytes).unwrap()
    });
    let up = fixture.json(&["upload", "v", "fifo", "--create-vault", "--part-size", "1M"]);
    writer.join().unwrap();
    assert_eq!(up["checksum"], tree_hash(&bytes));
}

/// Files that the system makes while they are read: their metadata says 0 bytes, or a page.
#[cfg(target_os = "linux")]
#[test]
fn files_of_the_system() {
    let fixture = Fixture::local();
    for path in ["/proc/filesystems", "/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled"] {
        let Ok(bytes) = std::fs::read(path) else { continue };
        let up = fixture.json(&["upload", "v", path, "--create-vault"]);
        assert_eq!(up["checksum"], tree_hash(&bytes), "{path}");
        fixture.run(&["restore", "v", up["archiveId"].as_str().unwrap(), "-o", "back"]).success();
        assert_eq!(fixture.read("back"), bytes, "{path}");
    }
}

#[test]
fn destinations_of_a_restore() {
    let fixture = Fixture::local();
    fixture.write("f", b"new");
    let up = fixture.run(&["upload", "v", "f", "--create-vault"]);
    let id = up.success();
    // Without -o: a name made from the id, which must not exist.
    let name = fixture.run(&["restore", "v", id]);
    assert_eq!(name.success(), format!("archive-{}", &id[..16]));
    fixture.run(&["restore", "v", id]).failed(252, &["already exists", "-o FILE"]);
    assert_eq!(fixture.read(name.success()), b"new");
    // With -o: an existing file is replaced.
    fixture.write("t", b"old");
    fixture.run(&["restore", "v", id, "-o", "t"]).success();
    assert_eq!(fixture.read("t"), b"new");
    // A device is written to and never replaced.
    fixture.run(&["restore", "v", id, "-o", "/dev/null"]).success();
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    // The job of an earlier restore can be used again.
    let jobs = fixture.json(&["job", "list", "v"]);
    let jobs = jobs["JobList"].as_array().unwrap();
    let count = jobs.len();
    fixture.run(&["restore", "v", id, "-o", "t", "--job", jobs[0]["JobId"].as_str().unwrap()]).success();
    assert_eq!(fixture.json(&["job", "list", "v"])["JobList"].as_array().unwrap().len(), count);
}

#[test]
fn a_directory_works_with_and_without_a_server() {
    let fixture = Fixture::served();
    fixture.write("f", b"from the server");
    let id = fixture.run(&["upload", "v", "f", "--create-vault"]).success().to_owned();
    let fixture = fixture.stop();
    assert_eq!(fixture.run(&["restore", "v", &id, "-o", "-"]).success(), "from the server");
}
