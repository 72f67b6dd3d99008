//! What botocore rejects before sending, which the types must reject too, and what it sends.

use serde_json::Value;

use super::env::Env;
use super::operations;
use super::params::{NotBuilt, Params};
use super::requests::{self, Encoder};
use super::{NotPassed, Outcome, same, text};

pub(super) fn replay(case: &Value) -> Outcome {
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let env = serde_json::json!({
        "region": "us-east-1", "access_key_id": "AKID", "secret_access_key": "secret", "clock": "20120525T002453Z", "endpoint": "http://localhost"
    });
    let env = Env::new(&env)?;
    let built = operations::with(text(case, "operation")?, &Params::new(input), Encoder(&env));
    match (built, case.get("sent_path")) {
        (Ok(encoded), Some(path)) => same("path", Some(encoded?.path.as_str()), path.as_str()).map(|()| vec![]),
        (Ok(_), None) => Err(NotPassed::Failed("what botocore rejects was accepted".into())),
        (Err(not_built @ NotBuilt::Wrong(_)), None) => {
            Err(NotPassed::Failed(format!("rejected, but not for its input: {not_built:?}")))
        }
        (Err(not_built), _) => requests::rejected(not_built),
    }
}
