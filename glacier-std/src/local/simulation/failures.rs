//! Any call of the disk fails, once: the request gets an error or is performed, nothing acknowledged is lost, and after a restart, and also
//! after a loss of power, the service goes on.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex};

use glacier_core::Error;

use super::crashes::seeds;
use super::observed::{Observed, observe};
use super::trial::{FOLDER, compare, open};
use super::workload::{Workload, settings};
use crate::local::disk::{Fault, SimulatedDisk};
use crate::local::service::Vaults;
use crate::local::store::Finding;

const STEPS: usize = 25;

#[tokio::test]
async fn a_full_disk_is_said_once_and_again_when_it_is_full_again() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let to = said.clone();
    let observer = move |finding: &Finding| to.lock().unwrap().push(finding.to_string());
    let disk = SimulatedDisk::new(7, Fault::default());
    let settings = settings().with_finding_observer(Arc::new(observer));
    let vaults = Vaults::open_on(Arc::new(disk.clone()), Path::new(FOLDER), settings).unwrap();
    let mut workload = Workload::new(&vaults, 7);
    workload.create("a").await.unwrap();
    for _ in 0..2 {
        for _ in 0..2 {
            // The next call makes the staged file.
            disk.plant(Fault { fails_at: Some((disk.calls() + 1, ErrorKind::StorageFull)), ignores: None });
            assert!(matches!(workload.upload("a").await, Err(Error::Service(_))));
        }
        workload.upload("a").await.unwrap();
    }
    let said = said.lock().unwrap();
    assert!(said.len() == 2 && said.iter().all(|said| said.contains("is full") && said.contains("free some space")), "{said:?}");
}

/// Runs a workload until a few requests after the call that fails. `Ok` is whether the call was reached.
async fn run(seed: u64, call: u64, kind: ErrorKind) -> Result<bool, String> {
    let disk = SimulatedDisk::new(seed, Fault { fails_at: Some((call, kind)), ignores: None });
    let (mut before, mut after) = (Observed::new(), Observed::new());
    let vaults = match open(&disk) {
        Ok(vaults) => vaults,
        // What could not be opened is opened next time, by a process that finds what the first one left.
        Err(_) if disk.calls() >= call => open(&disk)?,
        Err(error) => return Err(error),
    };
    let mut workload = Workload::new(&vaults, seed);
    let mut left = 4;
    for _ in 0..STEPS {
        let was_reached = disk.calls() >= call;
        if was_reached && left == 0 {
            break;
        }
        left -= u32::from(was_reached);
        let now = observe(&vaults)?;
        if !was_reached {
            before = now.clone();
        }
        add(&mut after, now);
        if let Err(error) = workload.step(&vaults).await
            && !matches!(error, Error::Service(_) | Error::Transport(_))
        {
            return Err(format!("not an error of the service: {error}"));
        }
        add(&mut after, observe(&vaults)?);
    }
    // A kill: the next process finds what the system remembers; then the power goes.
    for disk in [disk.killed(seed), SimulatedDisk::restarted(disk.image(), seed)] {
        let vaults = open(&disk)?;
        check(&vaults, &disk, &before, &after, &workload).map_err(|loss| format!("after a restart: {loss}"))?;
        let mut next = Workload::new(&vaults, seed + 1);
        next.create("a").await.map_err(|error| format!("after a restart: {error}"))?;
        let id = next.upload("a").await.map_err(|error| format!("after a restart: {error}"))?;
        let now = observe(&vaults)?;
        workload.archives.insert(id.clone(), next.archives.remove(&id).unwrap());
        let disk = SimulatedDisk::restarted(disk.image(), seed);
        let vaults = open(&disk)?;
        compare(&vaults, &disk, &now, &now, &workload).map_err(|loss| format!("after a restart and a loss of power: {loss}"))?;
        workload.archives.remove(&id);
    }
    Ok(disk.calls() >= call)
}

/// What was there at any time since the call failed is possible.
fn add(all: &mut Observed, now: Observed) {
    all.extend(now.into_iter().map(|(name, value)| (format!("{name} = {value}"), value)));
}

fn check(vaults: &Vaults, disk: &SimulatedDisk, before: &Observed, possible: &Observed, known: &Workload) -> Result<(), String> {
    let observed = observe(vaults)?;
    for (name, value) in &observed {
        if before.get(name) != Some(value) && !possible.contains_key(&format!("{name} = {value}")) {
            return Err(format!("{name} is {value}, and was {:?}", before.get(name)));
        }
    }
    compare(vaults, disk, &observed, &observed, known).map(drop)
}

#[tokio::test]
async fn a_failed_call_loses_nothing_acknowledged() {
    let mut random = fastrand::Rng::with_seed(7);
    let (mut reached, mut tried) = (0, 0);
    for seed in 0..seeds(60) {
        // The first calls make the folder and the index.
        let call = if seed % 3 == 0 { random.u64(1..60) } else { random.u64(60..350) };
        let kind = if random.bool() { ErrorKind::StorageFull } else { ErrorKind::Other };
        tried += 1;
        reached += u64::from(run(seed, call, kind).await.unwrap_or_else(|loss| panic!("seed {seed}, call {call}, {kind}: {loss}")));
    }
    assert!(reached * 2 > tried, "{reached} of {tried}");
}
