//! `glacier policy test`.

use std::time::Duration;

use glacier_core::hash::PayloadHasher;
use glacier_core::ops::{CompleteVaultLock, CreateVault, DeleteArchive, InitiateVaultLock, UploadArchive};
use glacier_core::{Bytes, Client, Credentials, Endpoint, Error, ErrorCode, Timestamp, VaultRef};
use glacier_std::local::{LocalTransport, Settings, TEST_ACCESS_KEY_ID, TEST_SECRET, TimeMode, Vaults};

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

/// A rehearsal in virtual time: whatever the age of an archive, the command says what the vault then does.
#[tokio::test]
async fn the_command_decides_as_the_vault_does() {
    let fixture = Fixture::local();
    fixture.write("lock.json", lock().as_bytes());
    let settings = Settings::default().with_account("111122223333").with_time(TimeMode::Manual);
    let vaults = Vaults::in_memory(settings).unwrap();
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).unwrap();
    let mut client = Client::new(LocalTransport::new(&vaults), Endpoint::new("us-west-2", "localhost").unwrap(), credentials);
    let now = Timestamp::from_unix(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let vault = VaultRef::try_from("ledgers").unwrap();
    let mut buf = vec![0; 64 << 10];
    client.send(&CreateVault { vault }, now, &mut buf).await.unwrap();
    let text = lock();
    let initiated = client.send(&InitiateVaultLock { vault, policy: text.as_str().try_into().unwrap() }, now, &mut buf).await;
    let id = initiated.unwrap().lock_id().unwrap().as_str().to_owned();
    client.send(&CompleteVaultLock { vault, lock: id.as_str().try_into().unwrap() }, now, &mut buf).await.unwrap();
    for (days, decision) in [(0, "deny"), (364, "deny"), (365, "allow"), (366, "allow")] {
        let mut body = Bytes::new(b"bytes");
        let mut hasher = PayloadHasher::new();
        hasher.update(b"bytes");
        let upload = UploadArchive { vault, description: None, body: hasher.finish().unwrap().try_into().unwrap() };
        let made = client.upload(&upload, &mut body, now, &mut buf).await.unwrap();
        let archive = made.archive_id().unwrap().as_str().to_owned();
        vaults.advance(Duration::from_secs(days * 86_400));
        let age = format!("glacier:ArchiveAgeInDays={days}");
        let said = test(&fixture, "lock.json", "arn:aws:iam::111122223333:root", &["--condition", &age]);
        let archive = archive.as_str().try_into().unwrap();
        let deleted = client.send(&DeleteArchive { vault, archive }, now, &mut buf).await.map(|_| ());
        assert_eq!(said.out, format!("{decision}\n"), "{days}");
        match deleted {
            Ok(()) => assert_eq!(decision, "allow", "{days}"),
            Err(Error::Service(error)) => {
                assert_eq!((decision, error.code), ("deny", ErrorCode::AccessDenied), "{days}");
                let end = "statement 0 (deny-based-on-archive-age) of the vault lock policy";
                assert!(error.whole_message().ends_with(end) && said.err.contains("statement 0 (deny-based-on-archive-age)"));
            }
            Err(other) => panic!("{other}"),
        }
    }
}
