//! The endpoint: option, variables, services section, profile; and what may not be called without TLS.

use glacier_std::config::ConfigError;
use glacier_std::config::endpoint::EndpointError;

use crate::home::Home;

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

#[test]
fn no_spelling_of_a_host_of_aws_passes_for_another_host() {
    let home = Home::new("", "").with("AWS_REGION", "us-east-1");
    let get = |url| home.try_config(None, |config| config.endpoint(None, Some(url), false));
    for url in [
        "http://glacier.us-east-1.amazonaws.com.",
        "http://glacier.us-east-1.amazonaws.com.:80/",
        "HTTP://GLACIER.US-EAST-1.AMAZONAWS.COM",
        "http://glacier.us-east-1.amazonaws.com:8080",
        "http://glacier.cn-north-1.amazonaws.com.cn.",
        "http://glacier.us-gov-west-1.amazonaws.com",
        "http://glacier.us-east-1.api.aws",
        "http://glacier.eusc-de-east-1.amazonaws.eu",
        "http://glacier.us-iso-east-1.c2s.ic.gov",
        "http://vpce-1.glacier.us-east-1.vpce.amazonaws.com/x",
    ] {
        assert!(matches!(get(url), Err(ConfigError::InsecureHttp { .. })), "{url}");
    }
    for url in [
        "http://me@glacier.us-east-1.amazonaws.com",
        "http://me:hush@glacier.us-east-1.amazonaws.com",
        "http://glacier.us-east-1.amazonaws%2ecom",
        "http://glacier.us-east-1.amazonaws.com%00.test",
        "http://glacier\u{3002}us-east-1\u{3002}amazonaws\u{3002}com",
        "http://glacier.us-east-1.amazonaws.com\\.test",
    ] {
        let error = get(url).unwrap_err();
        assert!(matches!(error, ConfigError::Endpoint { .. }) && !error.to_string().contains("hush"), "{url}: {error}");
    }
    assert!(get("http://amazonaws.com.local:4566").is_ok());
}
