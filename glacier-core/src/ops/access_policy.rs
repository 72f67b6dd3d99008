//! The access policy of a vault.

use core::fmt;

use crate::request::{Encode, Method, Operation, Payload};
use crate::response::{FromResponse, Response, with_member};
use crate::values::VaultRef;
use crate::wire::json::{FromJson, Object, Text, Value};
use crate::wire::{DecodeError, Path, Sink, Wire, json};

/// `/{account}/vaults/{name}/access-policy`
fn policy_path(vault: &VaultRef<'_>, path: &mut Path<'_>) {
    vault.path(path);
    path.segment(&"access-policy");
}

/// A policy document, as plain text: it is escaped into the JSON of the request when it is sent. At most 20 KB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Policy<'a>(&'a str);

impl<'a> Policy<'a> {
    /// The longest policy, in bytes.
    pub const MAX_LEN: usize = 20 * 1024;

    /// The document.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for Policy<'a> {
    type Error = InvalidPolicy;

    fn try_from(text: &'a str) -> Result<Self, InvalidPolicy> {
        match text.len() {
            0 => Err(InvalidPolicy { length: 0 }),
            length if length > Policy::MAX_LEN => Err(InvalidPolicy { length }),
            _ => Ok(Policy(text)),
        }
    }
}

impl Wire for Policy<'_> {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(self.0.as_bytes());
    }
}

/// A policy is empty or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidPolicy {
    /// Bytes of the text.
    pub length: usize,
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            0 => f.write_str("the policy is empty: give the policy document, or delete the policy instead"),
            length => write!(f, "a policy has at most 20480 bytes; this one has {length}: shorten it"),
        }
    }
}

impl core::error::Error for InvalidPolicy {}

/// Sets the access policy of a vault, and replaces the one it has.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-SetVaultAccessPolicy.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetVaultAccessPolicy<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The policy.
    pub policy: Policy<'a>,
}

impl Encode for SetVaultAccessPolicy<'_> {
    fn method(&self) -> Method {
        Method::Put
    }
    fn path(&self, path: &mut Path<'_>) {
        policy_path(&self.vault, path);
    }
    fn payload(&self) -> Payload {
        Payload::Json
    }
    fn json(&self, out: &mut dyn Sink) {
        Object::new(out).text("Policy", &self.policy).end();
    }
}

impl Operation for SetVaultAccessPolicy<'_> {
    type Output<'b> = ();
}

/// Reads the access policy of a vault; `ResourceNotFound` when there is none. The buffer must hold it: up to 20 KB, and more with its
/// escapes.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-GetVaultAccessPolicy.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GetVaultAccessPolicy<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
}

impl Encode for GetVaultAccessPolicy<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        policy_path(&self.vault, path);
    }
}

impl Operation for GetVaultAccessPolicy<'_> {
    type Output<'b> = AccessPolicy<'b>;
}

/// A vault's access policy.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct AccessPolicy<'b> {
    /// The document; its `Display` is the plain text.
    pub policy: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for AccessPolicy<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        if name == "Policy" {
            self.policy = value.text()?;
        }
        Ok(())
    }
}

impl<'b> FromResponse<'b> for AccessPolicy<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        json::object(response.body)
    }
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        with_member(Self::from_response(response), |found| found.policy.is_some(), "Policy", response.body)
    }
}

/// Deletes the access policy of a vault. Idempotent.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-DeleteVaultAccessPolicy.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeleteVaultAccessPolicy<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
}

impl Encode for DeleteVaultAccessPolicy<'_> {
    fn method(&self) -> Method {
        Method::Delete
    }
    fn path(&self, path: &mut Path<'_>) {
        policy_path(&self.vault, path);
    }
}

impl Operation for DeleteVaultAccessPolicy<'_> {
    type Output<'b> = ();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_20480_bytes() {
        let text = "p".repeat(20_481);
        assert!(Policy::try_from(&text[1..]).is_ok());
        assert_eq!(Policy::try_from(text.as_str()), Err(InvalidPolicy { length: 20_481 }));
        assert_eq!(Policy::try_from(""), Err(InvalidPolicy { length: 0 }));
    }
}
