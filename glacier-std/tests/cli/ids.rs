//! Ids may begin with any character.

use crate::bench::Bench;

#[test]
fn ids_that_look_like_options_are_ids() {
    let bench = Bench::local();
    bench.run(&["vault", "create", "v"]).good();
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
            bench.run(line).failed(254, &["ResourceNotFoundException", &id[..100]]);
        }
        for line in
            [&["archive", "delete", "v", &id][..], &["archive", "delete", "v", &id, "-v"], &["archive", "delete", "v", "--", &id]]
        {
            assert_eq!(bench.run(line).good(), "", "deleting a missing archive succeeds");
        }
        assert_eq!(bench.names(), Vec::<String>::new());
    }
}

#[test]
fn empty_ids_are_invalid() {
    let bench = Bench::local();
    bench.run(&["restore", "v", ""]).failed(252, &["archive id is empty"]);
    bench.run(&["archive", "delete", "v", ""]).failed(252, &["archive id is empty"]);
    bench.run(&["job", "info", "v", ""]).failed(252, &["job id is empty"]);
}
