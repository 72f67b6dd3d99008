//! The data retrieval policy of an account: how much may be retrieved per hour.

use core::fmt;

use crate::request::{Encode, Method, Operation, Payload};
use crate::response::{FromResponse, Response, with_member};
use crate::values::AccountId;
use crate::wire::json::{FromJson, Items, Object, Text, Value};
use crate::wire::{DecodeError, Path, Sink, json};

/// `/{account}/policies/data-retrieval`
fn policy_path(account: &AccountId<'_>, path: &mut Path<'_>) {
    account.path(path);
    path.segment(&"policies").segment(&"data-retrieval");
}

/// A limit on retrievals, for the Standard tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RetrievalLimit {
    /// At most this many bytes per hour.
    BytesPerHour(BytesPerHour),
    /// The free tier.
    FreeTier,
    /// No limit.
    Unlimited,
}

/// Bytes per hour: 1 to 2^63 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BytesPerHour(u64);

impl TryFrom<u64> for BytesPerHour {
    type Error = InvalidBytesPerHour;

    fn try_from(bytes: u64) -> Result<Self, InvalidBytesPerHour> {
        if (1..=i64::MAX as u64).contains(&bytes) { Ok(BytesPerHour(bytes)) } else { Err(InvalidBytesPerHour { bytes }) }
    }
}

/// A rate is zero or beyond 2^63 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidBytesPerHour {
    /// The rate that was given.
    pub bytes: u64,
}

impl fmt::Display for InvalidBytesPerHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a retrieval rate is 1 to 9223372036854775807 bytes per hour, not {}", self.bytes)
    }
}

impl core::error::Error for InvalidBytesPerHour {}

/// Sets the data retrieval policy of the account in the region. Jobs in progress are not affected.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-SetDataRetrievalPolicy.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetDataRetrievalPolicy<'a> {
    /// The account.
    pub account: AccountId<'a>,
    /// The limit.
    pub limit: RetrievalLimit,
}

impl Encode for SetDataRetrievalPolicy<'_> {
    fn method(&self) -> Method {
        Method::Put
    }
    fn path(&self, path: &mut Path<'_>) {
        policy_path(&self.account, path);
    }
    fn payload(&self) -> Payload {
        Payload::Json
    }
    fn json(&self, out: &mut dyn Sink) {
        let write = |policy: &mut Object<'_>| {
            policy.objects("Rules", &[self.limit], &|limit, rule| {
                match limit {
                    RetrievalLimit::BytesPerHour(rate) => rule.text("Strategy", &"BytesPerHour").number("BytesPerHour", rate.0),
                    RetrievalLimit::FreeTier => rule.text("Strategy", &"FreeTier"),
                    RetrievalLimit::Unlimited => rule.text("Strategy", &"None"),
                };
            });
        };
        Object::new(out).object("Policy", &write).end();
    }
}

impl Operation for SetDataRetrievalPolicy<'_> {
    type Output<'b> = ();
}

/// Reads the data retrieval policy of the account in the region.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-GetDataRetrievalPolicy.html)
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GetDataRetrievalPolicy<'a> {
    /// The account.
    pub account: AccountId<'a>,
}

impl Encode for GetDataRetrievalPolicy<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        policy_path(&self.account, path);
    }
}

impl Operation for GetDataRetrievalPolicy<'_> {
    type Output<'b> = DataRetrieval<'b>;
}

/// The output of GetDataRetrievalPolicy.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct DataRetrieval<'b> {
    /// The policy.
    pub policy: Option<RetrievalPolicy<'b>>,
}

/// A data retrieval policy.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct RetrievalPolicy<'b> {
    /// Its rules, currently always one; [`RetrievalRule`] reads each.
    pub rules: Option<Items<'b>>,
}

/// One rule of a data retrieval policy: `value.object::<RetrievalRule>()`.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct RetrievalRule<'b> {
    /// `BytesPerHour`, `FreeTier` or `None`.
    pub strategy: Option<Text<'b>>,
    /// The rate, with the first of these.
    pub bytes_per_hour: Option<u64>,
}

impl<'b> FromJson<'b> for DataRetrieval<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        if name == "Policy" {
            self.policy = value.object()?;
        }
        Ok(())
    }
}

impl<'b> FromJson<'b> for RetrievalPolicy<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        if name == "Rules" {
            self.rules = value.items()?;
        }
        Ok(())
    }
}

impl<'b> FromJson<'b> for RetrievalRule<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "Strategy" => self.strategy = value.text()?,
            "BytesPerHour" => self.bytes_per_hour = value.number()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'b> FromResponse<'b> for DataRetrieval<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        json::object(response.body)
    }
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        with_member(Self::from_response(response), |found| found.policy.is_some(), "Policy", response.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_between_1_and_the_largest_i64() {
        assert!(BytesPerHour::try_from(1).is_ok() && BytesPerHour::try_from(u64::MAX >> 1).is_ok());
        for bytes in [0, 1 << 63] {
            assert_eq!(BytesPerHour::try_from(bytes), Err(InvalidBytesPerHour { bytes }));
        }
    }
}
