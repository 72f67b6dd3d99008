//! The shared files themselves: odd lines, odd encodings, files that are none.

use glacier_std::config::{Config, ConfigError};

use crate::home::Home;

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
fn every_property_counts_where_all_are_indented() {
    let text = "[default]\n  region = eu-west-1\n  endpoint_url = http://mine:1\n  services = s\n\
                [services s]\n  glacier =\n    endpoint_url = http://glacier:1\n  s3 =\n    endpoint_url = http://s3:1\n";
    assert_eq!(Home::new(text, "").url(None).0, "http://glacier:1");
    let text = "[default]\r\n\tregion = eu-west-1\r\n\tendpoint_url = http://mine:1\r\n";
    assert_eq!(Home::new(text, "").url(None).0, "http://mine:1");
    let bom = format!("\u{feff}{text}");
    assert_eq!(Home::new(&bom, "").url(None).0, "http://mine:1");
}

#[test]
fn a_property_that_would_be_lost_in_the_value_above_is_an_error_with_its_line() {
    for (text, line) in [
        ("[default]\nregion = eu-west-1\n  role_arn = SECRET\n", "line 3"),
        ("[default]\noutput = json\n    [profile b]\n", "line 3"),
        ("[default]\ncli_pager = less\n  endpoint_url = SECRET\n", "line 3"),
    ] {
        let shown = Home::new(text, "").region(None, None).unwrap_err().to_string();
        assert!(shown.contains(line) && shown.contains("same column") && !shown.contains("SECRET"), "{shown}");
    }
}

#[test]
fn utf_16_is_named() {
    for text in ["[default]\r\nregion = eu-west-1\r\n", "\u{feff}[default]\r\n"] {
        let home = Home::new("", "");
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(home.folder.path().join(".aws/config"), bytes).unwrap();
        let shown = home.region(None, None).unwrap_err().to_string();
        assert!(shown.contains("UTF-16") && shown.contains("UTF-8") && shown.contains("config"), "{shown}");
    }
    let home = Home::new("", "");
    std::fs::write(home.folder.path().join(".aws/config"), b"[default]\nregion = \xFF\n").unwrap();
    let shown = home.region(None, None).unwrap_err().to_string();
    assert!(shown.contains("line 2") && shown.contains("UTF-8"), "{shown}");
}

#[test]
fn a_directory_or_a_file_beyond_all_measure_is_an_error() {
    let home = Home::new("", "");
    let folder = home.folder.path().display().to_string();
    let error = home.with("AWS_CONFIG_FILE", &folder).region(None, None).unwrap_err();
    assert!(matches!(&error, ConfigError::File { .. }) && error.to_string().contains("directory"), "{error}");
    let home = Home::new(&format!("[default]\nregion = eu-west-1\n{}", "# more\n".repeat(200_000)), "");
    let shown = home.region(None, None).unwrap_err().to_string();
    assert!(shown.contains("1024 KiB"), "{shown}");
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_bounded_in_size_and_time() {
    let read = |path: &str| Home::new("", "").with("AWS_CONFIG_FILE", path).region(Some("default"), Some("eu-west-1"));
    let shown = read("/dev/zero").unwrap_err().to_string();
    assert!(shown.contains("/dev/zero") && shown.contains("1024 KiB"), "{shown}");
    let home = Home::new("", "");
    let pipe = home.folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let shown = read(pipe.to_str().unwrap()).unwrap_err().to_string();
    assert!(shown.contains("pipe") && shown.contains("within 5 s"), "{shown}");
    // The usual way to have no file.
    let home = home.with("AWS_CONFIG_FILE", "/dev/null").with("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    assert_eq!(home.region(None, Some("eu-west-1")).unwrap().value, "eu-west-1");
}

/// As for botocore: only a profile that was asked for must be somewhere.
#[test]
fn a_variable_may_name_a_file_that_does_not_exist() {
    let home = Home::new("[default]\nregion = not-read-1\n", "").with("AWS_CONFIG_FILE", "/nowhere/config");
    assert!(matches!(home.region(None, None), Err(ConfigError::NoRegion { .. })));
    let error = home.region(Some("mine"), None).unwrap_err();
    assert!(error.to_string().contains("/nowhere/config"), "{error}");
}
