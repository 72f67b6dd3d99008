//! From a region to its endpoint, and the errors of what cannot be.

use glacier_std::config::endpoint::{self, EndpointError, Variant};
use serde_json::Value;

use super::{Not, Outcome, same};
use crate::vectors::Url;

pub(super) fn replay(case: &Value) -> Outcome {
    let input = &case["input"];
    let region = input["Region"].as_str().or(case["client_region"].as_str()).unwrap_or_default();
    let custom = input["Endpoint"].as_str();
    let variant = Variant { fips: input["UseFIPS"] == true, dualstack: input["UseDualStack"] == true, custom };
    match (endpoint::resolve(region, variant), case["url"].as_str(), case["error"].as_str()) {
        (Ok(endpoint), Some(url), None) => {
            let ours = endpoint.url.to_string();
            same("url", Url::parse(&ours)?, Url::parse(url)?)?;
            if let Some(scope) = case["signing_scope"].as_str() {
                let ours = format!("{}/glacier/aws4_request", endpoint.region);
                same("scope", Some(ours.as_str()), scope.split_once('/').map(|(_, behind)| behind))?;
            }
            Ok(vec![])
        }
        (Err(error), None, Some(expected)) => {
            let cause = match error {
                EndpointError::NoRegion => "Missing Region",
                EndpointError::CustomFips => "FIPS and custom endpoint",
                EndpointError::CustomDualstack => "Dualstack and custom endpoint",
                _ => "an error of its own",
            };
            if expected.contains(cause) { Ok(vec![]) } else { Err(Not::Failed(format!("ours {error}, theirs {expected}"))) }
        }
        (ours, url, error) => Err(Not::Failed(format!("ours {ours:?}, theirs {url:?} {error:?}"))),
    }
}
