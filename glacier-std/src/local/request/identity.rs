//! Who makes a request, and from where.

use std::net::{IpAddr, Ipv4Addr};

use super::access_key::AccessKey;
use crate::local::model::root_arn;

/// Who signed a request: what its access key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// 12 digits.
    pub(crate) account: String,
    /// An ARN: the root of the account, a user or a session.
    pub(crate) principal: String,
    /// Of temporary credentials, whether multi-factor authentication was used for them.
    pub(crate) session_mfa: Option<bool>,
}

impl Identity {
    /// The root of an account.
    pub(super) fn root(account: &str, region: &str) -> Self {
        Identity { account: account.to_owned(), principal: root_arn(account, region), session_mfa: None }
    }

    /// The owner of a key. One that names neither account nor principal belongs to the root of `default_account`.
    pub(super) fn of(key: &AccessKey, default_account: &str, region: &str) -> Self {
        let root = Identity::root(key.account().unwrap_or(default_account), region);
        let identity = Identity { session_mfa: key.session_token().map(|_| key.has_mfa()), ..root };
        match key.principal() {
            Some(principal) => Identity { principal: principal.to_owned(), ..identity },
            None => identity,
        }
    }

    /// What `aws:PrincipalArn` says: of a session it is the ARN of its role.
    pub(crate) fn policy_arn(&self) -> String {
        let session = self.principal.split_once(":sts:").zip(self.principal.split_once(":assumed-role/"));
        match session.and_then(|((partition, _), (_, role))| Some((partition, role.split_once('/')?.0))) {
            // Its path is not part of a session's ARN.
            Some((partition, role)) => format!("{partition}:iam::{}:role/{role}", self.account),
            None => self.principal.clone(),
        }
    }

    /// What `aws:PrincipalType` says.
    pub(crate) fn principal_type(&self) -> &'static str {
        match self.resource().split_once('/').map_or("root", |(kind, _)| kind) {
            "user" => "User",
            "assumed-role" | "role" => "AssumedRole",
            "federated-user" => "FederatedUser",
            _ => "Account",
        }
    }

    /// What `aws:username` says: the name of a user, without its path.
    pub(crate) fn user_name(&self) -> Option<&str> {
        self.resource().strip_prefix("user/")?.rsplit('/').next()
    }

    /// What `aws:userid` says, of those whose id does not have letters that only IAM knows.
    pub(crate) fn user_id(&self) -> Option<String> {
        let (resource, account) = (self.resource(), &self.account);
        match resource.strip_prefix("federated-user/") {
            Some(name) => Some(format!("{account}:{name}")),
            None => (resource == "root").then(|| account.clone()),
        }
    }

    /// The last part of the ARN, such as `user/backup`.
    fn resource(&self) -> &str {
        self.principal.splitn(6, ':').nth(5).unwrap_or_default()
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The address of the peer; that of the loopback interface for requests made in this process.
    pub(crate) address: IpAddr,
    /// Whether nobody on the way could read it.
    pub(crate) is_secure: bool,
}

impl Origin {
    /// This process: nothing is on a wire, and the program that is tested so sends the same over TLS.
    pub(crate) const IN_PROCESS: Origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), is_secure: true };
    /// A connection to this process of which no more is known.
    #[cfg(feature = "serve")]
    pub(crate) const PIPE: Origin = Origin { is_secure: false, ..Origin::IN_PROCESS };

    /// Whether the peer is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.to_canonical().is_loopback()
    }
}
