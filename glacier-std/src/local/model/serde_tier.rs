//! For `#[serde(with)]`: a tier by its name.

use serde::{Deserialize, Deserializer, Serializer, de};

use super::schedule::Tier;

pub(super) fn serialize<S: Serializer>(tier: &Tier, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(tier.name())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Tier, D::Error> {
    let name = String::deserialize(from)?;
    Tier::from_name(&name).ok_or_else(|| de::Error::custom("unknown tier"))
}
