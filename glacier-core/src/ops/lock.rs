//! The vault lock: a policy that can never be changed once it is completed.

use super::access_policy::Policy;
use crate::request::{Encode, Method, Operation, Payload};
use crate::response::{FromResponse, Header, Response, with_member};
use crate::values::{LockId, VaultRef};
use crate::wire::json::{FromJson, Object, Text, Value};
use crate::wire::{DecodeError, Path, Sink, json};

/// `/{account}/vaults/{name}/lock-policy`
fn lock_path(vault: &VaultRef<'_>, path: &mut Path<'_>) {
    vault.path(path);
    path.segment(&"lock-policy");
}

/// Puts a lock policy into force for 24 hours, during which it can be completed or aborted. Calling it again fails, and the lock id is
/// returned only once.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-InitiateVaultLock.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InitiateVaultLock<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The policy.
    pub policy: Policy<'a>,
}

impl Encode for InitiateVaultLock<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        lock_path(&self.vault, path);
    }
    fn payload(&self) -> Payload {
        Payload::Json
    }
    fn json(&self, out: &mut dyn Sink) {
        Object::new(out).text("Policy", &self.policy).end();
    }
    fn is_idempotent(&self) -> bool {
        false
    }
}

impl Operation for InitiateVaultLock<'_> {
    type Output<'b> = InitiateVaultLockOutput<'b>;
}

/// A vault lock that was initiated. Keep the id: it is needed to complete the lock.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InitiateVaultLockOutput<'b> {
    lock_id: Option<LockId<'b>>,
}

impl<'b> InitiateVaultLockOutput<'b> {
    /// The lock's id.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`] when the response has none, so that it is probably not from a Glacier endpoint.
    pub fn lock_id(&self) -> Result<LockId<'b>, DecodeError> {
        self.lock_id.ok_or(DecodeError::MissingHeader(Header::LockId.name()))
    }
}

impl<'b> FromResponse<'b> for InitiateVaultLockOutput<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        Ok(InitiateVaultLockOutput { lock_id: response.header(Header::LockId).and_then(|id| id.try_into().ok()) })
    }
}

/// Reads the lock policy of a vault and its state; `ResourceNotFound` when there is none. The buffer must hold the policy.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-GetVaultLock.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GetVaultLock<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
}

impl Encode for GetVaultLock<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        lock_path(&self.vault, path);
    }
}

impl Operation for GetVaultLock<'_> {
    type Output<'b> = VaultLock<'b>;
}

/// A vault's lock.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct VaultLock<'b> {
    /// The policy; its `Display` is the plain text.
    pub policy: Option<Text<'b>>,
    /// `InProgress` or `Locked`.
    pub state: Option<Text<'b>>,
    /// When it lapses unless completed; `None` once it is locked.
    pub expiration_date: Option<Text<'b>>,
    /// When it was initiated.
    pub creation_date: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for VaultLock<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "Policy" => self.policy = value.text()?,
            "State" => self.state = value.text()?,
            "ExpirationDate" => self.expiration_date = value.text()?,
            "CreationDate" => self.creation_date = value.text()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'b> FromResponse<'b> for VaultLock<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        json::object(response.body)
    }
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        with_member(Self::from_response(response), |found| found.state.is_some() || found.policy.is_some(), "State", response.body)
    }
}

/// Aborts a vault lock that is in progress. Idempotent.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-AbortVaultLock.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AbortVaultLock<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
}

impl Encode for AbortVaultLock<'_> {
    fn method(&self) -> Method {
        Method::Delete
    }
    fn path(&self, path: &mut Path<'_>) {
        lock_path(&self.vault, path);
    }
}

impl Operation for AbortVaultLock<'_> {
    type Output<'b> = ();
}

/// Locks the vault. A locked vault cannot be unlocked.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-CompleteVaultLock.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CompleteVaultLock<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The id that InitiateVaultLock returned.
    pub lock: LockId<'a>,
}

impl Encode for CompleteVaultLock<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        lock_path(&self.vault, path);
        path.segment(&self.lock);
    }
}

impl Operation for CompleteVaultLock<'_> {
    type Output<'b> = ();
}
