//! The endpoint rules, compared with every case of the golden data.

use glacier_std::config::endpoint::{self, EndpointError, Variant};
use glacier_tests::vectors;
use serde_json::Value;

#[test]
fn every_endpoint_agrees() {
    let text = std::fs::read_to_string(vectors::folder().join("endpoints.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let (mut urls, mut errors, mut scopes) = (0, 0, 0);
    for case in &cases {
        let (input, id) = (&case["input"], &case["id"]);
        let region = input["Region"].as_str().or(case["client_region"].as_str()).unwrap_or_default();
        let flag = |name: &str| input[name].as_bool().unwrap_or(false);
        let variant = Variant::default()
            .with_fips(flag("UseFIPS"))
            .with_dualstack(flag("UseDualStack"))
            .with_custom(input["Endpoint"].as_str());
        match (endpoint::resolve(region, variant), case["url"].as_str(), case["error"].as_str()) {
            (Ok(endpoint), Some(url), None) => {
                assert_eq!(endpoint.url.to_string(), url, "{id}");
                urls += 1;
                if let Some(scope) = case["signing_scope"].as_str() {
                    assert_eq!(format!("20120525/{}/glacier/aws4_request", endpoint.region), scope, "{id}");
                    scopes += 1;
                }
            }
            (Err(error), None, Some(expected)) => {
                let same = match error {
                    EndpointError::NoRegion => expected.contains("Missing Region"),
                    EndpointError::CustomFips => expected.contains("FIPS and custom endpoint"),
                    EndpointError::CustomDualstack => expected.contains("Dualstack and custom endpoint"),
                    _ => false,
                };
                assert!(same, "{id}: {error:?}, not {expected}");
                errors += 1;
            }
            (got, ..) => panic!("{id}: {got:?}"),
        }
    }
    assert_eq!((urls, errors, scopes, cases.len()), (69, 2, 3, 71));
}
