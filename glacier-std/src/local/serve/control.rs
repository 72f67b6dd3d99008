//! Control over HTTP: from a path and a body to a method of [`Vaults`], and back to JSON.

use std::time::Duration;

use hyper::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::local::faults::FaultScript;
use crate::local::model::JsonObject;
use crate::local::request::QueryParameters;
use crate::local::response::{LocalResponse, LoggedRequest};
use crate::local::service::{ControlError, Vaults};

/// The largest body of a request, in bytes.
const MAX_BODY: usize = 64 << 10;
/// The largest fault script, in bytes: room for as many rules as it may have.
const MAX_SCRIPT: usize = 1 << 20;

/// Something that control does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Advance,
    Inventory,
    SetFaults,
    Faults,
    Reset,
    State,
    Vault,
    Log,
}

/// The paths of control, below that of the server.
const ACTIONS: [(&str, &Method, Action); 8] = [
    ("advance", &Method::POST, Action::Advance),
    ("inventory", &Method::POST, Action::Inventory),
    ("faults", &Method::POST, Action::SetFaults),
    ("faults", &Method::GET, Action::Faults),
    ("reset", &Method::POST, Action::Reset),
    ("state", &Method::GET, Action::State),
    ("vault", &Method::GET, Action::Vault),
    ("log", &Method::GET, Action::Log),
];

impl Action {
    /// What a request asks for; if that is nothing, why.
    pub(super) fn of(method: &Method, path: &str) -> Result<Self, LocalResponse> {
        let mut methods = Vec::new();
        for (of, allowed, action) in ACTIONS {
            if path == of && method == allowed {
                return Ok(action);
            }
            if path == of {
                methods.push(allowed.as_str());
            }
        }
        if methods.is_empty() {
            let mut paths: Vec<&str> = ACTIONS.iter().map(|(path, ..)| *path).collect();
            paths.dedup();
            let message = format!("This server has no such path under /_glacier/: use health, {}", paths.join(", "));
            return Err(error(404, "NotFound", &message));
        }
        let message = format!("/_glacier/{path} has no method {method}: use {}", methods.join(" or "));
        Err(error(405, "MethodNotAllowed", &message).with("Allow", methods.join(", ")))
    }

    /// The largest body, in bytes.
    pub(super) fn max_body(self) -> usize {
        if self == Action::SetFaults { MAX_SCRIPT } else { MAX_BODY }
    }

    /// Does it.
    pub(super) async fn perform(self, vaults: &Vaults, query: &str, body: &[u8]) -> LocalResponse {
        let done = match self {
            Action::Advance => advance(vaults, body).await,
            Action::Inventory => inventory(vaults, body).await,
            Action::SetFaults => set_faults(vaults, body),
            Action::Faults => Ok(document(200, &vaults.faults())),
            Action::Reset => reset(vaults, body).await,
            Action::State => vaults.state().await.map_err(Mistake::from).map(|state| document(200, &state)),
            Action::Vault => vault(vaults, query).await,
            Action::Log => log(vaults, query),
        };
        done.unwrap_or_else(|Mistake { status, code, message }| error(status, code, &message))
    }
}

/// Why nothing was done.
struct Mistake {
    status: u16,
    code: &'static str,
    message: String,
}

impl Mistake {
    fn bad_request(message: impl Into<String>) -> Self {
        Mistake { status: 400, code: "BadRequest", message: message.into() }
    }
}

impl From<ControlError> for Mistake {
    fn from(error: ControlError) -> Self {
        let (status, code) = match error {
            ControlError::RealTime | ControlError::TooFar { .. } => (400, "BadRequest"),
            ControlError::NotFound { .. } => (404, "NotFound"),
            ControlError::Failed { .. } => (500, "ServiceUnavailable"),
        };
        Mistake { status, code, message: error.to_string() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceBody {
    seconds: f64,
}

async fn advance(vaults: &Vaults, body: &[u8]) -> Result<LocalResponse, Mistake> {
    let form = r#"{"seconds": 3600} with a number of seconds from 0"#;
    let AdvanceBody { seconds } = read(body, form)?;
    let by = Duration::try_from_secs_f64(seconds);
    let by = by.map_err(|error| Mistake::bad_request(format!("seconds is {seconds} ({error}): use {form}")))?;
    let now = vaults.advance_now(by).await?;
    Ok(document(200, &json!({ "now": now })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InventoryBody {
    vault: String,
    region: Option<String>,
    account: Option<String>,
}

async fn inventory(vaults: &Vaults, body: &[u8]) -> Result<LocalResponse, Mistake> {
    let form = r#"{"vault": "NAME"}, with "region" and "account" where they are not the default ones"#;
    let InventoryBody { vault, region, account } = read(body, form)?;
    let taken = vaults.take_inventory(account.as_deref(), region.as_deref(), &vault).await?;
    Ok(document(200, &taken))
}

fn set_faults(vaults: &Vaults, body: &[u8]) -> Result<LocalResponse, Mistake> {
    let script = FaultScript::parse(body).map_err(|error| Mistake::bad_request(error.to_string()))?;
    let rules = script.rules().len();
    vaults.set_faults(script);
    Ok(document(200, &json!({ "rules": rules })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResetBody {}

async fn reset(vaults: &Vaults, body: &[u8]) -> Result<LocalResponse, Mistake> {
    if !body.trim_ascii().is_empty() {
        let ResetBody {} = read(body, "{}, or no body")?;
    }
    vaults.reset().await?;
    Ok(document(200, &json!({})))
}

fn log(vaults: &Vaults, query: &str) -> Result<LocalResponse, Mistake> {
    let query = parse(query)?;
    // Those after one that is not remembered are all.
    let after = query.get("after").and_then(|id| Some((id, vaults.log_after(id)?)));
    let (after, requests) = after.map_or_else(|| (None, vaults.log()), |(id, requests)| (Some(id), requests));
    Ok(document(200, &LogDocument { requests, after }))
}

/// The last requests.
#[derive(Serialize)]
struct LogDocument<'q> {
    requests: Vec<LoggedRequest>,
    /// The id of the request that they follow, if one was given that is remembered.
    after: Option<&'q str>,
}

fn parse(query: &str) -> Result<QueryParameters, Mistake> {
    QueryParameters::parse(query).map_err(|error| Mistake::bad_request(error.message))
}

async fn vault(vaults: &Vaults, query: &str) -> Result<LocalResponse, Mistake> {
    let query = parse(query)?;
    let get = |name: &str| {
        let value = query.get(name);
        value.ok_or_else(|| Mistake::bad_request(format!("The parameter {name} is missing: use vault?account=A&region=R&name=N")))
    };
    let contents = vaults.contents(get("account")?, get("region")?, get("name")?).await?;
    Ok(document(200, &contents))
}

/// Reads a body; `form` says how it looks.
fn read<T: DeserializeOwned>(body: &[u8], form: &str) -> Result<T, Mistake> {
    let read = serde_json::from_slice(body).map(|JsonObject(members)| members);
    read.map_err(|error| Mistake::bad_request(format!("The body is not what is expected ({error}): use {form}")))
}

/// A JSON document, which nobody keeps.
pub(super) fn document(status: u16, document: &impl Serialize) -> LocalResponse {
    // The documents of this service can always be written.
    let text = serde_json::to_vec(document).unwrap_or_default();
    let length = text.len().to_string();
    // Said here, as hyper does not know the length of what HEAD leaves out.
    LocalResponse::json(status, text).with("Content-Length", length).with("Cache-Control", "no-store")
}

/// A mistake in a request.
pub(super) fn error(status: u16, code: &str, message: &str) -> LocalResponse {
    document(status, &json!({ "code": code, "message": message }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_their_methods() {
        assert_eq!(Action::of(&Method::GET, "state").unwrap(), Action::State);
        assert_eq!(Action::of(&Method::POST, "advance").unwrap(), Action::Advance);
        let allowed = |method: Method, path: &str| {
            let response = Action::of(&method, path).unwrap_err();
            let allow = response.headers().find(|(name, _)| *name == "Allow").map(|(_, value)| value.to_owned());
            (response.status(), allow)
        };
        assert_eq!(allowed(Method::GET, "advance"), (405, Some("POST".into())));
        assert_eq!(allowed(Method::PUT, "state"), (405, Some("GET".into())));
        assert_eq!(allowed(Method::DELETE, "faults"), (405, Some("POST, GET".into())));
        for path in ["", "State", "state/", "/state", "advance?", "nothing"] {
            assert_eq!(allowed(Method::GET, path), (404, None), "{path}");
        }
    }
}
