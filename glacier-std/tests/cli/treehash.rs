//! `glacier treehash` compared with sha256sum.

use crate::fixture::{Finished, Fixture, MIB, command, data, tree_hash};

fn treehash(fixture: &Fixture, arguments: &[&str]) -> Finished {
    command(fixture.dir.path()).arg("treehash").args(arguments).output().unwrap().into()
}

#[test]
fn prints_and_checks() {
    let fixture = Fixture::local();
    let sizes = [0, 1, MIB, MIB + 1, 7 * MIB + 12345];
    let names: Vec<_> = sizes.iter().map(|size| format!("f {size}")).collect();
    let mut expected = String::new();
    for (size, name) in sizes.iter().zip(&names) {
        fixture.write(name, &data(*size));
        expected += &format!("{}  {name}\n", tree_hash(&data(*size)));
    }
    let printed = treehash(&fixture, &names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((printed.code, &printed.out), (0, &expected));
    fixture.write("sums", expected.as_bytes());
    let checked = treehash(&fixture, &["-c", "sums"]);
    assert_eq!(checked.out, names.iter().map(|name| format!("{name}: OK\n")).collect::<String>());
    assert_eq!((checked.code, checked.err.as_str()), (0, ""));
}

#[test]
fn a_mismatch_a_missing_file_and_an_invalid_line() {
    let fixture = Fixture::local();
    fixture.write("a", b"a");
    let hash = tree_hash(b"a");
    fixture.write("sums", format!("# a note\n{hash}  a\nnonsense\n{hash} *gone\n{hash}  a\r\n{}  a\n", tree_hash(b"b")).as_bytes());
    let checked = treehash(&fixture, &["-c", "sums"]);
    assert_eq!((checked.code, checked.out.as_str()), (1, "a: OK\ngone: FAILED open or read\na: OK\na: FAILED\n"));
    for part in
        ["gone: no such file", "1 lines are improperly", "1 listed files could not be read", "1 computed checksums did NOT match"]
    {
        assert!(checked.err.contains(part), "{part}: {}", checked.err);
    }
    fixture.write("none", b"nothing here\n");
    let none = treehash(&fixture, &["-c", "none"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("no properly formatted"), "{}", none.err);
    let some = treehash(&fixture, &["gone", "a", "."]);
    assert_eq!((some.code, some.out), (1, format!("{hash}  a\n")));
}

#[cfg(unix)]
#[test]
fn names_are_escaped_as_sha256sum_does() {
    let fixture = Fixture::local();
    // Up to 1 MiB the tree hash is the SHA-256, so sha256sum prints the same.
    for (name, verdict) in [("plain", "plain: OK\n"), ("back\\slash", "back\\slash: OK\n"), ("line\nbreak", "\\line\\nbreak: OK\n")]
    {
        fixture.write(name, b"x");
        let theirs = std::process::Command::new("sha256sum").arg("--").arg(name).current_dir(fixture.dir.path()).output().unwrap();
        let ours = treehash(&fixture, &["--", name]);
        assert_eq!(ours.out.as_bytes(), theirs.stdout, "{name:?}");
        fixture.write("sums", &theirs.stdout);
        let checked = treehash(&fixture, &["-c", "sums"]);
        assert_eq!((checked.code, checked.out.as_str()), (0, verdict));
    }
}

#[test]
fn a_list_from_an_editor_of_windows() {
    let fixture = Fixture::local();
    fixture.write("a", b"a");
    fixture.write("b", b"b");
    let list = format!("{}  a\r\n{} *b\r\n", tree_hash(b"a"), tree_hash(b"b"));
    fixture.write("sums", format!("\u{feff}{list}").as_bytes());
    let checked = treehash(&fixture, &["-c", "sums"]);
    assert_eq!((checked.code, checked.out.as_str(), checked.err.as_str()), (0, "a: OK\nb: OK\n", ""));
    let json = treehash(&fixture, &["-c", "sums", "--output", "json"]);
    let verdicts: Vec<serde_json::Value> = json.success().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts, [serde_json::json!({"path": "a", "result": "OK"}), serde_json::json!({"path": "b", "result": "OK"})]);
    let utf16: Vec<u8> = format!("\u{feff}{list}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    fixture.write("sums", &utf16);
    treehash(&fixture, &["-c", "sums"]).failed(1, &["sums: it is in UTF-16", "UTF-8"]);
}
