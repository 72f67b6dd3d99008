//! Regions and the endpoints that follow from them, and the errors of impossible combinations.

use glacier_std::config::endpoint::{self, EndpointError, Variant};
use serde_json::Value;

use super::{NotPassed, Outcome, Rule, same};
use crate::vectors::Url;

pub(super) fn replay(case: &Value) -> Outcome {
    let input = &case["input"];
    let region = input["Region"].as_str().or(case["client_region"].as_str()).unwrap_or_default();
    let custom = input["Endpoint"].as_str();
    let variant =
        Variant::default().with_fips(input["UseFIPS"] == true).with_dualstack(input["UseDualStack"] == true).with_custom(custom);
    match (endpoint::resolve(region, variant), case["url"].as_str(), case["error"].as_str()) {
        (Ok(endpoint), Some(url), None) => {
            let ours = endpoint.url.to_string();
            // A path begins with `/`, so one at the end of the endpoint is dropped.
            same("url", Url::parse(&ours)?, Url::parse(url.trim_end_matches('/'))?)?;
            if let Some(scope) = case["signing_scope"].as_str() {
                let ours = format!("{}/glacier/aws4_request", endpoint.region);
                same("scope", Some(ours.as_str()), scope.split_once('/').map(|(_, rest)| rest))?;
            }
            Ok(vec![])
        }
        (Err(error), None, Some(expected)) => {
            let cause = match error {
                EndpointError::NoRegion => "Missing Region",
                EndpointError::CustomFips => "FIPS and custom endpoint",
                EndpointError::CustomDualstack => "Dualstack and custom endpoint",
                EndpointError::Region { .. } | EndpointError::Url(_) => "doesn't match a supported format",
                _ => "another error",
            };
            if expected.contains(cause) { Ok(vec![]) } else { Err(NotPassed::Failed(format!("ours {error}, theirs {expected}"))) }
        }
        // Without a region nothing can be signed, so a custom endpoint alone is an error.
        (Err(EndpointError::NoRegion), Some(url), None) if region.is_empty() && custom == Some(url) => Ok(vec![Rule::Required]),
        (ours, url, error) => Err(NotPassed::Failed(format!("ours {ours:?}, theirs {url:?} {error:?}"))),
    }
}
