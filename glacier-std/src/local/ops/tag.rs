//! AddTagsToVault, ListTagsForVault, RemoveTagsFromVault.

use super::context::{Handler, OperationContext, document, find_vault};
use super::error::OperationError;
use crate::local::model::{ApiError, Tags};
use crate::local::request::{ApiRequest, TagKeysBody, TagsBody, json_body};
use crate::local::response::{LocalResponse, TagsDocument};
use crate::local::store::ReadSettings;

/// The operations that this file performs.
pub(super) const HANDLERS: &[(&str, Handler)] =
    &[("AddTagsToVault", add), ("ListTagsForVault", list), ("RemoveTagsFromVault", remove)];

fn add(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let tags = json_body::<TagsBody>(&request.body)?.tags.ok_or_else(|| ApiError::missing("Tags"))?;
    change(context, request, |all| all.add(tags))
}

fn remove(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let keys = json_body::<TagKeysBody>(&request.body)?.tag_keys.ok_or_else(|| ApiError::missing("TagKeys"))?;
    change(context, request, |all| all.remove(&keys))
}

fn change(
    context: &OperationContext,
    request: &ApiRequest,
    work: impl FnOnce(&mut Tags) -> Result<(), ApiError>,
) -> Result<LocalResponse, OperationError> {
    context.change(request, |records| {
        let vault = find_vault(records, request)?;
        let mut tags = records.setting::<Tags>(vault)?.unwrap_or_default();
        work(&mut tags)?;
        Ok(records.save_setting(vault, &tags)?)
    })?;
    Ok(LocalResponse::empty(204))
}

fn list(context: &OperationContext, request: &ApiRequest) -> Result<LocalResponse, OperationError> {
    let tags = context.store.records.read(|records| {
        let vault = find_vault(records, request)?;
        Ok::<_, OperationError>(records.setting(vault)?.unwrap_or_default())
    })?;
    document(&TagsDocument { tags })
}
