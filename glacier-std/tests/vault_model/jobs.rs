//! InitiateJob and DescribeJob.

use std::collections::BTreeSet;
use std::rc::Rc;

use glacier_core::Method;
use serde_json::{Value, json};

use crate::bytes::{LEAF, TEXTS, is_node, tree};
use crate::operations::{OutputRange, RetrievalRange, Tier, Time, Which};
use crate::reference::{Archive, Job, Listing, Made, Retrieval, RetrievalPolicy, VAULTS, Work};
use crate::run::{Check, INVALID, NO_CAPACITY, NOT_FOUND, POLICY_ENFORCED, Refusal, Run, done, same};
use crate::service::PLACES;
use crate::time::{DAY, Once, SECOND, date, parse, whole_seconds};

impl Run {
    pub(crate) fn retrieve_archive(
        &mut self,
        which: Which,
        in_vault: Option<u8>,
        tier: Tier,
        range: RetrievalRange,
        text: u8,
    ) -> Check {
        let made = self.pick_archive(which);
        let vault = in_vault.map_or(made.vault, usize::from);
        let archive = self.reference.find_archive(&made, vault);
        let size = archive.as_ref().map_or(1, |archive| archive.data.len());
        let mut errors = if archive.is_none() { vec![NOT_FOUND] } else { vec![] };
        let (first, last) = match range {
            RetrievalRange::None => (0, size - 1),
            RetrievalRange::Leaves { first, count } => {
                let first = usize::from(first) * LEAF;
                (first, (first + (usize::from(count) + 1) * LEAF).min(size.max(first + 1)) - 1)
            }
            RetrievalRange::Misaligned => (1, LEAF),
            RetrievalRange::Beyond => (0, size.next_multiple_of(LEAF) + LEAF - 1),
        };
        if first % LEAF != 0 || last >= size {
            errors.push(INVALID);
        }
        let mut may_be_denied = false;
        if errors.is_empty() {
            (errors, may_be_denied) = self.limits_of_account(VAULTS[vault].0, tier, last - first + 1);
        }
        let mut body = json!({"Type": "archive-retrieval", "ArchiveId": made.id, "Tier": format!("{tier:?}")});
        if !matches!(range, RetrievalRange::None) {
            body["RetrievalByteRange"] = json!(format!("{first}-{last}"));
        }
        let description = TEXTS[usize::from(text)];
        body["Description"] = json!(description);
        let response = self.send(vault, Method::Post, "/jobs", "", &[], body.to_string().as_bytes())?;
        if may_be_denied && response.status != 202 {
            errors.push(POLICY_ENFORCED);
        }
        if done(&response, 202, &errors)?
            && let Some(archive) = archive
        {
            let (place, now) = (VAULTS[vault].0, self.reference.now);
            if tier == Tier::Expedited && self.reference.needs_capacity {
                self.reference.accounts[place].expedited.push(now);
            }
            let done = self.reference.job_done(tier);
            let work = Work::Archive(Retrieval { archive, tier, first, last });
            self.add_job(vault, response.required("x-amz-job-id")?, description, done, work);
        }
        Ok(())
    }

    /// The error of an account that may retrieve no more now, and whether the data retrieval policy may deny it: how long running jobs take
    /// is not known.
    fn limits_of_account(&self, place: usize, tier: Tier, bytes: usize) -> (Vec<Refusal>, bool) {
        let account = &self.reference.accounts[place];
        match (tier, account.policy) {
            (Tier::Expedited, _) if self.reference.needs_capacity => {
                let recent = |begun: &&u64| self.reference.now < **begun + 300 * SECOND;
                let is_spent = account.expedited.iter().filter(recent).count() >= 3 * account.units.len();
                (if is_spent { vec![NO_CAPACITY] } else { vec![] }, false)
            }
            (Tier::Standard, RetrievalPolicy::BytesPerHour(rate)) => {
                let (low, high) = self.reference.load(place, bytes);
                (if low > rate { vec![POLICY_ENFORCED] } else { vec![] }, high > rate)
            }
            // No sequence has so many bytes as are free in a day.
            _ => (vec![], false),
        }
    }

    pub(crate) fn retrieve_inventory(
        &mut self,
        vault: usize,
        csv: bool,
        start_hours_ago: Option<u8>,
        end_hours_ago: Option<u8>,
        limit: Option<u8>,
    ) -> Check {
        self.settle(vault)?;
        let ago = |hours: u8| (self.reference.now - u64::from(hours) * 3600 * SECOND) / 1000 * 1000;
        let (start, end) = (start_hours_ago.map(ago), end_hours_ago.map(ago));
        let (marker, listed, output) = (None, BTreeSet::new(), None);
        let (must, may, taken) = (Vec::new(), Vec::new(), (0, 0));
        let listing = Listing { csv, start, end, limit: limit.map(usize::from), taken, must, may, listed, marker, output };
        self.initiate_inventory(vault, listing, None)
    }

    /// Continues an inventory that has more, once its output and marker are known.
    pub(crate) fn continue_inventory(&mut self, which: Which, limit: Option<u8>) -> Check {
        let made = self.pick_limited(which);
        self.settle(made.vault)?;
        let now = self.reference.now;
        if self.job(&made).is_some_and(|job| job.done.may_be_kept(now)) {
            self.get_output_of(&made, OutputRange::Whole)?;
            self.describe(&made)?;
        }
        let Some(Work::Inventory(before)) = self.job(&made).map(|job| &job.work) else { return Ok(()) };
        let (Some(marker), Some(_)) = (before.marker.clone(), &before.output) else { return Ok(()) };
        let listing = Listing { limit: limit.map(usize::from), marker: None, output: None, ..before.clone() };
        self.initiate_inventory(made.vault, listing, Some(&marker))
    }

    fn initiate_inventory(&mut self, vault: usize, mut listing: Listing, marker: Option<&str>) -> Check {
        let (now, time) = (self.reference.now, self.reference.time);
        let of = self.vault(vault);
        let inventory = of.as_ref().and_then(|vault| match &vault.inventory {
            Some(last) => Some((last.taken, last.archives.clone())),
            None if time == Time::Instant => Some(((now, u64::MAX), vault.archives.clone())),
            None => None,
        });
        let errors = if inventory.is_none() { vec![NOT_FOUND] } else { vec![] };
        let mut parameters = json!({});
        for (name, date) in [("StartDate", listing.start), ("EndDate", listing.end)] {
            if let Some(date) = date {
                parameters[name] = json!(whole_seconds(date));
            }
        }
        if let Some(limit) = listing.limit {
            parameters["Limit"] = json!(limit.to_string());
        }
        if let Some(marker) = marker {
            parameters["Marker"] = json!(marker);
        }
        let format = if listing.csv { "CSV" } else { "JSON" };
        let body = json!({"Type": "inventory-retrieval", "Format": format, "InventoryRetrievalParameters": parameters});
        let response = self.send(vault, Method::Post, "/jobs", "", &[], body.to_string().as_bytes())?;
        if done(&response, 202, &errors)?
            && let Some((taken, archives)) = inventory
        {
            let (start, end) = (listing.start.unwrap_or(0), listing.end.unwrap_or(u64::MAX));
            let mut archives = archives;
            archives.retain(|archive| (start..end).contains(&archive.created) && !listing.listed.contains(&archive.id));
            // What was left by the inventory before is listed now; what is new may stand before the place where that ended.
            let is_left = |archive: &Rc<Archive>| marker.is_none() || listing.must.iter().any(|left| left.id == archive.id);
            let (must, may) = archives.into_iter().partition(is_left);
            (listing.must, listing.may, listing.taken) = (must, may, taken);
            let done = self.reference.job_done(Tier::Standard);
            self.add_job(vault, response.required("x-amz-job-id")?, "", done, Work::Inventory(listing));
        }
        Ok(())
    }

    fn add_job(&mut self, vault: usize, id: &str, description: &str, done: Once, work: Work) {
        let (number, created) = (self.reference.next(), self.reference.now);
        let (id, description) = (id.to_owned(), description.to_owned());
        self.reference.jobs.push(Made { id: id.clone(), vault });
        if let Some(vault) = self.vault(vault) {
            vault.jobs.push(Job { number, id, created, description, done, work });
        }
    }

    /// A job of a vault that exists; it may be gone.
    pub(crate) fn job(&mut self, made: &Made) -> Option<&mut Job> {
        self.vault(made.vault)?.jobs.iter_mut().find(|job| job.id == made.id)
    }

    pub(crate) fn describe_job(&mut self, which: Which) -> Check {
        let made = self.pick_job(which);
        self.describe(&made)
    }

    fn describe(&mut self, made: &Made) -> Check {
        let now = self.reference.now;
        let response = self.send(made.vault, Method::Get, &format!("/jobs/{}", made.id), "", &[], b"")?;
        match self.job(made) {
            None => done(&response, 200, &[NOT_FOUND]).map(|_| ()),
            Some(job) if response.status == 404 => {
                done(&response, 200, &[NOT_FOUND])?;
                job.done.is_gone(now)
            }
            Some(job) => {
                done(&response, 200, &[])?;
                check_job(made.vault, job, response.json()?, now)
            }
        }
    }
}

/// Compares the description of a job, learning when it was done.
pub(crate) fn check_job(vault: usize, job: &mut Job, mut document: Value, now: u64) -> Check {
    let is_done = document["Completed"] == true;
    let mut take = |name: &str| document.as_object_mut().and_then(|members| members.remove(name));
    let (completion, message, tree_hash) = (take("CompletionDate"), take("StatusMessage"), take("SHA256TreeHash"));
    let inventory_size = take("InventorySizeInBytes");
    match &completion {
        None if !is_done => job.done.is_ahead(now)?,
        Some(date) if is_done => {
            let then = parse(date.as_str().unwrap_or_default())?;
            job.done.was(then)?;
            if then > now || now >= then + DAY {
                return Err(format!("a job that was done {date} is described"));
            }
            if message != Some(json!("Succeeded")) {
                return Err(format!("another StatusMessage: {message:?}"));
            }
        }
        _ => return Err(format!("CompletionDate is {completion:?}, Completed {is_done}")),
    }
    let (place, name) = VAULTS[vault];
    let mut expected = json!({
        "JobId": job.id, "VaultARN": PLACES[place].arn(name), "CreationDate": date(job.created), "Completed": is_done,
        "StatusCode": if is_done { "Succeeded" } else { "InProgress" },
    });
    if !job.description.is_empty() {
        expected["JobDescription"] = json!(job.description);
    }
    match &mut job.work {
        Work::Archive(Retrieval { archive, tier, first, last }) => {
            expected["Action"] = json!("ArchiveRetrieval");
            expected["ArchiveId"] = json!(archive.id);
            expected["ArchiveSizeInBytes"] = json!(archive.data.len());
            expected["ArchiveSHA256TreeHash"] = json!(archive.tree);
            expected["RetrievalByteRange"] = json!(format!("{first}-{last}"));
            expected["Tier"] = json!(format!("{tier:?}"));
            let granted = is_node(*first, *last, archive.data.len()).then(|| json!(tree(&archive.data[*first..=*last])));
            // While the job runs, documents differ.
            if tree_hash != granted && (is_done || tree_hash.is_some()) {
                return Err(format!("SHA256TreeHash is {tree_hash:?}, expected {granted:?}"));
            }
        }
        Work::Inventory(listing) => {
            expected["Action"] = json!("InventoryRetrieval");
            let mut parameters = json!({"Format": if listing.csv { "CSV" } else { "JSON" }});
            for (name, date) in [("StartDate", listing.start), ("EndDate", listing.end)] {
                if let Some(date) = date {
                    parameters[name] = json!(whole_seconds(date));
                }
            }
            if let Some(limit) = listing.limit {
                parameters["Limit"] = json!(limit.to_string());
            }
            expected["InventoryRetrievalParameters"] = parameters;
            let told = document["InventoryRetrievalParameters"].as_object_mut().and_then(|members| members.remove("Marker"));
            let told = told.and_then(|marker| marker.as_str().map(str::to_owned));
            listing.check_described(is_done, told, inventory_size)?;
        }
    }
    same(&document, &expected)
}
