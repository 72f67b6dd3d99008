//! An older index is put back, and then the newer one again, while the power goes at any moment: the body that only the newer one names is
//! put aside and put back, and never lost.

use std::path::{Path, PathBuf};

use super::crashes::seeds;
use super::observed::{Observed, hash_of, observe};
use super::trial::{FOLDER, Trial, open};
use super::workload::Workload;
use crate::local::disk::{Disk, Fault, SimulatedDisk};
use crate::local::service::Vaults;
use crate::local::store::Finding;

const MANY: u32 = 300_000;

/// Puts an older index in place and then the newer one. It stops at the first loss.
pub(super) async fn put_aside_and_back(seed: u64, fault: Fault) -> Trial {
    let mut trial = Trial::default();
    let disk = SimulatedDisk::new(seed, fault);
    if let Err(loss) = trial.put(&disk, seed).await {
        trial.losses.push(format!("seed {seed}: {loss}"));
    }
    trial.kinds = disk.kinds();
    trial
}

impl Trial {
    async fn put(&mut self, disk: &SimulatedDisk, seed: u64) -> Result<(), String> {
        let index = Path::new(FOLDER).join("glacier.redb");
        let bytes = || disk.read(&index).map_err(|error| error.to_string());
        let (kept, _) = upload(disk, seed).await?;
        let older = bytes()?;
        let (newest, body) = upload(disk, seed + 1).await?;
        let newer = bytes()?;

        put(disk, &index, &older)?;
        disk.leave_images(MANY);
        let vaults = open(disk)?;
        if !vaults.found().iter().any(|found| matches!(found, Finding::WentBack { .. })) {
            return Err("the older index is not noticed".into());
        }
        for finding in vaults.found() {
            if let Finding::Unnamed { file, error: None } = finding
                && !disk.read(file).is_ok_and(|found| found == body)
            {
                return Err(format!("after an older index: {} is not there", file.display()));
            }
        }
        let after = observe(&vaults)?;
        drop(vaults);
        let mut images = disk.take_images();
        images.extend((0..6).map(|_| disk.image()));
        for image in images {
            self.images += 1;
            let disk = SimulatedDisk::restarted(image, seed);
            let vaults = open(&disk)?;
            let observed = observe(&vaults)?;
            if !has(&observed, &kept) || observed != after {
                return Err("after an older index: what it has is lost".into());
            }
            if !bodies(&disk).contains(&body) {
                return Err("after an older index: the newer body is lost".into());
            }
        }

        // Half of the time something is changed meanwhile. An upload syncs the folder that the body is gone from.
        if seed % 2 == 1 {
            upload(disk, seed + 2).await?;
        }
        let mut images = disk.take_images();
        images.extend((0..6).map(|_| disk.image()));
        for image in images {
            self.images += 1;
            let disk = SimulatedDisk::restarted(image, seed);
            if !has(&observe(&open(&disk)?)?, &kept) || !bodies(&disk).contains(&body) {
                return Err("after an older index and an upload: a body is lost".into());
            }
        }

        put(disk, &index, &newer)?;
        disk.leave_images(MANY);
        let vaults = open(disk)?;
        let observed = observe(&vaults)?;
        if !has(&observed, &kept) || !has(&observed, &newest) {
            return Err("after the newer index: a body is lost".into());
        }
        drop(vaults);
        let mut images = disk.take_images();
        images.extend((0..6).map(|_| disk.image()));
        for image in images {
            self.images += 1;
            let vaults = open(&SimulatedDisk::restarted(image, seed))?;
            let missing = vaults.found().iter().find(|finding| matches!(finding, Finding::Missing { .. }));
            if missing.is_some() || observe(&vaults)? != observed {
                return Err(format!("after the newer index: {missing:?}"));
            }
        }
        Ok(())
    }
}

/// Opens the vaults, uploads an archive and ends; the hash of its bytes as it is observed, and its bytes.
async fn upload(disk: &SimulatedDisk, seed: u64) -> Result<(String, Vec<u8>), String> {
    let vaults: Vaults = open(disk)?;
    let mut workload = Workload::new(&vaults, seed);
    workload.create("a").await.map_err(|error| error.to_string())?;
    let id = workload.upload("a").await.map_err(|error| error.to_string())?;
    let bytes = workload.archives.remove(&id).unwrap().1;
    Ok((hash_of(&bytes), bytes))
}

fn put(disk: &SimulatedDisk, index: &Path, bytes: &[u8]) -> Result<(), String> {
    disk.leave_images(0);
    let write = || {
        let file = disk.open(index)?;
        file.set_length(0)?;
        file.write_at(0, bytes)
    };
    // Who does so takes a while, in which the system writes everything.
    write().map(|()| disk.settle()).map_err(|error: std::io::Error| error.to_string())
}

fn has(observed: &Observed, hash: &str) -> bool {
    observed.values().any(|found| found == hash)
}

/// The bytes of all files in the folders of bodies.
fn bodies(disk: &SimulatedDisk) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for name in ["blobs", "lost+found"] {
        let folder: PathBuf = Path::new(FOLDER).join(name);
        let mut visit = |name: &std::ffi::OsStr, _| {
            bodies.push(disk.read(&folder.join(name))?);
            Ok(())
        };
        let _ = disk.names(&folder, &mut visit);
    }
    bodies
}

#[tokio::test]
async fn a_body_that_is_put_aside_or_back_is_never_lost() {
    let mut images = 0;
    for seed in 0..seeds(6) {
        let trial = put_aside_and_back(seed, Fault::default()).await;
        assert_eq!(trial.losses, [""; 0]);
        images += trial.images;
    }
    assert!(images > 60, "{images}");
}
