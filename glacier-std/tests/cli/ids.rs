//! Ids may begin with any character.

use crate::fixture::Fixture;

#[test]
fn ids_that_look_like_options_are_ids() {
    let fixture = Fixture::local();
    fixture.run(&["vault", "create", "v"]).success();
    let tail = "aBcD-_0123456789".repeat(8);
    for start in ["-", "--", "_", "-o", "--output", "-h", "--help"] {
        let id = format!("{start}{tail}");
        for line in [
            &["restore", "v", &id][..],
            &["restore", "v", "--", &id],
            &["restore", "v", &id, "-o", "t", "--tier", "bulk"],
            &["restore", "-o", "t", "v", &id],
            &["restore", "v", "x", "-o", "t", "--job", &id],
            &["job", "info", "v", &id, "--output", "json"],
            &["job", "info", "v", "--", &id],
        ] {
            fixture.run(line).failed(254, &["ResourceNotFoundException", &id[..100]]);
        }
        for line in
            [&["archive", "delete", "v", &id][..], &["archive", "delete", "v", &id, "-v"], &["archive", "delete", "v", "--", &id]]
        {
            assert_eq!(fixture.run(line).success(), "", "deleting a missing archive succeeds");
        }
        assert_eq!(fixture.names(), Vec::<String>::new());
    }
}

#[test]
fn empty_ids_are_invalid() {
    let fixture = Fixture::local();
    fixture.run(&["restore", "v", ""]).failed(252, &["archive id is empty"]);
    fixture.run(&["archive", "delete", "v", ""]).failed(252, &["archive id is empty"]);
    fixture.run(&["job", "info", "v", ""]).failed(252, &["job id is empty"]);
}

/// Pasted from a spreadsheet, a JSON file or a path: named before the service is asked about an id that it never made.
#[test]
fn what_was_copied_with_an_id_or_a_name_is_named() {
    let fixture = Fixture::local();
    for (text, place) in [
        ("-id ", "' ' at byte 3"),
        ("-id\r", r"'\r' at byte 3"),
        ("-id\n", r"'\n' at byte 3"),
        ("\"-id\"", "'\"' at byte 0"),
        ("-/vaults/v/archives/-id", "a path at byte 0"),
    ] {
        for (kind, line) in [
            ("archive", &["restore", "v", text, "-o", "t"][..]),
            ("job", &["restore", "v", "x", "-o", "t", "--job", text]),
            ("archive", &["archive", "delete", "v", text]),
            ("job", &["job", "info", "v", text]),
        ] {
            fixture.run(line).failed(252, &[&format!("the {kind} id has {place}"), "give only -id"]);
        }
    }
    for name in ["arn:aws:glacier:eu-west-1:000000000000:vaults/photos", "/000000000000/vaults/photos"] {
        for line in [&["vault", "info", name][..], &["vault", "create", name], &["restore", name, "x"], &["job", "list", name]] {
            fixture.run(line).failed(252, &["a vault name is neither an ARN nor a path: give only photos"]);
        }
    }
    for (name, place) in [("photos ", "' ' at byte 6"), ("photos\r", r"'\r' at byte 6"), ("'photos'", r"'\'' at byte 0")] {
        fixture.run(&["vault", "info", name]).failed(252, &["vault name", place]);
    }
    assert_eq!(fixture.run(&["vault", "list"]).success(), "");
    assert_eq!(fixture.names(), Vec::<String>::new());
}
