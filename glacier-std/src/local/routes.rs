//! From method and path to an operation: one table.

use glacier_core::{ErrorCode, Method};
use percent_encoding::percent_decode_str;

use super::refuse::Refused;

/// The operations that the service has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CreateVault,
    DescribeVault,
    ListVaults,
    DeleteVault,
    UploadArchive,
    DeleteArchive,
    InitiateMultipartUpload,
    UploadMultipartPart,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    ListMultipartUploads,
    ListParts,
    InitiateJob,
    DescribeJob,
    ListJobs,
    GetJobOutput,
}

use Operation::*;

/// Method, path and operation. `{}` stands for one segment: first the account, then the vault, then an id.
const ROUTES: [(Method, &str, Operation); 16] = [
    (Method::Put, "{}/vaults/{}", CreateVault),
    (Method::Get, "{}/vaults/{}", DescribeVault),
    (Method::Get, "{}/vaults", ListVaults),
    (Method::Delete, "{}/vaults/{}", DeleteVault),
    (Method::Post, "{}/vaults/{}/archives", UploadArchive),
    (Method::Delete, "{}/vaults/{}/archives/{}", DeleteArchive),
    (Method::Post, "{}/vaults/{}/multipart-uploads", InitiateMultipartUpload),
    (Method::Put, "{}/vaults/{}/multipart-uploads/{}", UploadMultipartPart),
    (Method::Post, "{}/vaults/{}/multipart-uploads/{}", CompleteMultipartUpload),
    (Method::Delete, "{}/vaults/{}/multipart-uploads/{}", AbortMultipartUpload),
    (Method::Get, "{}/vaults/{}/multipart-uploads", ListMultipartUploads),
    (Method::Get, "{}/vaults/{}/multipart-uploads/{}", ListParts),
    (Method::Post, "{}/vaults/{}/jobs", InitiateJob),
    (Method::Get, "{}/vaults/{}/jobs/{}", DescribeJob),
    (Method::Get, "{}/vaults/{}/jobs", ListJobs),
    (Method::Get, "{}/vaults/{}/jobs/{}/output", GetJobOutput),
];

impl Operation {
    /// The operation's name in the API.
    pub(super) const fn name(self) -> &'static str {
        match self {
            CreateVault => "CreateVault",
            DescribeVault => "DescribeVault",
            ListVaults => "ListVaults",
            DeleteVault => "DeleteVault",
            UploadArchive => "UploadArchive",
            DeleteArchive => "DeleteArchive",
            InitiateMultipartUpload => "InitiateMultipartUpload",
            UploadMultipartPart => "UploadMultipartPart",
            CompleteMultipartUpload => "CompleteMultipartUpload",
            AbortMultipartUpload => "AbortMultipartUpload",
            ListMultipartUploads => "ListMultipartUploads",
            ListParts => "ListParts",
            InitiateJob => "InitiateJob",
            DescribeJob => "DescribeJob",
            ListJobs => "ListJobs",
            GetJobOutput => "GetJobOutput",
        }
    }

    /// Whether the body is an archive or a part of one, of up to 4 GiB.
    pub(super) const fn is_upload(self) -> bool {
        matches!(self, UploadArchive | UploadMultipartPart)
    }
}

/// An operation and the names in its path, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) operation: Operation,
    pub(super) account: String,
    /// Empty where the path has no vault.
    pub(super) vault: String,
    /// Of an archive, upload or job; empty where the path has none.
    pub(super) id: String,
}

/// Finds the operation.
pub(super) fn route(method: Method, path: &str) -> Result<Route, Refused> {
    let none = || Refused::new(ErrorCode::BadRequest, format!("{} {path} is no operation of this service", method.as_str()));
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    for (_, pattern, operation) in ROUTES.iter().filter(|(of, _, _)| *of == method) {
        if let Some(names) = names(pattern, &segments) {
            let mut names = names.into_iter().map(decode);
            let mut next = || names.next().unwrap_or(Ok(String::new()));
            return Ok(Route { operation: *operation, account: next()?, vault: next()?, id: next()? });
        }
    }
    Err(none())
}

/// The segments that stand where the pattern has `{}`; `None` when the path is another or one of them is empty.
fn names<'s>(pattern: &str, segments: &[&'s str]) -> Option<Vec<&'s str>> {
    let pattern: Vec<&str> = pattern.split('/').collect();
    if pattern.len() != segments.len() {
        return None;
    }
    let mut names = Vec::new();
    for (wanted, segment) in pattern.iter().zip(segments) {
        match *wanted {
            "{}" if !segment.is_empty() => names.push(*segment),
            word if word == *segment => {}
            _ => return None,
        }
    }
    Some(names)
}

/// Undoes percent-encoding.
pub(super) fn decode(text: &str) -> Result<String, Refused> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| Refused::invalid(format!("{text} is not UTF-8 once its percent signs are decoded")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_path() {
        for (method, pattern, operation) in ROUTES {
            let path = format!("/{}", pattern.replacen("{}", "-", 1).replacen("{}", "v%20w", 1).replacen("{}", "-id", 1));
            let route = route(method, &path).unwrap();
            assert_eq!(route.operation, operation, "{path}");
            assert_eq!(route.account, "-");
            assert_eq!(route.vault, if pattern.matches("{}").count() > 1 { "v w" } else { "" });
            assert_eq!(route.id, if pattern.matches("{}").count() > 2 { "-id" } else { "" });
        }
    }

    #[test]
    fn other_paths_are_none() {
        for path in ["", "/", "/-", "/-/vaults/", "/-/vaults//archives", "//vaults/x", "/-/vault/x", "/-/vaults/x/jobs/y/output/z"]
        {
            let error = route(Method::Get, path).unwrap_err();
            assert_eq!((error.status, error.code), (400, "BadRequest"), "{path}");
        }
        assert!(route(Method::Post, "/-/vaults/x").is_err());
        assert_eq!(route(Method::Get, "/-/vaults/%ff").unwrap_err().code, "InvalidParameterValueException");
    }
}
