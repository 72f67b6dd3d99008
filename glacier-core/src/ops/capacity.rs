//! Provisioned capacity: paying for expedited retrievals in advance.

use crate::request::{Encode, List, Method, Operation};
use crate::response::{FromResponse, Header, Response};
use crate::values::{AccountId, CapacityId};
use crate::wire::json::{FromJson, Text, Value};
use crate::wire::{DecodeError, Path};

/// `/{account}/provisioned-capacity`
fn capacity_path(account: &AccountId<'_>, path: &mut Path<'_>) {
    account.path(path);
    path.segment(&"provisioned-capacity");
}

/// Purchases a provisioned capacity unit for a month. Each call purchases one: repeated after a lost response it may purchase two.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-PurchaseProvisionedCapacity.html)
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PurchaseProvisionedCapacity<'a> {
    /// The account.
    pub account: AccountId<'a>,
}

impl Encode for PurchaseProvisionedCapacity<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        capacity_path(&self.account, path);
    }
    fn is_idempotent(&self) -> bool {
        false
    }
}

impl Operation for PurchaseProvisionedCapacity<'_> {
    type Output<'b> = PurchaseProvisionedCapacityOutput<'b>;
}

/// A unit that was bought.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct PurchaseProvisionedCapacityOutput<'b> {
    capacity_id: Option<CapacityId<'b>>,
}

impl<'b> PurchaseProvisionedCapacityOutput<'b> {
    /// The unit's id.
    ///
    /// # Errors
    /// [`DecodeError::MissingHeader`] when the response has none, so that it is probably not from a Glacier endpoint.
    pub fn capacity_id(&self) -> Result<CapacityId<'b>, DecodeError> {
        self.capacity_id.ok_or(DecodeError::MissingHeader(Header::CapacityId.name()))
    }
}

impl<'b> FromResponse<'b> for PurchaseProvisionedCapacityOutput<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        Ok(PurchaseProvisionedCapacityOutput { capacity_id: response.header(Header::CapacityId).and_then(|id| id.try_into().ok()) })
    }
}

/// Lists the account's provisioned capacity units.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-ListProvisionedCapacity.html)
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListProvisionedCapacity<'a> {
    /// The account.
    pub account: AccountId<'a>,
}

impl Encode for ListProvisionedCapacity<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        capacity_path(&self.account, path);
    }
}

impl List for ListProvisionedCapacity<'_> {
    const NAME: &'static str = "ProvisionedCapacityList";
    type Item<'b> = ProvisionedCapacity<'b>;
    fn item<'b>(_: &'b str, value: Value<'b>) -> Result<ProvisionedCapacity<'b>, DecodeError> {
        Ok(value.object()?.unwrap_or_default())
    }
}

/// A unit of provisioned capacity.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct ProvisionedCapacity<'b> {
    /// Its id.
    pub capacity_id: Option<Text<'b>>,
    /// When it was bought.
    pub start_date: Option<Text<'b>>,
    /// When it ends.
    pub expiration_date: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for ProvisionedCapacity<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "CapacityId" => self.capacity_id = value.text()?,
            "StartDate" => self.start_date = value.text()?,
            "ExpirationDate" => self.expiration_date = value.text()?,
            _ => {}
        }
        Ok(())
    }
}
