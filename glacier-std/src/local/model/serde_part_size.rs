//! For `#[serde(with)]`: stores a part size as its number of bytes.

use glacier_core::PartSize;
use serde::{Deserialize, Deserializer, Serializer, de};

pub(super) fn serialize<S: Serializer>(part_size: &PartSize, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(part_size.bytes())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PartSize, D::Error> {
    PartSize::from_bytes(u64::deserialize(from)?).map_err(de::Error::custom)
}
