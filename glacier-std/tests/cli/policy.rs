//! `glacier policy test`.

use crate::fixture::{Finished, Fixture, command};

const VAULT: &str = "arn:aws:glacier:us-west-2:111122223333:vaults/ledgers";

fn test(fixture: &Fixture, file: &str, principal: &str, more: &[&str]) -> Finished {
    let fixed = ["policy", "test", file, "--action", "glacier:DeleteArchive", "--resource", VAULT, "--principal", principal];
    command(fixture.dir.path()).args(fixed).args(more).output().unwrap().into()
}

/// The lock of the Amazon Glacier developer guide, "Example 1: Deny deletion permissions for archives less than 365 days old".
fn lock() -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"deny-based-on-archive-age","Principal":"*","Effect":"Deny",
        "Action":"glacier:DeleteArchive","Resource":["{VAULT}"],"Condition":{{"NumericLessThan":{{"glacier:ArchiveAgeInDays":"365"}}}}}}]}}"#
    )
}

#[test]
fn the_exit_code_and_the_output_say_what_is_decided() {
    let fixture = Fixture::local();
    fixture.write("lock.json", lock().as_bytes());
    let own = "arn:aws:iam::111122223333:user/archivist";
    let young = test(&fixture, "lock.json", own, &["--condition", "glacier:ArchiveAgeInDays=364"]);
    assert_eq!((young.code, young.out.as_str()), (1, "deny\n"));
    assert!(young.err.contains("by statement 0 (deny-based-on-archive-age)"), "{}", young.err);
    let old = test(&fixture, "lock.json", own, &["--condition", "glacier:ArchiveAgeInDays=365"]);
    assert_eq!((old.code, old.out.as_str()), (0, "allow\n"));
    let other = test(&fixture, "lock.json", "arn:aws:iam::444455556666:root", &["--output", "json"]);
    assert_eq!((other.code, other.out.as_str()), (1, "{\"decision\":\"deny\",\"policy\":null,\"sid\":null,\"statement\":null}\n"));
    let young = test(&fixture, "lock.json", own, &["--condition", "glacier:ArchiveAgeInDays=0", "--output", "json"]);
    let json = "{\"decision\":\"deny\",\"policy\":\"access\",\"sid\":\"deny-based-on-archive-age\",\"statement\":0}\n";
    assert_eq!((young.code, young.out.as_str()), (1, json));
}

#[test]
fn what_cannot_be_set_or_asked_is_usage() {
    let fixture = Fixture::local();
    fixture.write("other.json", lock().replace("vaults/ledgers", "vaults/films").as_bytes());
    fixture.write("lock.json", lock().as_bytes());
    let own = "arn:aws:iam::111122223333:user/archivist";
    for (file, principal, more, named) in [
        ("other.json", own, &[][..], "vaults/films"),
        ("lock.json", "archivist", &[], "--principal archivist"),
        ("lock.json", own, &["--condition", "glacier:ArchiveAgeInDays"], "KEY=VALUE"),
    ] {
        let run = test(&fixture, file, principal, more);
        assert_eq!((run.code, run.out.as_str()), (252, ""));
        assert!(run.err.contains(named), "{}", run.err);
    }
    let missing = test(&fixture, "gone.json", own, &[]);
    assert_eq!(missing.code, 255);
    assert!(missing.err.contains("gone.json: no such file"), "{}", missing.err);
}
