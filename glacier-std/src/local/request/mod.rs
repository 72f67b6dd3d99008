//! What a request says: operation, names, typed parameters, and whether its signature is genuine.
//! Everything here is computed from the request and what is passed in; nothing reads the store or the clock.

mod access_key;
mod api_request;
mod authorization;
mod credentials_file;
mod credentials_json;
mod headers;
mod identity;
mod job_parameters;
mod json_body;
mod limits;
mod output_range;
mod parameters;
mod presigned;
mod query;
mod routes;
mod signature_errors;
mod signed_headers;
mod signing_time;
mod text;
mod verifier;

pub use access_key::AccessKey;
pub(crate) use api_request::ApiRequest;
pub use credentials_file::CredentialsFileError;
pub(crate) use headers::RequestHeaders;
#[cfg(test)]
pub(crate) use identity::Identity;
pub(crate) use identity::Origin;
pub(crate) use job_parameters::{JobParameters, JobRequest};
pub(crate) use json_body::{NotificationsBody, PolicyBody, RetrievalPolicyBody, TagKeysBody, TagsBody, json_body};
pub(crate) use limits::check_limits;
pub(crate) use output_range::OutputRange;
pub(crate) use parameters::{
    AnnouncedBody, announced_archive, announced_body, announced_hash, check_empty_body, check_hash, check_version, content_hash,
    description, job_filter, part_range, part_size,
};
pub(crate) use query::QueryParameters;
pub(crate) use routes::{Route, route};
pub(crate) use signed_headers::check_repeated;
#[cfg(feature = "serve")]
pub(crate) use signed_headers::repeated_header;
pub(crate) use verifier::{Claim, Verifier};
