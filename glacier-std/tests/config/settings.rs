//! Region, certificates, output format and retries: option, environment, profile.

use std::path::Path;

use glacier_std::config::{ConfigError, Found, RetryMode};

use crate::home::Home;

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
fn the_ca_bundle_is_that_of_the_option_else_the_environment_else_the_profile() {
    let home = Home::new("[default]\nca_bundle = /profile.pem\n", "");
    let get =
        |home: &Home, option: Option<&str>| home.try_config(None, |config| Ok(config.ca_bundle(option.map(Path::new)))).unwrap();
    assert_eq!(get(&home, None).unwrap(), Path::new("/profile.pem"));
    let home = home.with("AWS_CA_BUNDLE", "/env.pem");
    assert_eq!(get(&home, None).unwrap(), Path::new("/env.pem"));
    assert_eq!(get(&home, Some("/option.pem")).unwrap(), Path::new("/option.pem"));
}

#[test]
fn the_output_format_is_that_of_the_environment_else_the_profile() {
    let home = Home::new("[default]\noutput = yaml\n", "");
    let get = |home: &Home| home.try_config(None, |config| Ok(config.output())).unwrap();
    let found = get(&home).unwrap();
    assert!(found.value == "yaml" && found.from.contains("profile default"), "{found:?}");
    let home = home.with("AWS_DEFAULT_OUTPUT", "text");
    assert_eq!(get(&home), Some(Found { value: "text".into(), from: "AWS_DEFAULT_OUTPUT".into() }));
    assert_eq!(get(&Home::new("", "").with("AWS_DEFAULT_OUTPUT", "")), None);
}

#[test]
fn the_attempts_are_those_of_the_environment_else_the_profile() {
    let attempts = |home: &Home| home.try_config(None, |config| Ok(config.retry_policy()?.max_attempts));
    assert_eq!(attempts(&Home::new("", "")).unwrap(), 3);
    let home = Home::new("[default]\nmax_attempts = 7\n", "");
    assert_eq!(attempts(&home).unwrap(), 7);
    for (value, expected) in [("1", 1), ("255", 255), ("256", 255), ("99999999999999999999999", 255)] {
        assert_eq!(attempts(&Home::new("", "").with("AWS_MAX_ATTEMPTS", value)).unwrap(), expected);
    }
    assert_eq!(attempts(&home.with("AWS_MAX_ATTEMPTS", "2")).unwrap(), 2);
    for value in ["0", "-1", "three", "1.5", "\u{663}"] {
        let error = attempts(&Home::new("", "").with("AWS_MAX_ATTEMPTS", value)).unwrap_err();
        let ConfigError::NotUnderstood { from, .. } = &error else { panic!("{error:?}") };
        assert_eq!(from, "AWS_MAX_ATTEMPTS");
        assert!(error.to_string().contains("whole number from 1"), "{error}");
    }
}

#[test]
fn the_retry_mode_is_that_of_the_environment_else_the_profile() {
    let mode = |home: &Home| home.try_config(None, |config| Ok(config.retry_mode()?.map(|found| found.value)));
    assert_eq!(mode(&Home::new("", "")).unwrap(), None);
    let home = Home::new("[default]\nretry_mode = adaptive\n", "");
    assert_eq!(mode(&home).unwrap(), Some(RetryMode::Adaptive));
    assert_eq!(mode(&home.with("AWS_RETRY_MODE", "Legacy")).unwrap(), Some(RetryMode::Legacy));
    let error = mode(&Home::new("[default]\nretry_mode = fast\n", "")).unwrap_err().to_string();
    assert!(
        error.contains("\"fast\"") && error.contains("profile default") && error.contains("standard, adaptive or legacy"),
        "{error}"
    );
}
