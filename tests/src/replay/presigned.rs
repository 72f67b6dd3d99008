//! Presigned URLs: the same URL, or an error for the operations of which a presigned URL is useless.

use glacier_core::sign::{Expiry, PresignError, PresignOptions};
use glacier_core::{Buffer, Encode, Fetch, List, Operation, Signer, Upload};
use serde_json::Value;

use super::caller::ROOM;
use super::env::Env;
use super::operations::{self, Visit};
use super::outputs::{Shape, ToModel};
use super::params::Params;
use super::{NotPassed, Outcome, Rule, number, requests, same, signing, text};
use crate::vectors::Url;

/// botocore's default, and SigV4's maximum.
const LONGEST: u64 = 604_800;

pub(super) fn replay(case: &Value) -> Outcome {
    let useless = case["useful"] == false;
    let env = Env::new(&case["env"])?;
    let seconds = number(case, "expires_in")?;
    let expiry = match u32::try_from(seconds).map(Expiry::from_seconds) {
        Ok(Ok(expiry)) => expiry,
        _ if seconds == 0 || seconds > LONGEST => return Ok(vec![Rule::Rule]),
        _ => return Err(NotPassed::Failed(format!("{seconds} seconds are valid and were rejected"))),
    };
    let method = match case["http_method"].as_str().map(signing::method) {
        None => None,
        Some(Ok(method)) => Some(method),
        // The type of methods holds those that the service has.
        Some(Err(_)) if ["PATCH", "OPTIONS", "TRACE", "CONNECT"].iter().any(|other| case["http_method"] == *other) => {
            return Ok(vec![Rule::Inexpressible]);
        }
        Some(Err(unknown)) => return Err(unknown),
    };
    let options = PresignOptions { scheme: env.scheme, expiry, method };
    let input = case["params"].as_object().ok_or_else(|| "the case has no params".to_string())?;
    let params = Params::new(input);
    let presigned = match operations::with(text(case, "operation")?, &params, Presigner { env: &env, options }) {
        Ok(presigned) => presigned,
        Err(not_built) => return requests::rejected(not_built),
    };
    match presigned {
        Err(PresignError::HasBody) if useless => Ok(vec![Rule::Useless]),
        Err(error) => Err(NotPassed::Failed(error.to_string())),
        Ok(_) if useless => Err(NotPassed::Failed("a useless URL was signed".into())),
        Ok(ours) => compare(&ours, &Url::parse(text(case, "url")?)?, params.empties() > 0),
    }
}

fn compare(ours: &str, theirs: &Url<'_>, empties: bool) -> Outcome {
    let ours = Url::parse(ours)?;
    same("scheme", ours.scheme, theirs.scheme)?;
    same("host", ours.host.as_str(), theirs.host.as_str())?;
    same("path", ours.path, theirs.path)?;
    let pairs = |query: &str| {
        // With an empty member left away the signature is another one, and perhaps the list of headers.
        let mut pairs: Vec<String> = query.split('&').map(str::to_string).collect();
        let signed = |pair: &str| pair.starts_with("X-Amz-Signature=") || pair.starts_with("X-Amz-SignedHeaders=");
        pairs.retain(|pair| !(empties && (pair.ends_with('=') || signed(pair))));
        pairs.sort_unstable();
        pairs
    };
    same("query", pairs(ours.query), pairs(theirs.query))?;
    let last = ours.query.rsplit('&').next().unwrap_or_default();
    same("last parameter", last.split('=').next(), Some("X-Amz-Signature"))?;
    Ok(vec![Rule::EmptyIsAbsent; usize::from(empties)])
}

struct Presigner<'e, 'a> {
    env: &'e Env<'a>,
    options: PresignOptions,
}

impl Presigner<'_, '_> {
    fn presign(self, operation: &(dyn Encode + Sync)) -> Result<String, PresignError> {
        let Env { endpoint, credentials, now, .. } = self.env;
        let (mut room, mut url) = (vec![0; ROOM], vec![0; ROOM]);
        let mut out = Buffer::new(&mut url);
        Signer::new().presign(operation, endpoint, credentials, &self.options, *now, &mut room, &mut out)?;
        let (text, _) = out.finish().map_err(PresignError::Buffer)?;
        String::from_utf8(text.to_vec()).map_err(|_| PresignError::NotText)
    }
}

impl Visit for Presigner<'_, '_> {
    type Out = Result<String, PresignError>;

    fn operation<O>(self, operation: &O) -> Self::Out
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        self.presign(operation)
    }
    fn upload<O>(self, operation: &O, _: &[u8]) -> Self::Out
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        self.presign(operation)
    }
    fn list<L>(self, operation: &L, _: Shape) -> Self::Out
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: ToModel,
    {
        self.presign(operation)
    }
    fn fetch<O: Fetch + Sync>(self, operation: &O) -> Self::Out {
        self.presign(operation)
    }
}
