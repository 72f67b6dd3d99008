//! GetJobOutput: archives, ranges of them, and inventories.

use glacier_core::Method;
use serde_json::{Value, json};

use crate::bytes::{LEAF, is_node, tree};
use crate::operations::{OutputRange, Which};
use crate::reference::{Listing, Made, Retrieval, VAULTS, Work};
use crate::run::{Check, INVALID, NOT_FOUND, Run, done};
use crate::service::{PLACES, Response};
use crate::time::parse;

impl Run {
    pub(crate) fn get_output(&mut self, which: Which, range: OutputRange) -> Check {
        let made = self.pick_job(which);
        self.get_output_of(&made, range)
    }

    pub(crate) fn get_output_of(&mut self, made: &Made, range: OutputRange) -> Check {
        // The size of an inventory is not known before.
        if !matches!(range, OutputRange::Whole)
            && matches!(self.job(made).map(|job| &job.work), Some(Work::Inventory(Listing { output: None, .. })))
        {
            return self.get_range(made, OutputRange::Whole);
        }
        self.get_range(made, range)
    }

    fn get_range(&mut self, made: &Made, range: OutputRange) -> Check {
        let now = self.reference.now;
        let size = self.job(made).map_or(100, |job| match &job.work {
            Work::Archive(Retrieval { first, last, .. }) => last - first + 1,
            Work::Inventory(listing) => listing.output.as_ref().map_or(100, Vec::len),
        });
        let (header, wanted) = header(range, size);
        let headers: Vec<(&str, &str)> = header.iter().map(|header| ("range", header.as_str())).collect();
        let response = self.send(made.vault, Method::Get, &format!("/jobs/{}/output", made.id), "", &headers, b"")?;
        let Some(job) = self.job(made) else { return done(&response, 200, &[NOT_FOUND]).map(|_| ()) };
        match (response.status, wanted) {
            (404, _) => {
                done(&response, 200, &[NOT_FOUND])?;
                job.done.is_gone(now)
            }
            (400, Some(_)) => {
                done(&response, 200, &[INVALID])?;
                job.done.is_ahead(now)
            }
            // Either reason will do.
            (400, None) if job.done.may_be_ahead(now) || job.done.may_be_kept(now) => done(&response, 200, &[INVALID]).map(|_| ()),
            (status, Some((first, last, is_partial))) => {
                job.done.is_kept(now)?;
                done(&response, if is_partial { 206 } else { 200 }, &[])?;
                let range = format!("bytes {first}-{last}/{size}");
                if response.header("content-range") != is_partial.then_some(range.as_str()) {
                    return Err(format!("another Content-Range with {status}: {:?}", response.header("content-range")));
                }
                let has_length = response.header("content-length") == Some(response.body.len().to_string().as_str());
                if response.header("accept-ranges") != Some("bytes") || !has_length {
                    return Err("Accept-Ranges or Content-Length is wrong".into());
                }
                match &mut job.work {
                    Work::Archive(retrieval) => retrieval.check(&response, first, last),
                    Work::Inventory(listing) => listing.check(&response, made.vault, first, last, now),
                }
            }
            (status, None) => Err(format!("a range beyond the end is responded to with {status}")),
        }
    }
}

/// The header of a range, and the first and last byte that are sent then, and whether as a part; `None` where nothing can be.
fn header(range: OutputRange, size: usize) -> (Option<String>, Option<(usize, usize, bool)>) {
    let part = |first: usize, count: usize| {
        let last = first + count - 1;
        (Some(format!("bytes={first}-{last}")), (first < size).then_some((first, last.min(size - 1), true)))
    };
    match range {
        OutputRange::Whole => (None, Some((0, size - 1, false))),
        OutputRange::Leaves { first, count } => {
            let first = usize::from(first) * LEAF;
            part(first, ((usize::from(count) + 1) * LEAF).min(size.saturating_sub(first).max(1)))
        }
        OutputRange::Bytes { first, count } => part(first.into(), usize::from(count) + 1),
        OutputRange::Beyond => part(size, 5),
        OutputRange::Malformed => (Some("bytes 0-1/5".into()), Some((0, size - 1, false))),
    }
}

impl Retrieval {
    fn check(&self, response: &Response, first: usize, last: usize) -> Check {
        let retrieved = &self.archive.data[self.first..=self.last];
        let bytes = &retrieved[first..=last];
        if response.body != bytes {
            return Err(format!("other bytes: {} instead of {}", response.body.len(), bytes.len()));
        }
        // Section 5.4 of the API reference.
        let is_granted = is_node(self.first, self.last, self.archive.data.len()) && is_node(first, last, retrieved.len());
        let expected = is_granted.then(|| tree(bytes));
        if response.header("x-amz-sha256-tree-hash") != expected.as_deref() {
            return Err(format!("the tree hash is {:?}, expected {expected:?}", response.header("x-amz-sha256-tree-hash")));
        }
        let description = Some(self.archive.description.as_str()).filter(|text| !text.is_empty());
        if response.header("x-amz-archive-description") != description {
            return Err(format!("another description: {:?}", response.header("x-amz-archive-description")));
        }
        content_type(response, "application/octet-stream")
    }
}

impl Listing {
    fn check(&mut self, response: &Response, vault: usize, first: usize, last: usize, now: u64) -> Check {
        content_type(response, if self.csv { "text/csv" } else { "application/json" })?;
        if response.header("x-amz-sha256-tree-hash").is_some() {
            return Err("an inventory with a tree hash".into());
        }
        if let Some(output) = &self.output {
            return if response.body == output[first..=last] { Ok(()) } else { Err("the inventory is another than before".into()) };
        }
        let rows = if self.csv { self.csv_rows(&response.body)? } else { self.json_rows(response, vault, now)? };
        let (count, limit) = (rows.len(), self.limit.unwrap_or(usize::MAX));
        let (must, may) = (self.must.len(), self.may.len());
        for id in rows {
            if !self.listed.insert(id.clone()) {
                return Err(format!("listed twice: {id}"));
            }
            self.must.retain(|archive| archive.id != id);
            self.may.retain(|archive| archive.id != id);
        }
        if self.must.len() + self.may.len() + count != must + may {
            return Err("an archive is listed that the inventory does not have".into());
        }
        if count > limit || (count < limit && !self.must.is_empty()) {
            return Err(format!("{count} archives are listed, and {} are missing", self.must.len()));
        }
        self.output = Some(response.body.clone());
        Ok(())
    }

    /// The ids in a CSV inventory, whose lines must be those of the archives.
    fn csv_rows(&self, body: &[u8]) -> Check<Vec<String>> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        let mut lines = text.lines();
        if lines.next() != Some("ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash") {
            return Err(format!("another first line: {text}"));
        }
        let row = |line: &str| {
            let archive = self.must.iter().chain(&self.may).find(|archive| archive.line() == line);
            archive.map(|archive| archive.id.clone()).ok_or_else(|| format!("not the line of an archive that is expected: {line}"))
        };
        lines.map(row).collect()
    }

    /// The ids in a JSON inventory, whose items must be those of the archives.
    fn json_rows(&self, response: &Response, vault: usize, now: u64) -> Check<Vec<String>> {
        let document: Value = response.json()?;
        let (place, name) = VAULTS[vault];
        let taken = parse(document["InventoryDate"].as_str().unwrap_or_default())?;
        if document["VaultARN"] != PLACES[place].arn(name) || !(self.taken.0..=self.taken.1.min(now)).contains(&taken) {
            return Err(format!("another inventory: {} of {}", document["InventoryDate"], document["VaultARN"]));
        }
        let row = |item: &Value| {
            let archive = self.must.iter().chain(&self.may).find(|archive| archive.item() == *item);
            archive.map(|archive| archive.id.clone()).ok_or_else(|| format!("not an archive that is expected: {item}"))
        };
        document["ArchiveList"].as_array().ok_or("no ArchiveList")?.iter().map(row).collect()
    }

    /// Compares what the description of the job tells: the size, and a marker if there is more.
    pub(crate) fn check_described(&mut self, is_done: bool, marker: Option<String>, size: Option<Value>) -> Check {
        if size.is_some() != is_done || self.output.as_ref().is_some_and(|output| size != Some(json!(output.len()))) {
            return Err(format!("InventorySizeInBytes is {size:?}"));
        }
        let (must, may) = (self.must.len(), self.may.len());
        let may_have_more = match (is_done, &self.output) {
            (false, _) => (false, true),
            // What it lists is gone from the two lists.
            (true, Some(_)) => (must + may > 0 && self.limit.is_some(), must == 0),
            (true, None) => (self.limit.is_some_and(|limit| must + may > limit), self.limit.is_none_or(|limit| must <= limit)),
        };
        if (marker.is_some() && !may_have_more.0) || (marker.is_none() && !may_have_more.1) {
            return Err(format!("the marker of the inventory is {marker:?}; {must} archives to {} are left", must + may));
        }
        if is_done {
            self.marker = marker;
        }
        Ok(())
    }
}

fn content_type(response: &Response, expected: &str) -> Check {
    let found = response.header("content-type");
    if found == Some(expected) { Ok(()) } else { Err(format!("another Content-Type: {found:?}")) }
}
