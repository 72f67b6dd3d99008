//! A request whose signature is verified, with everything an operation needs of it. It is owned, so that another thread can process it.

use glacier_core::ops::catalogue::OperationInfo;
use glacier_core::{ErrorCode, VaultName};

use super::headers::RequestHeaders;
use super::identity::{Identity, Origin};
use super::query::QueryParameters;
use crate::local::model::{ApiError, Moment, Place, Times, VaultKey, vault_arn};

/// A verified request.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    pub(crate) operation: &'static OperationInfo,
    /// Who signed it.
    pub(crate) caller: Identity,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// The account in the path, which owns the vaults; the caller's where the path says `-`. Whether the caller may see them is decided in `ops`.
    pub(crate) owner: String,
    /// The region it was signed for, whose vaults it is about.
    pub(crate) region: String,
    /// Empty where the path has no vault.
    pub(crate) vault: String,
    /// The id of an archive, upload, job or lock; empty where the path has none.
    pub(crate) id: String,
    pub(crate) query: QueryParameters,
    pub(crate) headers: RequestHeaders,
    /// Empty for uploads, whose bodies are streamed.
    pub(crate) body: Vec<u8>,
    pub(crate) times: Times,
    pub(crate) request_id: String,
    /// Why the job that it initiates is to fail, as a fault has it.
    pub(crate) job_failure: Option<String>,
}

impl ApiRequest {
    /// Vault time.
    pub(crate) fn now(&self) -> Moment {
        self.times.vault
    }

    /// The account and region whose vaults it is about.
    pub(crate) fn place(&self) -> Place<'_> {
        Place { account: &self.owner, region: &self.region }
    }

    /// The vault in the path.
    pub(crate) fn key(&self) -> VaultKey {
        VaultKey { account: self.owner.clone(), region: self.region.clone(), name: self.vault.clone() }
    }

    /// Checks that the caller's account is the one in the path.
    pub(crate) fn check_owner(&self) -> Result<(), ApiError> {
        let Identity { account, principal, .. } = &self.caller;
        if self.owner == *account {
            return Ok(());
        }
        let (operation, owner) = (self.operation.name, &self.owner);
        Err(ApiError::new(
            ErrorCode::AccessDenied,
            format!(
                "User: {principal} is not authorized to perform: glacier:{operation} in the account {owner}: use {account}, its own, or -"
            ),
        ))
    }

    /// The ARN of the vault in the path.
    pub(crate) fn arn(&self) -> String {
        self.arn_of(&self.vault)
    }

    /// The ARN of a vault of this account and region.
    pub(crate) fn arn_of(&self, vault: &str) -> String {
        vault_arn(&self.owner, &self.region, vault)
    }

    /// The `Location` of the vault in the path, or of something in it, such as `["archives", id]`.
    pub(crate) fn location(&self, rest: &[&str]) -> String {
        let mut location = format!("/{}/vaults/{}", self.owner, self.vault);
        for segment in rest {
            location.push('/');
            location.push_str(segment);
        }
        location
    }

    /// The vault's name in a marker of ListVaults, which is an ARN of this account and region; empty without a marker.
    pub(crate) fn vault_marker(&self) -> Result<&str, ApiError> {
        let Some(marker) = self.query.marker() else { return Ok("") };
        let name = marker.strip_prefix(self.arn_of("").as_str()).filter(|name| VaultName::try_from(*name).is_ok());
        name.ok_or_else(|| {
            ApiError::invalid(format!(
                "Invalid marker: {marker}. A marker is the ARN of a vault of this account and region, which begins with {}",
                self.arn_of("")
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(owner: &str, region: &str, query: &str) -> ApiRequest {
        ApiRequest {
            operation: OperationInfo::of("ListVaults").unwrap(),
            caller: Identity::root("111122223333", region),
            origin: Origin::IN_PROCESS,
            owner: owner.into(),
            region: region.into(),
            vault: String::new(),
            id: String::new(),
            query: QueryParameters::parse(query).unwrap(),
            headers: RequestHeaders::default(),
            body: Vec::new(),
            times: Times { vault: Moment(0), wall: Moment(0) },
            request_id: String::new(),
            job_failure: None,
        }
    }

    #[test]
    fn another_accounts_vaults_are_denied() {
        assert_eq!(request("111122223333", "eu-west-1", "").check_owner(), Ok(()));
        for owner in ["444455556666", "1", "--"] {
            let error = request(owner, "eu-west-1", "").check_owner().unwrap_err();
            assert_eq!(error.code, ErrorCode::AccessDenied);
            let words = ["User: arn:aws:iam::111122223333:root", "glacier:ListVaults", owner, "use 111122223333"];
            assert!(words.iter().all(|word| error.message.contains(word)), "{}", error.message);
        }
    }

    #[test]
    fn a_marker_is_the_arn_of_a_vault_here() {
        let name = |query: &str| request("111122223333", "cn-north-1", query).vault_marker().map(String::from);
        assert_eq!(name(""), Ok(String::new()));
        assert_eq!(name("marker="), Ok(String::new()));
        assert_eq!(name("marker=arn:aws-cn:glacier:cn-north-1:111122223333:vaults/v"), Ok("v".into()));
        for marker in [
            "v",
            "arn:aws-cn:glacier:cn-north-1:111122223333:vaults/",
            "arn:aws:glacier:cn-north-1:111122223333:vaults/v",
            "arn:aws-cn:glacier:cn-northwest-1:111122223333:vaults/v",
            "arn:aws-cn:glacier:cn-north-1:444455556666:vaults/v",
            "arn:aws-cn:s3:cn-north-1:111122223333:vaults/v",
            "arn:aws-cn:glacier:cn-north-1:111122223333:vaults/v/w",
            "arn:aws-cn:glacier:cn-north-1:111122223333:vaults/a b",
            "arn:aws-cn:glacier:cn-north-1:111122223333:vault/v",
        ] {
            assert!(name(&format!("marker={marker}")).unwrap_err().message.contains(marker), "{marker}");
        }
    }
}
