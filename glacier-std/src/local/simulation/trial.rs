//! One run of a workload on a simulated disk, with a look at every disk that a loss of power would have left meanwhile.

use std::path::Path;
use std::sync::Arc;

use super::observed::{Observed, hash_of, leftovers, observe};
use super::workload::{Workload, settings};
use crate::local::disk::{Fault, Image, SimulatedDisk};
use crate::local::service::Vaults;
use crate::local::store::Finding;

/// A folder whose parents do not exist at first.
pub(super) const FOLDER: &str = "/data/vaults";

/// What a run found.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// Disks that were looked at.
    pub(super) images: usize,
    /// What was lost, in words.
    pub(super) losses: Vec<String>,
    /// The kinds of syncs and renames.
    pub(super) kinds: Vec<String>,
}

pub(super) fn open(disk: &SimulatedDisk) -> Result<Vaults, String> {
    Vaults::open_on(Arc::new(disk.clone()), Path::new(FOLDER), settings()).map_err(|error| error.to_string())
}

/// Runs a workload. It stops at the first loss.
pub(super) async fn run(seed: u64, fault: Fault, images_in_million: u32, steps: usize) -> Trial {
    let mut trial = Trial::default();
    let disk = SimulatedDisk::new(seed, fault);
    disk.leave_images(images_in_million);
    if let Err(loss) = trial.work(&disk, seed, steps).await {
        trial.losses.push(format!("seed {seed}: {loss}"));
    }
    trial.kinds = disk.kinds();
    trial
}

impl Trial {
    async fn work(&mut self, disk: &SimulatedDisk, seed: u64, steps: usize) -> Result<(), String> {
        let mut vaults = open(disk)?;
        let mut before = observe(&vaults)?;
        let mut workload = Workload::new(&vaults, seed);
        self.look(disk, &before, &before, &workload)?;
        for _ in 0..steps {
            if workload.random.u8(..12) == 0 {
                vaults = self.restart(vaults, disk, &before, &mut workload)?;
            }
            // What is due is done before the request, as a change of its own.
            vaults.catch_up().await.map_err(|error| error.to_string())?;
            let due = observe(&vaults)?;
            self.look(disk, &before, &due, &workload)?;
            before = due;
            let (acknowledged, sent) = (workload.archives.clone(), workload.sent.clone());
            let done = workload.step(&vaults).await;
            let after = observe(&vaults)?;
            // What was acknowledged before the request, and was not deleted by it, is there while it is performed.
            let mut known = Workload::new(&vaults, seed);
            known.sent = sent;
            known.archives = acknowledged.into_iter().filter(|(id, _)| workload.archives.contains_key(id)).collect();
            self.look(disk, &before, &after, &known)?;
            if let Err(glacier_core::Error::Transport(error)) = &done {
                return Err(error.to_string());
            }
            if workload.random.bool() {
                self.look_at(disk.image(), &after, &after, &workload)?;
            }
            before = after;
        }
        drop(self.restart(vaults, disk, &before, &mut workload)?);
        Ok(())
    }

    /// Ends the service and begins again, on the same disk.
    fn restart(
        &mut self,
        vaults: Vaults,
        disk: &SimulatedDisk,
        before: &Observed,
        workload: &mut Workload,
    ) -> Result<Vaults, String> {
        // The client has the vaults too.
        workload.stop();
        drop(vaults);
        self.look(disk, before, before, workload)?;
        let vaults = open(disk)?;
        if !vaults.found().is_empty() {
            return Err(format!("after a clean end: {:?}", vaults.found()));
        }
        workload.restart(&vaults);
        self.look(disk, before, before, workload)?;
        Ok(vaults)
    }

    /// Looks at all disks that are left since the last look.
    fn look(&mut self, disk: &SimulatedDisk, before: &Observed, after: &Observed, known: &Workload) -> Result<(), String> {
        disk.take_images().into_iter().try_for_each(|image| self.look_at(image, before, after, known))
    }

    fn look_at(&mut self, image: Image, before: &Observed, after: &Observed, known: &Workload) -> Result<(), String> {
        self.images += 1;
        let call = format!("power lost before {}", image.call);
        let disk = SimulatedDisk::restarted(image, self.images as u64);
        let check = || -> Result<(), String> {
            let observed = check(&disk, before, after, known)?;
            // Nothing is left to do, and another loss of power takes nothing away that was there.
            let again = SimulatedDisk::restarted(disk.image(), self.images as u64);
            check_all(&again, &observed, &observed, known, self.images.is_multiple_of(8))
        };
        check().map_err(|loss| format!("{call}: {loss}"))
    }
}

fn check(disk: &SimulatedDisk, before: &Observed, after: &Observed, known: &Workload) -> Result<Observed, String> {
    let vaults = open(disk)?;
    compare(&vaults, disk, before, after, known)
}

fn check_all(disk: &SimulatedDisk, before: &Observed, after: &Observed, known: &Workload, wanted: bool) -> Result<(), String> {
    if wanted { check(disk, before, after, known).map(drop) } else { Ok(()) }
}

/// Compares what is there with what was before a request and after it.
pub(super) fn compare(
    vaults: &Vaults,
    disk: &SimulatedDisk,
    before: &Observed,
    after: &Observed,
    known: &Workload,
) -> Result<Observed, String> {
    for finding in vaults.found().iter().filter(|finding| finding.needs_action()) {
        match finding {
            // The note about it needs no sync: the file of a request that was not acknowledged may be kept.
            Finding::Unnamed { file, error: None } if disk.read(file).is_ok_and(|bytes| !known.sent.contains(&hash_of(&bytes))) => {
            }
            finding => return Err(finding.to_string()),
        }
    }
    let observed = observe(vaults)?;
    for name in before.keys().chain(after.keys()).chain(observed.keys()) {
        let found = observed.get(name);
        if found != before.get(name) && found != after.get(name) {
            return Err(format!("{name} is {found:?}, and was {:?} and then {:?}", before.get(name), after.get(name)));
        }
    }
    for (id, (vault, bytes)) in &known.archives {
        if observed.get(&format!("{vault}: {id}, its bytes")) != Some(&hash_of(bytes)) {
            return Err(format!("the archive {id} in {vault} is lost"));
        }
    }
    let left = leftovers(disk, Path::new(FOLDER), vaults);
    if left.is_empty() { Ok(observed) } else { Err(format!("left over: {left:?}")) }
}
