//! What a vault has: its inventory, and the archives themselves.

use std::fmt;

use glacier_core::TreeHash;
use glacier_core::ops::JobKind;

use crate::caller::{Caller, Failed, read_to_end};
use crate::model::compare;

/// The sums over a set of archives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    archives: u64,
    bytes: u64,
    /// The sum of a hash of each id (FNV-1a), which is the same in any order.
    fold: u64,
}

impl Sum {
    pub(crate) fn add(&mut self, id: &str, size: u64) {
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        *self = self.and(Sum { archives: 1, bytes: size, fold: hash });
    }

    pub(crate) fn and(self, other: Sum) -> Sum {
        let Sum { archives, bytes, fold } = other;
        Sum { archives: self.archives + archives, bytes: self.bytes + bytes, fold: self.fold.wrapping_add(fold) }
    }
}

/// As members of a JSON object.
impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"archives\": {}, \"bytes\": {}, \"fold\": \"{:016x}\"", self.archives, self.bytes, self.fold)
    }
}

pub(crate) fn inventory(address: &str, vault: &str) -> Result<String, Failed> {
    let mut sum = Sum::default();
    let output = Caller::new(address)?.inventory(vault, |item| {
        let id = item.archive_id.and_then(|id| id.as_plain()).ok_or("an archive without an id")?;
        sum.add(id, item.size.ok_or("an archive without a size")?);
        Ok(())
    })?;
    Ok(format!("{sum}, \"output\": {output}"))
}

/// Downloads every archive of the inventory. The client compares the hash that comes with it, and this the one of the inventory.
pub(crate) fn retrieve(address: &str, vault: &str) -> Result<String, Failed> {
    let mut caller = Caller::new(address)?;
    let mut all: Vec<(String, u64, TreeHash)> = Vec::new();
    caller.inventory(vault, |item| {
        let id = item.archive_id.and_then(|id| id.as_plain()).ok_or("an archive without an id")?;
        all.push((id.to_owned(), item.size.ok_or("no size")?, item.tree_hash().ok_or("no tree hash")?));
        Ok(())
    })?;
    let mut sum = Sum::default();
    for (id, size, tree) in all {
        let job = caller.job(vault, JobKind::Archive { id: id.as_str().try_into()?, range: None })?;
        let got = caller.output(vault, &job, None, |download| {
            let announced = download.output().tree_hash;
            Ok((announced, read_to_end(download, usize::try_from(size)?)?))
        })?;
        compare("the tree hash of a download", got.0, Some(tree))?;
        compare("the size of a download", got.1.len() as u64, size)?;
        compare("the tree hash of what was downloaded", crate::caller::hashes(&got.1)?.tree, tree)?;
        sum.add(&id, size);
    }
    Ok(sum.to_string())
}
