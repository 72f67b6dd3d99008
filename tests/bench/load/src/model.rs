//! What a client remembers of its own vault.

use std::collections::BTreeMap;
use std::fmt::Debug;

use glacier_core::TreeHash;

use crate::caller::Failed;
use crate::content::{Random, bytes};

/// An archive, whose bytes follow from its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Archive {
    pub(crate) number: u64,
    pub(crate) size: usize,
    pub(crate) tree: TreeHash,
}

impl Archive {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        bytes(self.number, self.size)
    }
}

/// A vault that nobody else changes.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    pub(crate) archives: BTreeMap<String, Archive>,
    /// The ids of uploads in progress.
    pub(crate) uploads: Vec<String>,
    pub(crate) jobs: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Remembered {
    pub(crate) fn any(&self, random: &mut Random) -> Option<(String, Archive)> {
        let at = usize::try_from(random.below(self.archives.len().max(1) as u64)).ok()?;
        self.archives.iter().nth(at).map(|(id, archive)| (id.clone(), *archive))
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.archives.values().map(|archive| archive.size as u64).sum()
    }
}

/// A response that is not what it has to be is the end of the test.
pub(crate) fn compare<V: PartialEq + Debug>(what: &str, got: V, expected: V) -> Result<(), Failed> {
    if got == expected { Ok(()) } else { Err(format!("{what}: got {got:?}, expected {expected:?}").into()) }
}
