//! Jobs: what they prepare for download, and whether they are done.

use glacier_core::{ByteRange, PartSize, TreeHash};
use serde::{Deserialize, Serialize};

use super::archive::BodyId;
use super::clock::Moment;
use super::schedule::Tier;
use super::{serde_part_size, serde_text, serde_tier};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JobRecord {
    /// Its place among all jobs.
    pub(crate) sequence: u64,
    pub(crate) created: Moment,
    pub(crate) completed: Option<Completed>,
    /// Why it is to fail when its time comes, as a fault has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) sns_topic: Option<String>,
    pub(crate) work: JobWork,
}

/// The end of a job's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Completed {
    pub(crate) at: Moment,
    /// Why it failed, if it did.
    pub(crate) failure: Option<String>,
}

/// What a job prepares for download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum JobWork {
    Archive(ArchiveWork),
    Inventory(InventoryWork),
}

/// An archive or a range of it. It has all that the output needs, as the archive may be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchiveWork {
    pub(crate) archive: String,
    pub(crate) description: String,
    #[serde(with = "serde_tier")]
    pub(crate) tier: Tier,
    /// The size of the whole archive.
    pub(crate) size: u64,
    /// The tree hash of the whole archive.
    #[serde(with = "serde_text")]
    pub(crate) tree: TreeHash,
    #[serde(flatten, with = "range")]
    pub(crate) range: ByteRange,
    /// The tree hash of the range, when the range is tree-hash aligned.
    pub(crate) range_tree: Option<String>,
    pub(crate) body: BodyId,
    #[serde(with = "serde_part_size")]
    pub(crate) part_size: PartSize,
    /// Bytes an hour that the account's data retrieval policy counts while the job runs.
    pub(crate) rate: u64,
}

/// A list of a vault's archives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InventoryWork {
    pub(crate) format: String,
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
    pub(crate) limit: Option<u64>,
    /// The id of the last archive of the inventory before this one.
    pub(crate) after: Option<String>,
    /// The date of the inventory that it is a part of.
    pub(crate) taken: Moment,
    /// The place of that inventory in the sequence.
    pub(crate) inventory: u64,
    /// How many archives that inventory found.
    pub(crate) archives: u64,
    /// The list, once it was written: when the job is looked at for the first time after it is done.
    pub(crate) output: Option<InventoryOutput>,
}

/// The output of an inventory job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InventoryOutput {
    pub(crate) body: BodyId,
    pub(crate) size: u64,
    /// The id of the last archive that it lists, if there are more.
    pub(crate) last: Option<String>,
}

impl JobRecord {
    pub(crate) fn status(&self) -> &'static str {
        match &self.completed {
            None => "InProgress",
            Some(Completed { failure: None, .. }) => "Succeeded",
            Some(Completed { failure: Some(_), .. }) => "Failed",
        }
    }

    /// The event that the end of its work is, in the configuration of notifications.
    pub(crate) fn event(&self) -> &'static str {
        match self.work {
            JobWork::Archive(_) => "ArchiveRetrievalCompleted",
            JobWork::Inventory(_) => "InventoryRetrievalCompleted",
        }
    }

    /// The body that the job owns, if it has one already.
    pub(crate) fn body(&self) -> Option<BodyId> {
        match &self.work {
            JobWork::Archive(work) => Some(work.body),
            JobWork::Inventory(work) => work.output.as_ref().map(|output| output.body),
        }
    }
}

/// Which jobs ListJobs lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct JobFilter<'q> {
    pub(crate) status: Option<&'q str>,
    pub(crate) completed: Option<bool>,
}

impl JobFilter<'_> {
    pub(crate) fn includes(&self, job: &JobRecord) -> bool {
        self.status.is_none_or(|status| status == job.status())
            && self.completed.is_none_or(|completed| completed == job.completed.is_some())
    }

    /// Whether it includes jobs that are done, or that are not.
    pub(crate) fn may_include(&self, is_completed: bool) -> bool {
        self.status.is_none_or(|status| (status != "InProgress") == is_completed)
            && self.completed.is_none_or(|completed| completed == is_completed)
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

    /// As version 2 of the folder's format has it.
    fn record(first: u64, last: u64, completed: &str) -> String {
        let hash = "11".repeat(32);
        format!(
            r#"{{"sequence":4,"created":5,"completed":{completed},"description":null,"sns_topic":"arn:t","work":{{"Archive":{{"archive":"a","description":"d","tier":"Bulk","size":100,"tree":"{hash}","first":{first},"last":{last},"range_tree":null,"body":3,"part_size":1048576,"rate":0}}}}}}"#
        )
    }

    #[test]
    fn records_keep_their_format() {
        let json = record(3, 7, r#"{"at":9,"failure":null}"#);
        let job: JobRecord = serde_json::from_str(&json).unwrap();
        let JobWork::Archive(work) = &job.work else { panic!("{job:?}") };
        assert_eq!((work.range.first(), work.range.last(), work.archive.as_str(), work.tier), (3, 7, "a", Tier::Bulk));
        assert_eq!((job.body(), job.status()), (Some(BodyId(3)), "Succeeded"));
        assert_eq!(serde_json::to_string(&job).unwrap(), json);
        assert!(serde_json::from_str::<JobRecord>(&record(7, 3, "null")).is_err(), "a damaged range");
    }

    #[test]
    fn a_filter_includes_jobs_by_their_status() {
        let running: JobRecord = serde_json::from_str(&record(0, 9, "null")).unwrap();
        let failed: JobRecord = serde_json::from_str(&record(0, 9, r#"{"at":9,"failure":"no"}"#)).unwrap();
        for (status, completed, of_running, of_failed) in [
            (None, None, true, true),
            (Some("InProgress"), Some(false), true, false),
            (Some("Failed"), None, false, true),
            (Some("Succeeded"), Some(true), false, false),
            (None, Some(true), false, true),
            (Some("InProgress"), Some(true), false, false),
        ] {
            let filter = JobFilter { status, completed };
            assert_eq!((filter.includes(&running), filter.includes(&failed)), (of_running, of_failed), "{filter:?}");
            // What it may not include, it does not.
            assert!(filter.may_include(false) || !of_running);
            assert!(filter.may_include(true) || !of_failed);
        }
        assert!(!JobFilter { status: Some("InProgress"), completed: None }.may_include(true));
        assert!(!JobFilter { status: None, completed: Some(true) }.may_include(false));
    }
}
