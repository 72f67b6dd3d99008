//! Vaults: create, describe, list, delete.

use crate::request::{Encode, List, Method, Operation, Paginate};
use crate::response::{FromResponse, Header, Response, no_page, with_member};
use crate::values::{AccountId, VaultRef};
use crate::wire::json::{FromJson, Text, Value};
use crate::wire::{DecodeError, Path, Query, json};

/// Creates a vault. Idempotent.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-put.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CreateVault<'a> {
    /// The vault to create.
    pub vault: VaultRef<'a>,
}

impl Encode for CreateVault<'_> {
    fn method(&self) -> Method {
        Method::Put
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
    }
}

impl Operation for CreateVault<'_> {
    type Output<'b> = CreateVaultOutput<'b>;
}

/// The path of a new vault.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct CreateVaultOutput<'b> {
    /// Its path, `/{account}/vaults/{name}`, with the account's number.
    pub location: Option<&'b str>,
}

impl<'b> FromResponse<'b> for CreateVaultOutput<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        Ok(CreateVaultOutput { location: response.header(Header::Location) })
    }
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        no_page(response.body)?;
        Self::from_response(response)
    }
}

/// Describes one vault: its size and number of archives as of the last inventory, which is made about daily.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-get.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DescribeVault<'a> {
    /// The vault to describe.
    pub vault: VaultRef<'a>,
}

impl Encode for DescribeVault<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
    }
}

impl Operation for DescribeVault<'_> {
    type Output<'b> = Vault<'b>;
}

/// The description of a vault.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct Vault<'b> {
    /// The vault's ARN.
    #[cfg_attr(feature = "serde", serde(rename = "VaultARN"))]
    pub arn: Option<Text<'b>>,
    /// Its name.
    pub vault_name: Option<Text<'b>>,
    /// When it was created, ISO 8601.
    pub creation_date: Option<Text<'b>>,
    /// When its last inventory was made; `None` before the first.
    pub last_inventory_date: Option<Text<'b>>,
    /// Archives as of the last inventory; `None` or 0 before the first.
    pub number_of_archives: Option<u64>,
    /// Bytes of all archives as of the last inventory, with the service's overhead.
    pub size_in_bytes: Option<u64>,
}

impl<'b> FromJson<'b> for Vault<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "VaultARN" => self.arn = value.text()?,
            "VaultName" => self.vault_name = value.text()?,
            "CreationDate" => self.creation_date = value.text()?,
            "LastInventoryDate" => self.last_inventory_date = value.text()?,
            "NumberOfArchives" => self.number_of_archives = value.number()?,
            "SizeInBytes" => self.size_in_bytes = value.number()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'b> FromResponse<'b> for Vault<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        json::object(response.body)
    }
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        with_member(
            Self::from_response(response),
            |found| found.vault_name.is_some() || found.arn.is_some(),
            "VaultName",
            response.body,
        )
    }
}

/// Lists the vaults of an account in the region, sorted by name.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vaults-get.html)
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListVaults<'a> {
    /// The account.
    pub account: AccountId<'a>,
    /// The maximum number of vaults in a page; 10 by default and at most.
    pub limit: Option<u64>,
    /// Where to continue: the marker of the previous page.
    pub marker: Option<&'a str>,
}

impl Encode for ListVaults<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        self.account.path(path);
        path.segment(&"vaults");
    }
    fn query(&self, query: &mut Query<'_>) {
        self.page_query(self.limit, self.marker, query);
    }
}

impl List for ListVaults<'_> {
    const NAME: &'static str = "VaultList";
    type Item<'b> = Vault<'b>;
    fn item<'b>(_: &'b str, value: Value<'b>) -> Result<Vault<'b>, DecodeError> {
        Ok(value.object()?.unwrap_or_default())
    }
}

impl Paginate for ListVaults<'_> {
    fn page_query(&self, limit: Option<u64>, marker: Option<&str>, query: &mut Query<'_>) {
        query.page(limit, marker);
    }
    fn limit(&self) -> Option<u64> {
        self.limit
    }
    fn marker(&self) -> Option<&str> {
        self.marker
    }
}

/// Deletes a vault that was empty at the last inventory and has not been written to since. Idempotent.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-delete.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeleteVault<'a> {
    /// The vault to delete.
    pub vault: VaultRef<'a>,
}

impl Encode for DeleteVault<'_> {
    fn method(&self) -> Method {
        Method::Delete
    }
    fn path(&self, path: &mut Path<'_>) {
        self.vault.path(path);
    }
}

impl Operation for DeleteVault<'_> {
    type Output<'b> = ();
}
