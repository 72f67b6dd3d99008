//! A request whose signature is verified, with everything an operation needs of it. It is owned, so that another thread can process it.

use glacier_core::ops::catalogue::OperationInfo;

use super::headers::RequestHeaders;
use super::query::QueryParameters;
use crate::local::model::Moment;

/// A verified request.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    pub(crate) operation: &'static OperationInfo,
    /// The id of the account that owns the vaults, also where the path says `-`.
    pub(crate) account: String,
    /// The region it was signed for.
    pub(crate) region: String,
    /// Empty where the path has no vault.
    pub(crate) vault: String,
    /// The id of an archive, upload, job or lock; empty where the path has none.
    pub(crate) id: String,
    pub(crate) query: QueryParameters,
    pub(crate) headers: RequestHeaders,
    /// Empty for uploads, whose bodies are streamed.
    pub(crate) body: Vec<u8>,
    pub(crate) now: Moment,
    pub(crate) request_id: String,
}

impl ApiRequest {
    /// The ARN of the vault in the path.
    pub(crate) fn arn(&self) -> String {
        self.arn_of(&self.vault)
    }

    /// The ARN of a vault. It names the caller's region: a folder has one set of vaults, which every region shows.
    pub(crate) fn arn_of(&self, vault: &str) -> String {
        format!("arn:aws:glacier:{}:{}:vaults/{vault}", self.region, self.account)
    }

    /// The `Location` of the vault in the path, or of something in it, such as `["archives", id]`.
    pub(crate) fn location(&self, rest: &[&str]) -> String {
        let mut location = format!("/{}/vaults/{}", self.account, self.vault);
        for segment in rest {
            location.push('/');
            location.push_str(segment);
        }
        location
    }
}
