//! Where credentials are found.

use glacier_std::config::{Config, ConfigError};

use crate::home::{Home, KEY};

#[tokio::test]
async fn credentials_are_those_of_a_selected_profile_else_the_environment_else_the_profile() {
    let home = Home::new("", &format!("[default]\n{KEY}[other]\n{}aws_session_token = TOKEN\n", KEY.replace("ID", "OTHER")));
    let (id, from) = home.key(None).await.unwrap();
    assert_eq!(id, "ID");
    assert!(from.contains("profile default") && from.contains("credentials"), "{from}");
    let home = home.with("AWS_PROFILE", "other");
    assert_eq!(home.key(None).await.unwrap().0, "OTHER");
    let home = home.with("AWS_ACCESS_KEY_ID", "ENV").with("AWS_SECRET_ACCESS_KEY", "SECRET").with("AWS_SESSION_TOKEN", "TOKEN");
    assert_eq!(home.key(None).await.unwrap(), ("ENV".into(), "AWS_ACCESS_KEY_ID".into()));
    assert_eq!(home.key(Some("default")).await.unwrap().0, "ID");
}

#[tokio::test]
async fn a_profile_may_be_in_both_files_and_spelled_both_ways() {
    let config = format!(
        "[profile \"my own\"]\n{KEY}[profile default]\n{}[default]\n{}",
        KEY.replace("ID", "PREFIXED"),
        KEY.replace("ID", "PLAIN")
    );
    let home = Home::new(&config, "");
    assert_eq!(home.key(Some("my own")).await.unwrap().0, "ID");
    assert_eq!(home.key(None).await.unwrap().0, "PREFIXED");
    let home = Home::new(&config, &format!("[default]\n{}", KEY.replace("ID", "CREDENTIALS")));
    assert_eq!(home.key(None).await.unwrap().0, "CREDENTIALS");
    // Named by variables, elsewhere.
    let other = home.folder.path().join("elsewhere");
    std::fs::write(&other, format!("[default]\n{}", KEY.replace("ID", "ELSEWHERE"))).unwrap();
    let home = home.with("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere");
    assert_eq!(home.key(None).await.unwrap().0, "ELSEWHERE");
}

#[tokio::test]
async fn half_a_key_is_an_error() {
    let home = Home::new("", "").with("AWS_ACCESS_KEY_ID", "ID");
    let error = home.key(None).await.unwrap_err();
    let ConfigError::HalfCredentials { from, missing } = error else { panic!("{error:?}") };
    assert_eq!((from.as_str(), missing), ("the environment", "AWS_SECRET_ACCESS_KEY"));
    for (line, lacks) in
        [("aws_access_key_id = ID", "aws_secret_access_key"), ("aws_secret_access_key = SECRET", "aws_access_key_id")]
    {
        let error = Home::new("", &format!("[default]\n{line}\n")).key(None).await.unwrap_err();
        assert!(matches!(&error, ConfigError::HalfCredentials { missing, .. } if *missing == lacks), "{error}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
    let home = Home::new("", "").with("AWS_ACCESS_KEY_ID", "ID").with("AWS_SECRET_ACCESS_KEY", "SEC RET");
    let error = home.key(None).await.unwrap_err();
    assert!(matches!(error, ConfigError::Credentials { .. }) && !error.to_string().contains("SEC RET"), "{error}");
}

#[cfg(not(feature = "aws-config"))]
#[tokio::test]
async fn for_other_providers_the_error_names_the_feature() {
    for (line, word) in [
        (
            "role_arn = arn:aws:iam::1:role/x\nsource_profile = y\naws_access_key_id = ID\naws_secret_access_key = SECRET",
            "role_arn",
        ),
        ("sso_session = corp", "single sign-on"),
        ("web_identity_token_file = /x", "web identity"),
    ] {
        let error = Home::new(&format!("[default]\n{line}\n"), "").key(None).await.unwrap_err();
        assert!(matches!(error, ConfigError::NeedsAwsConfig { .. }), "{error}");
        let shown = error.to_string();
        assert!(shown.contains(word) && shown.contains("--features cli,aws-config"), "{shown}");
    }
    let container = Home::new("", "").with("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x");
    assert!(matches!(container.key(None).await, Err(ConfigError::NeedsAwsConfig { .. })));
    let nothing = Home::new("", "").key(None).await.unwrap_err();
    assert!(matches!(nothing, ConfigError::NoCredentials { .. }), "{nothing}");
    assert!(nothing.to_string().contains("AWS_ACCESS_KEY_ID"), "{nothing}");
}

/// botocore's order: a role, keys of the credentials file, single sign-on, a process, keys of the config file.
#[cfg(not(feature = "aws-config"))]
#[tokio::test]
async fn keys_of_the_config_file_come_last() {
    let role = "  role_arn = arn:aws:iam::1:role/x\n  source_profile = y\n";
    let needs = |home: Home| async move { matches!(home.key(None).await, Err(ConfigError::NeedsAwsConfig { .. })) };
    // Indented, as the whole file may be.
    let keys = KEY.replace("aws_", "  aws_");
    assert!(needs(Home::new(&format!("[default]\n  region = x\n{role}{keys}"), "")).await);
    assert!(needs(Home::new(&format!("[default]\n{role}"), &format!("[default]\n{KEY}"))).await);
    assert!(needs(Home::new(&format!("[default]\nsso_session = s\n{KEY}"), "")).await);
    let home = Home::new("[default]\nsso_session = s\n", &format!("[default]\n{KEY}"));
    assert_eq!(home.key(None).await.unwrap().0, "ID");
    assert_eq!(Home::new(&format!("[default]\n{KEY}"), "").key(None).await.unwrap().0, "ID");
}

/// Programs that sign in write temporary keys into the file while this one waits.
#[tokio::test]
async fn a_key_that_the_service_rejects_as_expired_is_read_again() {
    use glacier_core::{ProvideCredentials, Timestamp};
    let home = Home::new("", &format!("[default]\n{KEY}"));
    let env = |name: &str| home.env.get(name).cloned();
    let mut found = Config::load(&env, None).unwrap().credentials().await.unwrap().value;
    assert!(!found.renew(), "the file has no other key");
    let write = |text: &str| std::fs::write(home.folder.path().join(".aws/credentials"), text).unwrap();
    write(&format!("[default]\n{KEY}aws_session_token = TOKEN\n"));
    assert!(found.renew(), "another token");
    write(&format!("[default]\n  {}", KEY.replace("ID", "NEWER").replace("\naws", "\n  aws")));
    assert!(found.renew());
    assert_eq!(found.credentials(Timestamp::from_unix(0)).await.unwrap().access_key_id(), "NEWER");
    for text in ["", "hush", "[default]\naws_access_key_id = HALF\n"] {
        write(text);
        assert!(!found.renew(), "{text}");
    }
    assert_eq!(found.credentials(Timestamp::from_unix(0)).await.unwrap().access_key_id(), "NEWER");
    let shown = format!("{found:?}");
    assert!(shown.contains("NEWER") && !shown.contains("SECRET"), "{shown}");
}
