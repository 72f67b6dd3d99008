//! Help, the version, and sizes as their users read them.

use crate::fixture::Fixture;

#[test]
fn help_is_a_command_too() {
    let fixture = Fixture::local();
    for (words, same) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "upload"], &["upload", "--help"]),
        (&["help", "vault", "create"], &["vault", "create", "--help"]),
        (&["vault", "help", "create"], &["vault", "create", "--help"]),
    ] {
        let help = fixture.run(words);
        assert!(help.success().contains("Usage: glacier"), "{help:?}");
        assert_eq!(help.out, fixture.run(same).out);
    }
    let unknown = fixture.run(&["help", "nosuch"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (252, ""), "{unknown:?}");
}

#[test]
fn decimal_and_binary_units_differ() {
    let fixture = Fixture::local();
    fixture.run(&["vault", "create", "v"]).success();
    // 40 TB fit into 10,000 parts of 4 GiB, and 40 TiB do not.
    fixture.run_with_input(&["upload", "v", "-", "--expected-size", "40TB"], b"x").success();
    let failed = fixture.run_with_input(&["upload", "v", "-", "--expected-size", "40TiB"], b"x");
    assert_eq!((failed.code, failed.out.as_str()), (252, ""), "{failed:?}");
    let help = fixture.run(&["upload", "--help"]);
    assert!(help.success().contains("KB, MB, GB, TB are powers of 1000"), "{help:?}");
}

#[test]
fn the_help_of_serve_is_for_users_of_other_sdks_too() {
    let help = Fixture::local().run(&["serve", "--help"]);
    for word in [
        "AWS_ENDPOINT_URL_GLACIER=http",
        "AWS_DEFAULT_REGION",
        "endpointOverride",
        "/_glacier/health",
        "--time scaled:4000",
        "Remove DIR",
    ] {
        assert!(help.success().contains(word), "{word}: {help:?}");
    }
}

#[test]
fn a_pipe_is_not_lectured_on_its_unknown_length() {
    let fixture = Fixture::local();
    fixture.run(&["vault", "create", "v"]).success();
    let usual = fixture.run_with_input(&["upload", "v", "-"], b"x");
    usual.success();
    assert!(!usual.err.contains("unknown size"), "{usual:?}");
    let small_parts = fixture.run_with_input(&["upload", "v", "-", "--part-size", "1M"], b"x");
    small_parts.success();
    assert!(small_parts.err.contains("hold at most 9.8 GiB") && small_parts.err.contains("--expected-size"), "{small_parts:?}");
}

#[test]
fn details_of_a_local_vault_are_for_those_who_ask_twice() {
    let fixture = Fixture::local();
    let has_phases = |option| {
        let created = fixture.run(&["vault", "create", "v", option]);
        created.success();
        created.err.contains("CreateVault")
    };
    assert!(!has_phases("-v"));
    assert!(has_phases("-vv"));
}

#[test]
fn a_vault_that_is_not_empty_is_explained() {
    for fixture in Fixture::both() {
        fixture.write("f", b"x");
        fixture.run(&["upload", "v", "f", "--create-vault"]).success();
        let words = ["not empty", "glacier archive delete", "last inventory, which is up to a day old", "tomorrow"];
        fixture.run(&["vault", "delete", "v"]).failed(254, &words);
    }
}

#[test]
fn the_version_names_commit_target_and_features() {
    let fixture = Fixture::local();
    let version = fixture.run(&["--version"]);
    let lines: Vec<_> = version.success().lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, concat!("glacier ", env!("CARGO_PKG_VERSION"))), "{version:?}");
    let commit = lines[1].strip_prefix("commit ").unwrap();
    // Asked of git where this is a checkout; a package names the commit that it was made from.
    let head = std::process::Command::new("git").args(["rev-parse", "HEAD"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let is_packaged = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".cargo_vcs_info.json").exists();
    match head {
        Ok(head) if head.status.success() && !is_packaged => assert_eq!(commit, String::from_utf8(head.stdout).unwrap().trim_end()),
        _ => assert!(commit == "unknown" || commit.len() >= 40, "{commit}"),
    }
    let target = lines[2].strip_prefix("target ").unwrap();
    assert!(target.starts_with(std::env::consts::ARCH) && target.contains(std::env::consts::OS), "{target}");
    let features: Vec<_> = lines[3].strip_prefix("features ").unwrap().split(", ").collect();
    assert!(["cli", "http", "local", "serve", "transfer"].iter().all(|name| features.contains(name)), "{features:?}");
    assert!(features.is_sorted());
    assert_eq!(fixture.run(&["-V"]).success(), lines[0]);
}
