//! The JSON bodies of requests.

use glacier_core::ErrorCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use crate::local::model::{ApiError, JsonObject};

/// Reads a body, which is an object.
pub(crate) fn json_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let read = serde_json::from_slice(body).map(|JsonObject(members)| members);
    read.map_err(|error| {
        ApiError::new(ErrorCode::Serialization, format!("The body of the request is not the JSON expected: {error}"))
    })
}

/// The body of AddTagsToVault.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagsBody {
    pub(crate) tags: Option<BTreeMap<String, String>>,
}

/// The body of RemoveTagsFromVault.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagKeysBody {
    pub(crate) tag_keys: Option<Vec<String>>,
}

/// The body of SetVaultNotifications.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NotificationsBody {
    #[serde(rename = "SNSTopic")]
    pub(crate) topic: Option<String>,
    pub(crate) events: Option<Vec<String>>,
}

/// The body of SetVaultAccessPolicy and of InitiateVaultLock.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyBody {
    pub(crate) policy: Option<String>,
}

/// The body of SetDataRetrievalPolicy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetrievalPolicyBody {
    policy: Option<JsonObject<RetrievalRules>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RetrievalRules {
    rules: Option<Vec<JsonObject<RetrievalRule>>>,
}

/// The one rule of a data retrieval policy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetrievalRule {
    pub(crate) strategy: Option<String>,
    pub(crate) bytes_per_hour: Option<i64>,
}

impl RetrievalPolicyBody {
    /// There is exactly one rule.
    pub(crate) fn rule(self) -> Result<RetrievalRule, ApiError> {
        let JsonObject(policy) = self.policy.ok_or_else(|| ApiError::missing("Policy"))?;
        let rules = policy.rules.ok_or_else(|| ApiError::missing("Rules"))?;
        let count = rules.len();
        let [JsonObject(rule)] = <[JsonObject<RetrievalRule>; 1]>::try_from(rules)
            .map_err(|_| ApiError::invalid(format!("Invalid Rules: a data retrieval policy has 1 rule, this one {count}")))?;
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retrieval_policy_has_one_rule() {
        let rule = |text: &str| {
            json_body::<RetrievalPolicyBody>(text.as_bytes()).and_then(RetrievalPolicyBody::rule).map_err(|error| error.code)
        };
        let found = rule(r#"{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":7}]},"More":1}"#).unwrap();
        assert_eq!((found.strategy.as_deref(), found.bytes_per_hour), (Some("BytesPerHour"), Some(7)));
        for (text, code) in [
            ("", ErrorCode::Serialization),
            ("{}", ErrorCode::MissingParameterValue),
            (r#"{"Policy":{}}"#, ErrorCode::MissingParameterValue),
            (r#"{"Policy":{"Rules":[]}}"#, ErrorCode::InvalidParameterValue),
            (r#"{"Policy":{"Rules":[{},{}]}}"#, ErrorCode::InvalidParameterValue),
            (r#"{"Policy":7}"#, ErrorCode::Serialization),
            (r#"[{"Rules":[{"Strategy":"None"}]}]"#, ErrorCode::Serialization),
            (r#"{"Policy":[[{"Strategy":"None"}]]}"#, ErrorCode::Serialization),
            (r#"{"Policy":{"Rules":[["None"]]}}"#, ErrorCode::Serialization),
            ("{", ErrorCode::Serialization),
        ] {
            assert_eq!(rule(text).err(), Some(code), "{text}");
        }
    }
}
