//! From method, path and query to an operation of the catalogue.

use glacier_core::ops::catalogue::{OPERATIONS, OperationInfo};
use glacier_core::{ErrorCode, Method};

use super::text::decode;
use crate::local::model::ApiError;

/// An operation and the names in its path, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) account: String,
    /// Empty where the path has no vault.
    pub(crate) vault: String,
    /// The id of an archive, upload, job or lock; empty where the path has none.
    pub(crate) id: String,
}

/// Finds the operation.
pub(crate) fn route(method: Method, path: &str, query: &str) -> Result<Route, ApiError> {
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    if let Some((account, segments)) = segments.split_first().filter(|(account, _)| !account.is_empty()) {
        for operation in const { &OPERATIONS } {
            if operation.method == method
                && has_query(operation, query)
                && let Some(names) = names(operation.path, segments)
            {
                return read(operation, account, &names);
            }
        }
    }
    let method = method.as_str();
    Err(ApiError::new(ErrorCode::BadRequest, format!("{method} {path} is not an operation of this service")))
}

/// Some operations share method and path, and are told apart by a parameter in the query, such as `operation=add`.
fn has_query(operation: &OperationInfo, query: &str) -> bool {
    operation.query.is_empty() || query.split('&').any(|pair| pair == operation.query)
}

/// The segments that stand for names in the template, each with the name's kind, such as `{vaultName}`; `None` when the path does not
/// match, or one of them is empty.
fn names<'s>(template: &'static str, segments: &[&'s str]) -> Option<Vec<(&'static str, &'s str)>> {
    let template: Vec<&str> = template.strip_prefix('/').unwrap_or(template).split('/').collect();
    if template.len() != segments.len() {
        return None;
    }
    let mut names = Vec::new();
    for (expected, segment) in template.into_iter().zip(segments) {
        match expected {
            name if name.starts_with('{') && !segment.is_empty() => names.push((name, *segment)),
            word if word == *segment => {}
            _ => return None,
        }
    }
    Some(names)
}

fn read(operation: &'static OperationInfo, account: &str, names: &[(&str, &str)]) -> Result<Route, ApiError> {
    let mut route = Route { operation, account: decode(account)?, vault: String::new(), id: String::new() };
    for (kind, segment) in names {
        let name = decode(segment)?;
        match *kind {
            "{vaultName}" => route.vault = name,
            _ => route.id = name,
        }
    }
    Ok(route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_catalogue_is_found() {
        for operation in const { &OPERATIONS } {
            let template = operation.path;
            let path: Vec<&str> = template
                .split('/')
                .map(|segment| match segment {
                    "{vaultName}" => "v%20w",
                    name if name.starts_with('{') => "-id",
                    word => word,
                })
                .collect();
            let path = format!("/-{}", path.join("/"));
            let route = route(operation.method, &path, operation.query).unwrap();
            assert_eq!(route.operation.name, operation.name);
            assert_eq!(route.account, "-");
            assert_eq!(route.vault, if template.contains("{vaultName}") { "v w" } else { "" }, "{template}");
            assert_eq!(route.id, if template.matches('{').count() > 1 { "-id" } else { "" }, "{template}");
        }
    }

    #[test]
    fn operations_on_one_path_are_told_apart_by_their_query() {
        let name = |query| route(Method::Post, "/-/vaults/v/tags", query).map(|route| route.operation.name);
        assert_eq!(name("operation=add"), Ok("AddTagsToVault"));
        assert_eq!(name("x=y&operation=remove"), Ok("RemoveTagsFromVault"));
        assert_eq!(name("operation=count").unwrap_err().code, ErrorCode::BadRequest);
        assert!(name("").is_err());
    }

    #[test]
    fn other_paths_are_not_operations() {
        for path in ["", "/", "/-", "/-/vaults/", "/-/vaults//archives", "//vaults/x", "/-/vault/x", "/-/vaults/x/jobs/y/output/z"]
        {
            let error = route(Method::Get, path, "").unwrap_err();
            assert_eq!(error.code, ErrorCode::BadRequest, "{path}");
        }
        assert!(route(Method::Post, "/-/vaults/x", "").is_err());
        assert_eq!(route(Method::Get, "/-/vaults/%ff", "").unwrap_err().code, ErrorCode::InvalidParameterValue);
    }
}
