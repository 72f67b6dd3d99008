//! One request once it is known to be genuine: all that an operation needs of it, owned, so that it can go to another thread.

use glacier_core::Request;

use super::page::Query;
use super::routes::Operation;
use super::time::Moment;

/// A request.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: Operation,
    /// The owner's number, also where the path says `-`.
    pub(super) account: String,
    /// The region it was signed for.
    pub(super) region: String,
    /// Empty where the path has no vault.
    pub(super) vault: String,
    /// Of an archive, upload or job; empty where the path has none.
    pub(super) id: String,
    pub(super) query: Query,
    pub(super) headers: Headers,
    /// Empty for uploads, whose bodies are streams.
    pub(super) body: Vec<u8>,
    pub(super) now: Moment,
    pub(super) request_id: String,
}

impl Call {
    /// The ARN of the vault in the path.
    pub(super) fn arn(&self) -> String {
        self.arn_of(&self.vault)
    }

    /// The ARN of a vault. It names the caller's region: a folder has one set of vaults, which every region shows.
    pub(super) fn arn_of(&self, vault: &str) -> String {
        format!("arn:aws:glacier:{}:{}:vaults/{vault}", self.region, self.account)
    }

    /// The `Location` of something in the vault, such as `archives/ID`; of the vault itself when `rest` is empty.
    pub(super) fn location(&self, rest: &[&str]) -> String {
        let mut location = format!("/{}/vaults/{}", self.account, self.vault);
        for segment in rest {
            location.push('/');
            location.push_str(segment);
        }
        location
    }
}

/// A request's headers: names in lower case, values without white space around them.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    pub(super) fn new(headers: &[(&str, &str)]) -> Self {
        Headers(headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect())
    }

    pub(super) fn of(request: &Request<'_>) -> Self {
        Headers::new(request.headers)
    }

    /// A header's value; the first one when it is repeated.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}
