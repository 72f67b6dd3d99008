//! What the service is expected to hold, in maps and vectors, by the documents of the API and of the local vault.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::bytes::{quoted, tree};
use crate::operations::{Tier, Time};
use crate::policies::Rule;
use crate::service::PLACES;
use crate::time::{DAY, HOUR, Once, SECOND, date};

/// The vaults that operations name: places and names, some of the same name in different places.
pub(crate) const VAULTS: [(usize, &str); 6] = [(0, "a"), (0, "B"), (0, "c.d"), (1, "a"), (2, "a"), (3, "b")];

pub(crate) struct Reference {
    pub(crate) time: Time,
    pub(crate) needs_capacity: bool,
    /// Vault time.
    pub(crate) now: u64,
    pub(crate) vaults: [Option<Vault>; VAULTS.len()],
    /// The vaults that existed once.
    pub(crate) former: BTreeSet<usize>,
    pub(crate) accounts: [Account; PLACES.len()],
    /// Everything that was ever made, oldest first.
    pub(crate) archives: Vec<Made>,
    pub(crate) uploads: Vec<Made>,
    pub(crate) jobs: Vec<Made>,
    pub(crate) locks: Vec<Made>,
    /// The markers that lists gave.
    pub(crate) markers: Vec<Marker>,
    /// Counts what is made, so that vaults and bodies differ.
    pub(crate) count: u32,
}

/// The id of something, and the vault in which it was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) vault: usize,
}

pub(crate) struct Vault {
    /// Another one for a vault that is created again.
    pub(crate) number: u32,
    pub(crate) created: u64,
    /// Those that are not deleted.
    pub(crate) archives: Vec<Rc<Archive>>,
    pub(crate) inventory: Option<Inventory>,
    /// When the next inventory is taken.
    pub(crate) inventory_due: Option<Once>,
    /// In the order of their beginning; ended ones are kept for a day.
    pub(crate) uploads: Vec<Upload>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) notifications: Option<Value>,
    pub(crate) access_policy: Option<String>,
    /// What that denies.
    pub(crate) access_rule: Option<Rule>,
    pub(crate) lock: Option<Lock>,
}

#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) description: String,
    pub(crate) data: Vec<u8>,
    pub(crate) tree: String,
}

/// What an inventory found.
#[derive(Clone, Debug)]
pub(crate) struct Inventory {
    /// The first and the last time at which it may have been taken.
    pub(crate) taken: (u64, u64),
    pub(crate) archives: Vec<Rc<Archive>>,
}

pub(crate) struct Upload {
    pub(crate) number: u32,
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) touched: u64,
    pub(crate) part_size: usize,
    pub(crate) description: String,
    pub(crate) parts: BTreeMap<usize, Vec<u8>>,
    pub(crate) ended: Option<Ended>,
}

/// When an upload was completed or aborted, and the archive that it was completed to.
pub(crate) struct Ended {
    pub(crate) at: u64,
    pub(crate) archive: Option<Rc<Archive>>,
}

pub(crate) struct Job {
    pub(crate) number: u32,
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) description: String,
    pub(crate) done: Once,
    pub(crate) work: Work,
}

pub(crate) enum Work {
    Archive(Retrieval),
    Inventory(Listing),
}

pub(crate) struct Retrieval {
    pub(crate) archive: Rc<Archive>,
    pub(crate) tier: Tier,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

#[derive(Clone)]
pub(crate) struct Listing {
    pub(crate) csv: bool,
    pub(crate) start: Option<u64>,
    pub(crate) end: Option<u64>,
    pub(crate) limit: Option<usize>,
    pub(crate) taken: (u64, u64),
    /// The archives that it lists as far as the limit allows.
    pub(crate) must: Vec<Rc<Archive>>,
    /// Those that it may list: an inventory that was taken between two pages has archives whose place is not known.
    pub(crate) may: Vec<Rc<Archive>>,
    /// The archives that the inventories listed which this one continues.
    pub(crate) listed: BTreeSet<String>,
    /// Where another one continues, once it was told.
    pub(crate) marker: Option<String>,
    /// What was downloaded.
    pub(crate) output: Option<Vec<u8>>,
}

pub(crate) struct Lock {
    pub(crate) id: String,
    pub(crate) policy: String,
    /// What that denies.
    pub(crate) rule: Option<Rule>,
    pub(crate) created: u64,
    pub(crate) is_locked: bool,
}

#[derive(Default)]
pub(crate) struct Account {
    pub(crate) policy: RetrievalPolicy,
    /// Ids, starts and ends.
    pub(crate) units: Vec<(String, u64, u64)>,
    /// When Expedited retrievals began that needed capacity.
    pub(crate) expedited: Vec<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum RetrievalPolicy {
    #[default]
    None,
    FreeTier,
    BytesPerHour(u64),
}

/// A marker and the place that it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    pub(crate) list: ListName,
    pub(crate) text: String,
    /// The last item before what follows.
    pub(crate) after: After,
}

/// A list; vaults by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListName {
    Vaults { place: usize },
    Uploads { vault: u32 },
    Parts { upload: String },
    Jobs { vault: u32 },
}

/// An item by what its list is ordered by: a name, the first byte, or the number in the order of their beginning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum After {
    Start,
    Name(String),
    Byte(usize),
    Number(u32),
}

impl Reference {
    pub(crate) fn new(time: Time, needs_capacity: bool, now: u64) -> Self {
        Reference {
            time,
            needs_capacity,
            now,
            vaults: Default::default(),
            former: BTreeSet::new(),
            accounts: Default::default(),
            archives: Vec::new(),
            uploads: Vec::new(),
            jobs: Vec::new(),
            locks: Vec::new(),
            markers: Vec::new(),
            count: 0,
        }
    }

    pub(crate) fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    /// What has become of time alone.
    pub(crate) fn let_time_pass(&mut self) {
        let now = self.now;
        for vault in self.vaults.iter_mut().flatten() {
            vault.uploads.retain(|upload| match &upload.ended {
                Some(ended) => now < ended.at + DAY,
                None => now < upload.touched + DAY,
            });
            vault.lock.take_if(|lock| !lock.is_locked && now >= lock.created + DAY);
        }
        for account in &mut self.accounts {
            account.units.retain(|(_, _, end)| now < *end);
        }
    }

    /// Times at which something is expected, in order.
    pub(crate) fn deadlines(&self) -> Vec<u64> {
        let mut times: Vec<u64> = self.accounts.iter().flat_map(|account| account.units.iter().map(|(_, _, end)| *end)).collect();
        for vault in self.vaults.iter().flatten() {
            times.extend(vault.lock.iter().map(|lock| lock.created + DAY));
            times.extend(vault.uploads.iter().map(|upload| upload.ended.as_ref().map_or(upload.touched, |ended| ended.at) + DAY));
            for once in vault.jobs.iter().map(|job| &job.done).chain(&vault.inventory_due) {
                times.extend([once.earliest, once.latest, once.earliest + DAY, once.latest + DAY]);
            }
        }
        times.retain(|time| *time > self.now);
        times.sort_unstable();
        times.dedup();
        times
    }

    /// An archive was added to or deleted from a vault.
    pub(crate) fn written(&mut self, vault: usize) {
        let (now, time) = (self.now, self.time);
        let Some(vault) = &mut self.vaults[vault] else { return };
        if time == Time::Instant {
            vault.inventory = Some(Inventory { taken: (now, u64::MAX), archives: vault.archives.clone() });
        } else if vault.inventory_due.is_none() {
            // The first half a day to a day after the first upload, the others about daily.
            vault.inventory_due = Some(match &vault.inventory {
                None => Once::within(now, DAY / 2, DAY),
                Some(last) => Once::within(now.max(last.taken.0 + DAY), 0, DAY),
            });
        }
    }

    /// When a job is done that begins now.
    pub(crate) fn job_done(&self, tier: Tier) -> Once {
        let (shortest, longest) = match (self.time, tier) {
            (Time::Instant, _) => (0, 0),
            (_, Tier::Expedited) => (60 * SECOND, 300 * SECOND),
            (_, Tier::Standard) => (3 * HOUR, 5 * HOUR),
            (_, Tier::Bulk) => (5 * HOUR, 12 * HOUR),
        };
        Once::within(self.now, shortest, longest)
    }

    /// The fewest and the most bytes an hour that Standard retrievals of this place take, with one more of so many bytes.
    pub(crate) fn load(&self, place: usize, more: usize) -> (u64, u64) {
        // In whole bytes, rounded up; whether that is done for each job or for the sum is not said.
        let least = |bytes: usize, longest: u64| bytes as u64 * HOUR / longest;
        let most = |bytes: usize, shortest: u64| (bytes as u64 * HOUR).div_ceil(shortest);
        let (mut low, mut high) = (least(more, 5 * HOUR), most(more, 3 * HOUR));
        if self.time == Time::Instant {
            return (low, high);
        }
        for (vault, (of, _)) in self.vaults.iter().zip(VAULTS) {
            if of != place {
                continue;
            }
            for job in vault.iter().flat_map(|vault| &vault.jobs) {
                let Work::Archive(Retrieval { tier: Tier::Standard, first, last, .. }) = job.work else { continue };
                let bytes = last - first + 1;
                if job.done.may_be_ahead(self.now) {
                    high += most(bytes, job.done.earliest - job.created);
                }
                if job.done.earliest > self.now {
                    low += least(bytes, job.done.latest - job.created);
                }
            }
        }
        (low, high)
    }

    pub(crate) fn find_archive(&self, made: &Made, vault: usize) -> Option<Rc<Archive>> {
        self.vaults[vault].as_ref()?.archives.iter().find(|archive| archive.id == made.id).cloned()
    }
}

impl Vault {
    pub(crate) fn new(number: u32, now: u64) -> Self {
        Vault {
            number,
            created: now,
            archives: Vec::new(),
            inventory: None,
            inventory_due: None,
            uploads: Vec::new(),
            jobs: Vec::new(),
            tags: BTreeMap::new(),
            notifications: None,
            access_policy: None,
            access_rule: None,
            lock: None,
        }
    }

    /// The document of DescribeVault, without LastInventoryDate.
    pub(crate) fn document(&self, vault: usize) -> Value {
        let (place, name) = VAULTS[vault];
        let mut document = json!({"VaultARN": PLACES[place].arn(name), "VaultName": name, "CreationDate": date(self.created)});
        if let Some(inventory) = &self.inventory {
            document["NumberOfArchives"] = json!(inventory.archives.len());
            document["SizeInBytes"] = json!(inventory.archives.iter().map(|archive| archive.data.len()).sum::<usize>());
        }
        document
    }
}

impl Archive {
    pub(crate) fn new(id: &str, created: u64, description: &str, data: Vec<u8>) -> Self {
        let tree = tree(&data);
        Archive { id: id.to_owned(), created, description: description.to_owned(), data, tree }
    }

    /// Its line in a CSV inventory.
    pub(crate) fn line(&self) -> String {
        let Archive { id, created, description, data, tree } = self;
        format!("{id},{},{},{},{tree}", quoted(description), date(*created), data.len())
    }

    /// Its item in a JSON inventory.
    pub(crate) fn item(&self) -> Value {
        let Archive { id, created, description, data, tree } = self;
        json!({"ArchiveId": id, "ArchiveDescription": description, "CreationDate": date(*created), "Size": data.len(), "SHA256TreeHash": tree})
    }
}

impl Upload {
    /// The bytes of all parts, if they make an archive: none is missing, and all but the last are full.
    pub(crate) fn whole(&self) -> Option<Vec<u8>> {
        let mut whole = Vec::new();
        for (number, (first, bytes)) in self.parts.iter().enumerate() {
            if *first != whole.len() || (bytes.len() != self.part_size && number + 1 < self.parts.len()) {
                return None;
            }
            whole.extend_from_slice(bytes);
        }
        (!whole.is_empty()).then_some(whole)
    }

    pub(crate) fn document(&self, vault: usize) -> Value {
        let (place, name) = VAULTS[vault];
        let mut document = json!({
            "MultipartUploadId": self.id, "VaultARN": PLACES[place].arn(name), "PartSizeInBytes": self.part_size,
            "CreationDate": date(self.created),
        });
        if !self.description.is_empty() {
            document["ArchiveDescription"] = json!(self.description);
        }
        document
    }
}
