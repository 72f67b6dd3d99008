//! Operations of all kinds on many connections. Each has a vault of its own, of which it knows all, and all write into a common one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use glacier_core::ops::{
    AddTagsToVault, CompleteMultipartUpload, DeleteArchive, DescribeVault, InitiateMultipartUpload, JobKind, ListMultipartUploads,
    ListParts, ListTagsForVault, RemoveTagsFromVault, TagKeys, Tags, UploadMultipartPart,
};
use glacier_core::{ByteRange, Bytes, Error, ErrorCode, MIB, PartSize, TreeHash, VaultRef};

use crate::caller::{Caller, Failed, block_on, hashes, now, read_to_end, vault};
use crate::content::{Random, bytes};
use crate::fill::at_once;
use crate::jobs::listed;
use crate::model::{Archive, Remembered, compare};

/// The vault that all write into.
const COMMON: &str = "common";
/// The largest archive in one request.
const LARGEST: u64 = 200_000;

pub(crate) fn mixed(address: &str, seconds: u64, connections: u64, seed: u64) -> Result<String, Failed> {
    Caller::new(address)?.create_vault(COMMON)?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let done = at_once(connections, |number| {
        let mut one = One::new(address, seed.wrapping_mul(1 << 20).wrapping_add(number), number)?;
        while Instant::now() < end {
            one.step().map_err(|error| format!("connection {number}, operation {}: {error}", one.operations))?;
        }
        one.last_look().map_err(|error| format!("connection {number}, at the end: {error}"))?;
        Ok((one.operations, one.common))
    })?;
    // No archive of the common vault is lost or doubled, whoever wrote it.
    let expected: BTreeMap<String, u64> = done.iter().flat_map(|(_, common)| common.iter().cloned()).collect();
    let mut found = BTreeMap::new();
    Caller::new(address)?.inventory(COMMON, |item| {
        let id = item.archive_id.and_then(|id| id.as_plain()).ok_or("an archive without an id")?;
        let again = found.insert(id.to_owned(), item.size.unwrap_or_default());
        compare("an archive that is listed twice", again, None)
    })?;
    compare("the archives of the common vault", found == expected, true)?;
    let operations: u64 = done.iter().map(|(operations, _)| operations).sum();
    Ok(format!("\"operations\": {operations}, \"common\": {}", expected.len()))
}

/// One connection.
struct One {
    caller: Caller,
    random: Random,
    vault: String,
    remembered: Remembered,
    /// What it put into the common vault.
    common: Vec<(String, u64)>,
    operations: u64,
    next: u64,
}

impl One {
    fn new(address: &str, seed: u64, number: u64) -> Result<Self, Failed> {
        let (mut caller, vault) = (Caller::new(address)?, format!("own-{number}"));
        caller.create_vault(&vault)?;
        let random = Random::new(seed);
        Ok(One { caller, random, vault, remembered: Remembered::default(), common: Vec::new(), operations: 0, next: seed << 20 })
    }

    fn step(&mut self) -> Result<(), Failed> {
        self.operations += 1;
        match self.random.below(100) {
            0..30 => self.upload(),
            30..40 => self.upload_common(),
            40..52 => self.delete(),
            52..72 => self.retrieve(),
            72..78 => self.multipart(),
            78..86 => self.describe(),
            86..92 => self.tags(),
            92..96 => self.uploads(),
            _ => self.inventory(),
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn archive(&mut self) -> Result<(Archive, Vec<u8>), Failed> {
        let (number, size) = (self.number(), 1 + self.random.below(LARGEST) as usize);
        let bytes = bytes(number, size);
        Ok((Archive { number, size, tree: hashes(&bytes)?.tree }, bytes))
    }

    fn upload(&mut self) -> Result<(), Failed> {
        let (archive, bytes) = self.archive()?;
        let id = self.caller.upload(&self.vault, &archive.number.to_string(), &bytes)?;
        compare("an id that exists already", self.remembered.archives.insert(id, archive).is_some(), false)
    }

    fn upload_common(&mut self) -> Result<(), Failed> {
        let (archive, bytes) = self.archive()?;
        let id = self.caller.upload(COMMON, "", &bytes)?;
        self.common.push((id, archive.size as u64));
        Ok(())
    }

    fn delete(&mut self) -> Result<(), Failed> {
        let Some((id, _)) = self.remembered.any(&mut self.random) else { return Ok(()) };
        self.caller.send(&DeleteArchive { vault: vault(&self.vault)?, archive: id.as_str().try_into()? }, |_| Ok(()))?;
        self.remembered.archives.remove(&id);
        // It cannot be retrieved any more.
        let operation = glacier_core::ops::InitiateJob {
            vault: vault(&self.vault)?,
            kind: JobKind::Archive { id: id.as_str().try_into()?, range: None },
            tier: None,
            description: None,
            sns_topic: None,
        };
        match block_on(self.caller.client.send(&operation, now(), &mut self.caller.buf)) {
            Err(Error::Service(error)) => compare("a deleted archive", error.code, ErrorCode::ResourceNotFound),
            other => Err(format!("a deleted archive: {other:?}").into()),
        }
    }

    fn retrieve(&mut self) -> Result<(), Failed> {
        let Some((id, archive)) = self.remembered.any(&mut self.random) else { return Ok(()) };
        let job = self.caller.job(&self.vault, JobKind::Archive { id: id.as_str().try_into()?, range: None })?;
        self.remembered.jobs.push(job.clone());
        let size = archive.size as u64;
        let range = if self.random.below(2) == 0 {
            None
        } else {
            let first = self.random.below(size);
            Some(ByteRange::with_length(first, 1 + self.random.below(size - first))?)
        };
        let got = self
            .caller
            .output(&self.vault, &job, range, |download| Ok((download.output().tree_hash, read_to_end(download, archive.size)?)))?;
        let all = archive.bytes();
        let (first, end) = range.map_or((0, all.len()), |range| (range.first() as usize, range.last() as usize + 1));
        compare("the bytes of an archive", got.1 == all[first..end], true)?;
        if range.is_none() {
            compare("the tree hash of an archive", got.0, Some(archive.tree))?;
        }
        Ok(())
    }

    /// An archive in parts of 1 MiB, which arrive in any order.
    fn multipart(&mut self) -> Result<(), Failed> {
        let number = self.number();
        let size = (MIB + 1 + self.random.below(2 * MIB)) as usize;
        let all = bytes(number, size);
        let own = self.vault.clone();
        let own = vault(&own)?;
        let initiate = InitiateMultipartUpload { vault: own, part_size: PartSize::MIN, description: None };
        let upload = self.caller.send(&initiate, |output| Ok(output.upload_id()?.to_string()))?;
        let mut parts: Vec<(usize, &[u8])> = all.chunks(MIB as usize).enumerate().collect();
        if self.random.below(2) == 0 {
            parts.reverse();
        }
        for (at, part) in &parts {
            self.operations += 1;
            let operation = UploadMultipartPart::new(own, upload.as_str().try_into()?, *at as u64 * MIB, hashes(part)?)?;
            let sent = block_on(self.caller.client.upload(&operation, &mut Bytes::new(part), now(), &mut self.caller.buf));
            sent.map_err(|error| error.to_string())?;
        }
        compare("the parts of an upload", self.parts(own, &upload)?, parts.len() as u64)?;
        if self.random.below(3) == 0 {
            self.remembered.uploads.push(upload);
            return Ok(());
        }
        let tree: TreeHash = hashes(&all)?.tree;
        let complete =
            CompleteMultipartUpload { vault: own, upload: upload.as_str().try_into()?, archive_size: size as u64, tree_hash: tree };
        let id = self.caller.send(&complete, |output| Ok(output.archive_id()?.to_string()))?;
        self.remembered.archives.insert(id, Archive { number, size, tree });
        Ok(())
    }

    fn parts(&mut self, own: VaultRef<'_>, upload: &str) -> Result<u64, Failed> {
        let list = ListParts { vault: own, upload: upload.try_into()?, limit: None, marker: None };
        let mut page = block_on(self.caller.client.list(&list, now(), &mut self.caller.buf))?;
        let mut found = 0;
        while block_on(page.next())?.is_some() {
            found += 1;
        }
        Ok(found)
    }

    fn describe(&mut self) -> Result<(), Failed> {
        let operation = DescribeVault { vault: vault(&self.vault)? };
        let got = self.caller.send(&operation, |vault| {
            // Null before the first write, as before the first inventory of the service.
            Ok((vault.number_of_archives.unwrap_or(0), vault.size_in_bytes.unwrap_or(0)))
        })?;
        let Remembered { archives, .. } = &self.remembered;
        compare("archives and bytes of a vault", got, (archives.len() as u64, self.remembered.bytes()))
    }

    /// Adds a tag or removes one, and lists them.
    fn tags(&mut self) -> Result<(), Failed> {
        let own = self.vault.clone();
        let own = vault(&own)?;
        let (key, value) = (format!("key-{}", self.random.below(20)), self.random.next().to_string());
        if self.random.below(3) > 0 {
            self.caller.send(&AddTagsToVault { vault: own, tags: Tags::new(&[(&key, &value)])? }, |_| Ok(()))?;
            self.remembered.tags.insert(key, value);
        } else {
            self.caller.send(&RemoveTagsFromVault { vault: own, keys: TagKeys::new(&[&key])? }, |_| Ok(()))?;
            self.remembered.tags.remove(&key);
        }
        let mut found = BTreeMap::new();
        let mut tags = block_on(self.caller.client.list(&ListTagsForVault { vault: own }, now(), &mut self.caller.buf))?;
        while let Some(tag) = block_on(tags.next())? {
            found.insert(tag.key.to_string(), tag.value.map(|value| value.to_string()).unwrap_or_default());
        }
        compare("the tags of a vault", &found, &self.remembered.tags)
    }

    /// The uploads in progress, over all pages.
    fn uploads(&mut self) -> Result<(), Failed> {
        let list = ListMultipartUploads { vault: vault(&self.vault)?, limit: None, marker: None };
        let (mut pages, mut found) = (glacier_core::pages::Pages::new(&list), Vec::new());
        while let Some(mut page) = block_on(pages.next(&mut self.caller.client, now(), &mut self.caller.buf))? {
            while let Some(upload) = block_on(page.next())? {
                found.push(upload.multipart_upload_id.map(|id| id.to_string()).unwrap_or_default());
            }
        }
        found.sort();
        self.remembered.uploads.sort();
        compare("the uploads of a vault", &found, &self.remembered.uploads)
    }

    fn inventory(&mut self) -> Result<(), Failed> {
        let Remembered { archives, .. } = &self.remembered;
        let mut found = 0;
        let own = self.vault.clone();
        self.caller.inventory(&own, |item| {
            found += 1;
            let id = item.archive_id.and_then(|id| id.as_plain()).unwrap_or_default();
            let archive = archives.get(id).ok_or_else(|| format!("an inventory lists {id}, which is not there"))?;
            compare("an archive in an inventory", (item.size, item.tree_hash()), (Some(archive.size as u64), Some(archive.tree)))
        })?;
        compare("the archives in an inventory", found, archives.len())
    }

    /// Everything once more, when the other connections may still be at work.
    fn last_look(&mut self) -> Result<(), Failed> {
        self.describe()?;
        self.uploads()?;
        self.inventory()?;
        let own = self.vault.clone();
        let listed = listed(&mut self.caller, &own)?;
        match self.remembered.jobs.iter().find(|job| !listed.contains(job)) {
            Some(job) => Err(format!("ListJobs lacks {job}").into()),
            None => Ok(()),
        }
    }
}
