//! Everything that a store has, as text, with the hashes of the bytes that it gives out.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::path::Path;

use glacier_core::ByteRange;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::local::disk::Disk;
use crate::local::model::{
    BlobId, BodyId, JobFilter, JobWork, LockRecord, Notifications, PieceRecord, Place, RetrievalPolicy, Tags,
};
use crate::local::service::{TEST_ACCOUNT, TEST_REGION, Vaults};
use crate::local::store::{BlobReader, ReadOutbox, ReadRecords, ReadSettings, Reader, Store, StoreError, VaultPolicy};

/// What is in a store, by name.
pub(super) type Observed = BTreeMap<String, String>;

pub(super) const PLACE: Place<'static> = Place { account: TEST_ACCOUNT, region: TEST_REGION };

/// Reads all that the vaults have. An error says what cannot be read.
pub(super) fn observe(vaults: &Vaults) -> Result<Observed, String> {
    let store = vaults.store();
    let (mut all, bodies) = store.records.read(read).map_err(|error| error.to_string())?;
    all.insert("notifications".into(), notifications(store)?);
    for (name, body, size, pieces) in bodies {
        let hash = hash(store, body, size, &pieces).map_err(|error| format!("{name}: {error}"))?;
        all.insert(format!("{name}, its bytes"), hash);
    }
    Ok(all)
}

/// All that was notified: the lines that are known to be in the file, and those that are still to be written.
fn notifications(store: &Store) -> Result<String, String> {
    let read = |records: &Reader| Ok::<_, StoreError>((records.unwritten_notifications(usize::MAX)?, records.written_length()?));
    let (queue, written) = store.records.read(read).map_err(|error| error.to_string())?;
    let mut bytes = store.notifications_file(None).unwrap().bytes().map_err(|error| error.to_string())?;
    if !queue.is_empty() {
        // What comes after it is of the queue.
        bytes.truncate(written.and_then(|written| usize::try_from(written).ok()).unwrap_or(usize::MAX));
    }
    let lines = queue.iter().map(|(_, notification)| format!("{}\n", notification.to_line()));
    Ok(String::from_utf8_lossy(&bytes).into_owned() + &lines.collect::<String>())
}

/// A name, and the body of what has it.
type Body = (String, BodyId, u64, Vec<(u64, PieceRecord)>);

fn read(records: &impl ReadRecords) -> Result<(Observed, Vec<Body>), StoreError> {
    let (mut all, mut bodies) = (Observed::new(), Vec::new());
    all.insert("retrieval policy".into(), text(&records.account_setting::<RetrievalPolicy>(PLACE)?));
    for (vault, number) in records.vault_numbers(PLACE, "", usize::MAX)? {
        let record = records.vault(number)?;
        let (mut archives, mut bytes) = (0, 0);
        records.each_archive::<StoreError>(number, "", |id, archive, deleted| {
            let name = if deleted.is_some() { format!("{vault}: deleted {id}") } else { format!("{vault}: {id}") };
            all.insert(name.clone(), text(&(&archive, deleted)));
            if deleted.is_none() {
                (archives, bytes) = (archives + 1, bytes + archive.size);
                bodies.push((name, archive.body, archive.size, records.all_pieces(archive.body)?));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let counted = record.as_ref().map(|record| (record.archives, record.bytes));
        assert_eq!(counted, Some((archives, bytes)), "{vault} counts its archives");
        all.insert(format!("{vault}: vault"), text(&record));
        for (id, upload) in records.uploads(number, 0, usize::MAX)? {
            let pieces = records.all_pieces(upload.body)?;
            all.insert(format!("{vault}: upload {id}"), text(&upload));
            for (first, piece) in pieces {
                let name = format!("{vault}: part {first} of {id}");
                bodies.push((name, upload.body, piece.size, vec![(0, piece)]));
            }
        }
        for (id, job) in records.jobs(number, 0, usize::MAX, &JobFilter::default())? {
            let name = format!("{vault}: job {id}");
            all.insert(name.clone(), text(&job));
            match &job.work {
                JobWork::Archive(work) => bodies.push((name, work.body, work.size, records.all_pieces(work.body)?)),
                JobWork::Inventory(work) => {
                    if let Some(output) = &work.output {
                        bodies.push((name, output.body, output.size, records.all_pieces(output.body)?));
                    }
                }
            }
        }
        all.insert(format!("{vault}: tags"), text(&records.setting::<Tags>(number)?));
        all.insert(format!("{vault}: notifications"), text(&records.setting::<Notifications>(number)?));
        all.insert(format!("{vault}: policy"), text(&records.setting::<VaultPolicy>(number)?));
        all.insert(format!("{vault}: lock"), text(&records.setting::<LockRecord>(number)?));
    }
    Ok((all, bodies))
}

fn text(record: &impl Serialize) -> String {
    serde_json::to_string(record).unwrap()
}

fn hash(store: &Store, body: BodyId, size: u64, pieces: &[(u64, PieceRecord)]) -> Result<String, StoreError> {
    let range = ByteRange::with_length(0, size).unwrap();
    let mut reader = BlobReader::new(store, store.pin(body), range, pieces)?;
    let mut hasher = Sha256::new();
    while reader.remaining() > 0 {
        hasher.update(reader.next_chunk()?);
    }
    Ok(hex(&hasher.finalize()))
}

/// The hash of bytes, as [`observe`] tells it.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Files of bodies that no record names, and notes and staged files, which nobody needs once a folder is open.
pub(super) fn leftovers(disk: &dyn Disk, folder: &Path, vaults: &Vaults) -> Vec<String> {
    let named = vaults.store().records.read::<_, StoreError>(|records| records.blobs()).unwrap();
    let named: BTreeSet<String> = named.iter().map(BlobId::to_string).collect();
    let mut left = Vec::new();
    for name in ["staged", "blobs"] {
        let mut visit = |file: &OsStr, _| {
            let file = file.to_string_lossy();
            if name == "staged" || !named.contains(&*file) {
                left.push(format!("{name}/{file}"));
            }
            Ok(())
        };
        disk.names(&folder.join(name), &mut visit).unwrap();
    }
    left
}
