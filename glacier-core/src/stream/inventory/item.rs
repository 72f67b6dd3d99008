//! An archive in an inventory.

use core::fmt::{self, Write};

use crate::hash::TreeHash;
use crate::wire::json::Text;
use crate::wire::split_once;

/// An archive in an inventory, borrowed from the buffer of the reader.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct InventoryItem<'b> {
    /// The archive's id.
    pub archive_id: Option<Field<'b>>,
    /// Its description, empty when it has none.
    #[cfg_attr(feature = "serde", serde(rename = "ArchiveDescription"))]
    pub description: Option<Field<'b>>,
    /// When it was created, ISO 8601.
    pub creation_date: Option<Field<'b>>,
    /// The bytes in it.
    pub size: Option<u64>,
    /// Its tree hash; [`InventoryItem::tree_hash`] reads it.
    #[cfg_attr(feature = "serde", serde(rename = "SHA256TreeHash"))]
    pub sha256_tree_hash: Option<Field<'b>>,
}

impl InventoryItem<'_> {
    /// The archive's tree hash; `None` when the inventory has none, or one that is not a hash.
    #[must_use]
    pub fn tree_hash(&self) -> Option<TreeHash> {
        self.sha256_tree_hash?.as_plain()?.parse().ok()
    }
}

/// A text of an inventory, borrowed from the buffer.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Field<'b> {
    /// With the escapes of JSON.
    Json(Text<'b>),
    /// With a backslash before each double quote, as the service writes CSV, or with doubled quotes, as other programs do (RFC 4180); any
    /// other backslash is a character of the text.
    Csv(&'b str),
}

impl<'b> Field<'b> {
    /// The text itself, when it has no escapes, as with all ids, dates and hashes.
    #[must_use]
    pub fn as_plain(&self) -> Option<&'b str> {
        match self {
            Field::Json(text) => text.as_plain(),
            Field::Csv(raw) => (!raw.contains('"')).then_some(raw),
        }
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Field::Json(text) => text.is_empty(),
            Field::Csv(raw) => raw.is_empty(),
        }
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Json(text) => text.fmt(f),
            Field::Csv(raw) => {
                let mut rest = *raw;
                while let Some((before, after)) = split_once(rest, "\"") {
                    // The service writes a backslash before each quote, so one that another quote follows is doubled.
                    let doubled = after.strip_prefix('"');
                    let escaped = before.strip_suffix('\\').filter(|_| doubled.is_none());
                    f.write_str(escaped.unwrap_or(before))?;
                    f.write_char('"')?;
                    rest = doubled.unwrap_or(after);
                }
                f.write_str(rest)
            }
        }
    }
}
