//! Region, endpoint and credentials from options, environment and files.

use std::collections::HashMap;
use std::path::Path;

use glacier_core::{ProvideCredentials, Timestamp};
use glacier_std::config::endpoint::EndpointError;
use glacier_std::config::{Config, ConfigError, Found};

/// A home folder with both files, and an environment with their paths.
struct Home {
    folder: tempfile::TempDir,
    env: HashMap<String, String>,
}

impl Home {
    fn new(config: &str, credentials: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let aws = folder.path().join(".aws");
        std::fs::create_dir(&aws).unwrap();
        std::fs::write(aws.join("config"), config).unwrap();
        std::fs::write(aws.join("credentials"), credentials).unwrap();
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let env = HashMap::from([(home.to_owned(), folder.path().display().to_string())]);
        Home { folder, env }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn try_config<R>(
        &self,
        profile: Option<&str>,
        get: impl FnOnce(&Config<'_>) -> Result<R, ConfigError>,
    ) -> Result<R, ConfigError> {
        let env = |name: &str| self.env.get(name).cloned();
        get(&Config::load(&env, profile)?)
    }

    fn region(&self, profile: Option<&str>, option: Option<&str>) -> Result<Found<String>, ConfigError> {
        self.try_config(profile, |config| config.region(option))
    }

    /// The URL and where it is from.
    fn url(&self, option: Option<&str>) -> (String, String) {
        let found = self.try_config(None, |config| config.endpoint(None, option, false)).unwrap();
        (found.value.url.to_string(), found.from)
    }

    /// The access key's id and where it is from.
    async fn key(&self, profile: Option<&str>) -> Result<(String, String), ConfigError> {
        let env = |name: &str| self.env.get(name).cloned();
        let mut found = Config::load(&env, profile)?.credentials().await?;
        let shown = format!("{found:?}");
        assert!(!shown.contains("SECRET") && !shown.contains("TOKEN"), "{shown}");
        let id = found.value.credentials(Timestamp::from_unix(0)).await.unwrap().access_key_id().to_owned();
        Ok((id, found.from))
    }
}

#[test]
fn the_region_is_that_of_the_option_else_the_environment_else_the_profile() {
    let home = Home::new("[default]\nregion = in-profile-1\n[profile other]\nregion = in-other-1\n[other]\nregion = wrong\n", "");
    let value = |home: &Home, profile, option| home.region(profile, option).unwrap().value;
    assert_eq!(value(&home, None, None), "in-profile-1");
    assert!(home.region(None, None).unwrap().from.contains("config"));
    assert_eq!(value(&home, Some("other"), None), "in-other-1");
    let home = home.with("AWS_PROFILE", "other");
    assert_eq!(value(&home, None, None), "in-other-1");
    assert_eq!(value(&home, Some("default"), None), "in-profile-1");
    let home = home.with("AWS_DEFAULT_REGION", "in-env-2");
    assert_eq!(value(&home, None, None), "in-env-2");
    let home = home.with("AWS_REGION", "in-env-1");
    assert_eq!(home.region(None, None).unwrap(), Found { value: "in-env-1".into(), from: "AWS_REGION".into() });
    assert_eq!(home.region(None, Some("in-option-1")).unwrap(), Found { value: "in-option-1".into(), from: "--region".into() });
}

#[test]
fn there_is_no_default_region() {
    let error = Home::new("", "").with("AWS_REGION", "").region(None, None).unwrap_err();
    assert!(matches!(&error, ConfigError::NoRegion { profile } if profile == "default"), "{error:?}");
    for way in ["--region", "AWS_REGION", "AWS_DEFAULT_REGION", "default"] {
        assert!(error.to_string().contains(way), "{error}");
    }
}

#[test]
fn the_url_is_that_of_the_option_else_variables_else_services_else_the_profile() {
    let files = "[default]\nregion = eu-west-1\nendpoint_url = http://profile:1\nservices = mine\n\
                 [services mine]\ns3 =\n  endpoint_url = http://s3:1\nglacier =\n  endpoint_url = http://services:1/below\n\
                 [services other]\nglacier =\n  endpoint_url = http://other:1\n";
    let home = Home::new(files, "");
    assert_eq!(home.url(None).0, "http://services:1/below");
    let home = home.with("AWS_ENDPOINT_URL", "http://all:1");
    assert_eq!(home.url(None), ("http://all:1".into(), "AWS_ENDPOINT_URL".into()));
    let home = home.with("AWS_ENDPOINT_URL_GLACIER", "http://glacier:1");
    assert_eq!(home.url(None), ("http://glacier:1".into(), "AWS_ENDPOINT_URL_GLACIER".into()));
    assert_eq!(home.url(Some("http://option:1")), ("http://option:1".into(), "--endpoint-url".into()));
    let home = home.with("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(home.url(None).0, "https://glacier.eu-west-1.amazonaws.com");
    assert_eq!(home.url(Some("http://option:1")).0, "http://option:1");
    let home = Home::new("[default]\nregion = eu-west-1\nendpoint_url = http://profile:1\n", "");
    assert_eq!(home.url(None).0, "http://profile:1");
    let home =
        Home::new("[default]\nregion = eu-west-1\nendpoint_url = http://profile:1\nignore_configured_endpoint_urls = true\n", "");
    assert_eq!(home.url(None).0, "https://glacier.eu-west-1.amazonaws.com");
}

#[test]
fn variants_come_from_environment_and_profile() {
    let home = Home::new("[default]\nregion = us-east-1\nuse_fips_endpoint = true\n", "");
    assert_eq!(home.url(None).0, "https://glacier-fips.us-east-1.amazonaws.com");
    let home = home.with("AWS_USE_DUALSTACK_ENDPOINT", "TRUE");
    assert_eq!(home.url(None).0, "https://glacier-fips.us-east-1.api.aws");
    let home = home.with("AWS_USE_FIPS_ENDPOINT", "false");
    assert_eq!(home.url(None).0, "https://glacier.us-east-1.api.aws");
    let error = home.try_config(None, |config| config.endpoint(None, Some("http://h"), false)).unwrap_err();
    let ConfigError::Endpoint { from, error } = error else { panic!("{error:?}") };
    assert_eq!((from.as_str(), error), ("--endpoint-url", EndpointError::CustomDualstack));
    let error =
        home.with("AWS_USE_FIPS_ENDPOINT", "maybe").try_config(None, |config| config.endpoint(None, None, false)).unwrap_err();
    let ConfigError::NotBoolean { name, value } = error else { panic!("{error:?}") };
    assert_eq!((name, value.as_str()), ("AWS_USE_FIPS_ENDPOINT", "maybe"));
}

#[test]
fn plain_http_to_aws_must_be_allowed() {
    let home = Home::new("", "").with("AWS_REGION", "eu-west-1");
    let get = |url, insecure| home.try_config(None, |config| config.endpoint(None, Some(url), insecure));
    let aws = "http://glacier.eu-west-1.amazonaws.com";
    let error = get(aws, false).unwrap_err();
    assert!(matches!(&error, ConfigError::InsecureHttp { url } if url == aws), "{error:?}");
    assert!(error.to_string().contains("--insecure-http"));
    assert_eq!(get(aws, true).unwrap().value.url.to_string(), aws);
    assert!(get("http://127.0.0.1:4566", false).is_ok());
    let bad = get("localhost:4566", false).unwrap_err().to_string();
    assert!(bad.contains("--endpoint-url") && bad.contains("http://"), "{bad}");
}

const KEY: &str = "aws_access_key_id = ID\naws_secret_access_key = SECRET\n";

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
        ("credential_process = /bin/x", "credential_process"),
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

#[test]
fn the_error_names_an_invalid_file_and_line_but_not_its_text() {
    for (config, line) in [("[default]\nSECRET\n", "line 2"), ("[default\n", "line 1")] {
        let error = Home::new(config, "").region(None, None).unwrap_err();
        let shown = error.to_string();
        assert!(shown.contains(".aws") && shown.contains(line) && !shown.contains("SECRET"), "{shown}");
    }
    let error = Home::new("", "").region(Some("nobody"), None).unwrap_err();
    assert!(matches!(&error, ConfigError::NoProfile { profile, .. } if profile == "nobody"), "{error}");
    let error = Home::new("[default]\nservices = none\n", "").region(None, None).unwrap_err();
    assert!(matches!(error, ConfigError::NoServices { .. }), "{error}");
}

#[test]
fn missing_files_are_not_an_error() {
    let env = |name: &str| (name == "HOME" || name == "USERPROFILE").then(|| "/nowhere/at/all".to_owned());
    let config = Config::load(&env, None).unwrap();
    assert_eq!(config.region(Some("eu-west-1")).unwrap().value, "eu-west-1");
}

#[test]
fn the_ca_bundle_is_that_of_the_option_else_the_environment_else_the_profile() {
    let home = Home::new("[default]\nca_bundle = /profile.pem\n", "");
    let get =
        |home: &Home, option: Option<&str>| home.try_config(None, |config| Ok(config.ca_bundle(option.map(Path::new)))).unwrap();
    assert_eq!(get(&home, None).unwrap(), Path::new("/profile.pem"));
    let home = home.with("AWS_CA_BUNDLE", "/env.pem");
    assert_eq!(get(&home, None).unwrap(), Path::new("/env.pem"));
    assert_eq!(get(&home, Some("/option.pem")).unwrap(), Path::new("/option.pem"));
}

#[cfg(all(unix, feature = "aws-config"))]
#[tokio::test]
async fn credentials_of_a_process_are_renewed() {
    let home = Home::new("", "");
    let script = home.folder.path().join("give");
    let count = home.folder.path().join("count");
    // Each call returns another key.
    let text = format!(
        "#!/bin/sh\necho x >> {0}\nn=$(wc -l < {0})\necho '{{\"Version\":1,\"AccessKeyId\":\"ID'$n'\",\"SecretAccessKey\":\"SECRET\",\
         \"SessionToken\":\"TOKEN\",\"Expiration\":\"2030-01-01T00:00:00Z\"}}'\n",
        count.display()
    );
    std::fs::write(&script, text).unwrap();
    let config = format!("[profile asked]\nregion = eu-west-1\ncredential_process = /bin/sh {}\n", script.display());
    std::fs::write(home.folder.path().join(".aws/config"), config).unwrap();
    let env = |name: &str| home.env.get(name).cloned();
    let mut found = Config::load(&env, Some("asked")).unwrap().credentials().await.unwrap();
    assert!(found.from.contains("credential_process") && found.from.contains("asked"), "{}", found.from);
    let shown = format!("{found:?}");
    assert!(!shown.contains("SECRET") && !shown.contains("TOKEN"), "{shown}");
    // 2030-01-01 is 1893456000, by `date -u -d 2030-01-01 +%s`.
    for (now, id) in [(0, "ID1"), (1_893_455_699, "ID1"), (1_893_455_700, "ID2"), (1_893_455_701, "ID3")] {
        assert_eq!(found.value.credentials(Timestamp::from_unix(now)).await.unwrap().access_key_id(), id, "{now}");
    }
    // The source fails: they are used until they expire.
    std::fs::write(&script, "#!/bin/sh\necho SECRET >&2\nexit 1\n").unwrap();
    assert_eq!(found.value.credentials(Timestamp::from_unix(1_893_455_999)).await.unwrap().access_key_id(), "ID3");
    assert!(found.value.credentials(Timestamp::from_unix(1_893_456_000)).await.is_err());
    let error = home.key(Some("asked")).await.unwrap_err();
    assert!(matches!(error, ConfigError::Fetch { .. }), "{error}");
}
