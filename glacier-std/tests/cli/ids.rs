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
