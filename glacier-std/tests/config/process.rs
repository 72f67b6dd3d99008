//! `credential_process`: a program that prints credentials.

use std::path::PathBuf;

use glacier_core::{ProvideCredentials, Timestamp};
use glacier_std::config::{AwsCredentials, Config, ConfigError, Found, ProcessError};

use crate::home::{Home, KEY};

const PRINTED: &str = r#"{"Version":1,"AccessKeyId":"ID","SecretAccessKey":"SECRET"}"#;

/// A profile `asked` whose process is this shell script, run with the words of `arguments`.
fn home(script: &str, arguments: &str) -> (Home, PathBuf) {
    let home = Home::new("", "");
    let path = home.folder.path().join("a script");
    std::fs::write(&path, script).unwrap();
    let config = format!(
        "[profile asked]\n  credential_process = /bin/sh \"{}\" {arguments}\n{}",
        path.display(),
        KEY.replace("ID", "STATIC")
    );
    std::fs::write(home.folder.path().join(".aws/config"), config).unwrap();
    (home, path)
}

async fn load(home: &Home) -> Result<Found<AwsCredentials>, ConfigError> {
    let env = |name: &str| home.env.get(name).cloned();
    Config::load(&env, Some("asked"))?.credentials().await
}

async fn id(found: &mut Found<AwsCredentials>, now: u64) -> Option<String> {
    Some(found.value.credentials(Timestamp::from_unix(now)).await.ok()?.access_key_id().to_owned())
}

#[tokio::test]
async fn a_process_comes_before_the_keys_of_its_file_and_its_words_are_not_run_by_a_shell() {
    let (home, path) = home(&format!("printf '%s|' \"$@\" > \"$0.words\"\necho '{PRINTED}'\n"), r#"'a b' $HOME `x` "c\"d" e#f"#);
    let mut found = load(&home).await.unwrap();
    assert!(found.from.contains("credential_process") && found.from.contains("profile asked"), "{}", found.from);
    assert!(matches!(found.value, AwsCredentials::Process(_)));
    // Far in the future, as they do not expire.
    assert_eq!(id(&mut found, 9_999_999_999).await.unwrap(), "ID");
    let words = std::fs::read_to_string(path.with_extension("words")).unwrap();
    assert_eq!(words, r#"a b|$HOME|`x`|c"d|e#f|"#);
}

#[tokio::test]
async fn what_a_process_printed_is_renewed() {
    // Each call prints another key.
    let (home, path) = home(
        "echo x >> \"$0.count\"\nn=$(wc -l < \"$0.count\")\necho '{\"Version\":1,\"AccessKeyId\":\"ID'$n'\",\
         \"SecretAccessKey\":\"SECRET\",\"SessionToken\":\"TOKEN\",\"Expiration\":\"2030-01-01T00:00:00Z\"}'\n",
        "",
    );
    let mut found = load(&home).await.unwrap();
    let shown = format!("{found:?}");
    assert!(shown.contains("ID1") && !shown.contains("SECRET") && !shown.contains("TOKEN"), "{shown}");
    // 2030-01-01 is 1893456000, by `date -u -d 2030-01-01 +%s`.
    for (now, expected) in
        [(0, "ID1"), (1_893_455_699, "ID1"), (1_893_455_700, "ID2"), (1_893_455_759, "ID2"), (1_893_455_760, "ID3")]
    {
        assert_eq!(id(&mut found, now).await.unwrap(), expected, "{now}");
    }
    // Clones share what was printed.
    let mut clone = found.clone();
    assert!(found.value.renew());
    assert_eq!(id(&mut found, 0).await.unwrap(), "ID4");
    assert!(clone.value.renew());
    assert_eq!(id(&mut clone, 0).await.unwrap(), "ID4");
    // The process fails: they are used until they expire.
    std::fs::write(&path, "echo SECRET >&2\nexit 1\n").unwrap();
    assert_eq!(id(&mut found, 1_893_455_999).await.unwrap(), "ID4");
    let error = found.value.credentials(Timestamp::from_unix(1_893_456_000)).await.unwrap_err();
    assert!(error.0.contains("credential_process"), "{error}");
}

#[tokio::test]
async fn a_process_that_fails_is_told_apart_from_one_that_prints_something_else() {
    for (script, part) in [
        ("echo SECRET >&2\necho SECRET\nexit 3", "exit code 3"),
        ("kill -15 $$", "signal 15"),
        ("echo SECRET", "JSON"),
        ("", "Version"),
        (r#"echo '{"Version":2,"AccessKeyId":"ID","SecretAccessKey":"SECRET"}'"#, "Version"),
        (r#"echo '{"Version":1,"AccessKeyId":"ID"}'"#, "SecretAccessKey"),
        (r#"echo '{"Version":1,"AccessKeyId":"ID","SecretAccessKey":"SECRET","Expiration":"2012-01-01T00:00:00Z"}'"#, "expired"),
        ("exec cat /dev/zero", "64 KiB"),
    ] {
        let (home, _) = home(script, "--token SECRET");
        let error = load(&home).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(matches!(error, ConfigError::Process { .. }) && shown.contains(part), "{script}: {shown}");
        assert!(shown.contains("profile asked") && !shown.contains("SECRET"), "{shown}");
    }
}

#[tokio::test]
async fn a_command_that_cannot_be_run_is_named_without_its_arguments() {
    for (command, part) in [
        ("/nowhere/at/all --token SECRET", "/nowhere/at/all cannot be started"),
        ("/bin/sh 'SECRET", "quote that is not closed"),
        ("'' SECRET", "names no program"),
    ] {
        let home = Home::new(&format!("[profile asked]\ncredential_process = {command}\n"), "");
        let error = load(&home).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(part) && !shown.contains("SECRET"), "{shown}");
        assert!(matches!(error, ConfigError::Process { error: ProcessError::Start { .. } | ProcessError::Quoting(_), .. }));
    }
}
