//! SetDataRetrievalPolicy, GetDataRetrievalPolicy.

use super::context::{Handler, OperationContext, document};
use super::error::OperationError;
use crate::local::model::{ApiError, RetrievalPolicy};
use crate::local::request::{ApiRequest, RetrievalPolicyBody, json_body};
use crate::local::response::{LocalResponse, RetrievalPolicyDocument};
use crate::local::store::ReadSettings;

/// The operations that this file performs.
pub(super) const HANDLERS: &[(&str, Handler)] = &[("SetDataRetrievalPolicy", set), ("GetDataRetrievalPolicy", get)];

fn set(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let rule = json_body::<RetrievalPolicyBody>(&request.body)?.rule()?;
    let negative =
        |rate: i64| ApiError::invalid(format!("Invalid BytesPerHour: {rate}. It is a whole number from 1 to {}", i64::MAX));
    let rate = rule.bytes_per_hour.map(|rate| u64::try_from(rate).map_err(|_| negative(rate))).transpose()?;
    let policy = RetrievalPolicy::new(rule.strategy.as_deref(), rate)?;
    context.change(request, |records| Ok(records.save_account_setting(request.place(), &policy)?))?;
    Ok(LocalResponse::empty(204))
}

fn get(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let policy = context.store.records.read(|records| Ok::<_, OperationError>(records.account_setting(request.place())?))?;
    document(&RetrievalPolicyDocument::new(policy))
}
