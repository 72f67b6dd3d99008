//! Jobs: what they prepare for download, and when they are done.

use glacier_core::{ByteRange, TreeHash};
use serde::{Deserialize, Serialize};

use super::archive::BlobId;
use super::clock::Moment;
use super::serde_text;

/// A job. It is done when its time has come, so describing it changes nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct JobRecord {
    pub(crate) created: Moment,
    pub(crate) done: Moment,
    pub(crate) description: Option<String>,
    pub(crate) sns_topic: Option<String>,
    pub(crate) work: JobWork,
}

/// What a job prepares for download.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum JobWork {
    Archive(ArchiveWork),
    Inventory(InventoryWork),
}

/// An archive or a range of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ArchiveWork {
    pub(crate) archive: String,
    pub(crate) tier: String,
    /// The size of the whole archive.
    pub(crate) size: u64,
    /// The tree hash of the whole archive.
    #[serde(with = "serde_text")]
    pub(crate) tree: TreeHash,
    #[serde(flatten, with = "range")]
    pub(crate) range: ByteRange,
    /// The tree hash of the range, when the range is tree-hash aligned.
    pub(crate) range_tree: Option<String>,
}

/// A list of a vault's archives. It is written when the job begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InventoryWork {
    pub(crate) format: String,
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
    pub(crate) limit: Option<u64>,
    /// Where the next inventory continues.
    pub(crate) next: Option<String>,
    #[serde(with = "serde_text")]
    pub(crate) blob: BlobId,
    pub(crate) size: u64,
}

impl JobRecord {
    pub(crate) fn is_done(&self, now: Moment) -> bool {
        now >= self.done
    }

    pub(crate) fn status(&self, now: Moment) -> &'static str {
        if self.is_done(now) { "Succeeded" } else { "InProgress" }
    }
}

/// Which jobs ListJobs lists.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JobFilter<'q> {
    pub(crate) status: Option<&'q str>,
    pub(crate) completed: Option<bool>,
}

impl JobFilter<'_> {
    pub(crate) fn includes(&self, job: &JobRecord, now: Moment) -> bool {
        self.status.is_none_or(|status| status == job.status(now)) && self.completed.is_none_or(|done| done == job.is_done(now))
    }
}

/// For `#[serde(flatten, with)]`: stores a range as the members `first` and `last`.
mod range {
    use glacier_core::ByteRange;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[derive(Serialize, Deserialize)]
    struct Ends {
        first: u64,
        last: u64,
    }

    pub(super) fn serialize<S: Serializer>(range: &ByteRange, to: S) -> Result<S::Ok, S::Error> {
        Ends { first: range.first(), last: range.last() }.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ByteRange, D::Error> {
        let Ends { first, last } = Ends::deserialize(from)?;
        ByteRange::new(first, last).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As version 1 of the folder's format has it.
    fn record(first: u64, last: u64) -> String {
        let hash = "11".repeat(32);
        format!(
            r#"{{"created":5,"done":9,"description":null,"sns_topic":"arn:t","work":{{"Archive":{{"archive":"a","tier":"Bulk","size":100,"tree":"{hash}","first":{first},"last":{last},"range_tree":null}}}}}}"#
        )
    }

    #[test]
    fn records_keep_their_format() {
        let json = record(3, 7);
        let job: JobRecord = serde_json::from_str(&json).unwrap();
        let JobWork::Archive(work) = &job.work else { panic!("{job:?}") };
        assert_eq!((work.range.first(), work.range.last(), work.archive.as_str()), (3, 7, "a"));
        assert_eq!(serde_json::to_string(&job).unwrap(), json);
        assert!(serde_json::from_str::<JobRecord>(&record(7, 3)).is_err(), "a damaged range");
    }

    #[test]
    fn a_job_is_done_when_its_time_has_come() {
        let job: JobRecord = serde_json::from_str(&record(0, 9)).unwrap();
        let lists = |status, completed, now| JobFilter { status, completed }.includes(&job, Moment(now));
        assert_eq!((job.is_done(Moment(8)), job.is_done(Moment(9))), (false, true));
        assert!(lists(None, None, 8) && lists(Some("InProgress"), Some(false), 8) && lists(Some("Succeeded"), Some(true), 9));
        assert!(!lists(Some("Succeeded"), None, 8) && !lists(None, Some(true), 8) && !lists(Some("Failed"), None, 9));
    }
}
