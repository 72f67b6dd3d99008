//! Which archives an inventory lists.

use glacier_core::Timestamp;

use super::archive::ArchiveRecord;

/// What an inventory job asks for. The dates are valid, and the limit is at least 1.
pub(crate) struct InventoryQuery {
    /// `CSV` or `JSON`.
    pub(crate) format: String,
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
    pub(crate) limit: Option<u64>,
    /// The id of the last archive of the previous inventory.
    pub(crate) marker: Option<String>,
}

impl InventoryQuery {
    /// Whether the archive was created from the start date on and before the end date.
    pub(crate) fn includes(&self, archive: &ArchiveRecord) -> bool {
        let millis = |date: &Option<String>| date.as_deref().and_then(Timestamp::parse_iso).map(|date| date.unix() * 1000);
        millis(&self.start_date).is_none_or(|start| archive.created.0 >= start)
            && millis(&self.end_date).is_none_or(|end| archive.created.0 < end)
    }
}
