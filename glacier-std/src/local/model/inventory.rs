//! What an inventory job asks for, and which archives its list has.

use glacier_core::Timestamp;

use super::archive::ArchiveRecord;
use super::job::InventoryWork;

/// What an inventory job asks for. The dates are valid, and the limit is at least 1.
pub(crate) struct InventoryQuery {
    /// `CSV` or `JSON`.
    pub(crate) format: String,
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
    pub(crate) limit: Option<u64>,
    /// The marker of the inventory before.
    pub(crate) marker: Option<String>,
}

/// Which archives an inventory lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InventoryFilter {
    /// The place of the inventory in the sequence.
    inventory: u64,
    start: Option<u64>,
    end: Option<u64>,
}

impl InventoryFilter {
    pub(crate) fn of(work: &InventoryWork) -> Self {
        let millis = |date: &Option<String>| date.as_deref().and_then(Timestamp::parse_iso).map(|date| date.unix() * 1000);
        InventoryFilter { inventory: work.inventory, start: millis(&work.start_date), end: millis(&work.end_date) }
    }

    /// Whether the archive was there when the inventory was taken, and created from the start date on and before the end date.
    pub(crate) fn includes(&self, archive: &ArchiveRecord, deleted: Option<u64>) -> bool {
        archive.sequence < self.inventory
            && deleted.is_none_or(|deleted| deleted > self.inventory)
            && self.start.is_none_or(|start| archive.created.0 >= start)
            && self.end.is_none_or(|end| archive.created.0 < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::{BodyId, Moment};
    use glacier_core::{PartSize, TreeHash};

    #[test]
    fn lists_what_was_there_and_was_created_between_the_dates() {
        let archive = |sequence, created| ArchiveRecord {
            sequence,
            created: Moment(created),
            description: String::new(),
            size: 1,
            tree: TreeHash::from_bytes([0; 32]),
            body: BodyId(1),
            part_size: PartSize::MAX,
        };
        let filter = |start: Option<&str>, end: Option<&str>| {
            let (start_date, end_date) = (start.map(str::to_owned), end.map(str::to_owned));
            let (format, limit, after, output) = (String::new(), None, None, None);
            let (taken, inventory, archives) = (Moment(0), 10, 3);
            InventoryFilter::of(&InventoryWork { format, start_date, end_date, limit, after, taken, inventory, archives, output })
        };
        let all = filter(None, None);
        assert!(all.includes(&archive(9, 0), None) && !all.includes(&archive(11, 0), None));
        assert!(all.includes(&archive(9, 0), Some(11)) && !all.includes(&archive(8, 0), Some(9)));
        let second = filter(Some("1970-01-01T00:00:02Z"), Some("1970-01-01T00:00:03Z"));
        let included = [1999, 2000, 2999, 3000].map(|created| second.includes(&archive(1, created), None));
        assert_eq!(included, [false, true, true, false]);
    }
}
