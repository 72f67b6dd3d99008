//! CreateVault, DescribeVault, ListVaults, DeleteVault.
//!
//! In this service the last inventory is always of the present: `NumberOfArchives` and `SizeInBytes` are what the vault holds now,
//! `LastInventoryDate` is when an archive came or went last, and all three are null before the first archive. The sizes are those
//! of the archives, without the overhead that AWS adds to bill it.

use std::ops::Bound;

use glacier_core::ErrorCode;
use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};
use serde::Serialize;

use super::Inner;
use super::answer::Answer;
use super::call::Call;
use super::page::page;
use super::phase::Phase;
use super::pieces;
use super::records::{Job, Upload, Vault, Work};
use super::refuse::Refused;
use super::tables::{BLOBS, JOB_ORDER, JOBS, Records, UPLOADS, VAULTS, of_vault, save};

/// The most vaults of an account.
const MOST: u64 = 1000;

pub(super) fn create(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    inner.change(call, |transaction| {
        let mut vaults = transaction.open_table(VAULTS)?;
        if vaults.get(call.vault.as_str())?.is_some() {
            return Ok(());
        }
        if vaults.len()? >= MOST {
            return Err(Refused::new(ErrorCode::LimitExceeded, format!("An account has at most {MOST} vaults: delete one first")));
        }
        save(&mut vaults, &call.vault, &Vault { created: call.now, written: None, archives: 0, bytes: 0 })
    })?;
    Ok(Answer::empty(201).with("Location", call.location(&[])))
}

pub(super) fn describe(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let vault = inner.store.read(|transaction| find(&transaction.open_table(VAULTS)?, call))?;
    Answer::json(&show(call, &call.vault, &vault))
}

pub(super) fn list(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        marker: Option<String>,
        vault_list: Vec<Shown>,
    }
    let limit = call.query.limit(10)?;
    let after = call.query.marker().map(|marker| name_in(marker, call)).transpose()?.unwrap_or_default();
    let (vault_list, marker) = inner.store.read(|transaction| {
        let vaults = transaction.open_table(VAULTS)?;
        let rows = vaults.range::<&str>((Bound::Excluded(after), Bound::Unbounded))?.map(|row| {
            let (name, record) = row?;
            let vault: Vault = serde_json::from_slice(record.value())?;
            Ok((name.value().to_owned(), vault))
        });
        page(limit, rows, |(name, _)| call.arn_of(name), |(name, vault)| show(call, &name, &vault))
    })?;
    Answer::json(&Page { marker, vault_list })
}

/// Deletes the vault with its uploads and jobs, when it has no archives. It is no error when there is no such vault.
pub(super) fn delete(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let name = call.vault.as_str();
    let removed = inner.change(call, |transaction| {
        let mut vaults = transaction.open_table(VAULTS)?;
        let Some(vault) = vaults.load::<Vault>(name)? else { return Ok(Vec::new()) };
        if vault.archives > 0 {
            return Err(Refused::invalid(format!("Vault not empty or recently written to: {}", call.arn())));
        }
        vaults.remove(name)?;
        let mut removed = Vec::new();

        let mut uploads = transaction.open_table(UPLOADS)?;
        let all = of_vault::<Upload>(&uploads, name, "")?.collect::<Result<Vec<_>, _>>()?;
        for (id, _) in all {
            uploads.remove((name, id.as_str()))?;
            // The pieces of a completed upload went with its archive.
            removed.extend(pieces::remove(transaction, &id)?);
        }
        let mut jobs = transaction.open_table(JOBS)?;
        let mut order = transaction.open_table(JOB_ORDER)?;
        let mut blobs = transaction.open_table(BLOBS)?;
        let all = of_vault::<Job>(&jobs, name, "")?.collect::<Result<Vec<_>, _>>()?;
        for (id, job) in all {
            jobs.remove((name, id.as_str()))?;
            order.remove((name, job.created.0, id.as_str()))?;
            if let Work::Inventory(inventory) = job.work {
                blobs.remove(inventory.blob.number())?;
                removed.push(inventory.blob);
            }
        }
        Ok(removed)
    })?;
    inner.blobs.remove(&removed);
    Ok(Answer::empty(204))
}

/// The vault in the path, which must exist.
pub(super) fn find(vaults: &impl Records<&'static str>, call: &Call) -> Result<Vault, Refused> {
    let found = vaults.load(call.vault.as_str())?;
    found.ok_or_else(|| Refused::not_found(format!("Vault not found for ARN: {}", call.arn())))
}

/// Refuses when there is no such vault.
pub(super) fn must_exist(inner: &Inner, call: &Call) -> Result<(), Refused> {
    inner.store.read(|transaction| find(&transaction.open_table(VAULTS)?, call)).map(|_| ())
}

/// Notes that an archive came or went.
pub(super) fn count(transaction: &WriteTransaction, call: &Call, change: impl FnOnce(&mut Vault)) -> Result<(), Refused> {
    let mut vaults = transaction.open_table(VAULTS)?;
    let mut vault = find(&vaults, call)?;
    vault.written = Some(call.now);
    change(&mut vault);
    save(&mut vaults, &call.vault, &vault)
}

/// A vault as the service shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    creation_date: String,
    last_inventory_date: Option<String>,
    number_of_archives: Option<u64>,
    size_in_bytes: Option<u64>,
    #[serde(rename = "VaultARN")]
    vault_arn: String,
    vault_name: String,
}

fn show(call: &Call, name: &str, vault: &Vault) -> Shown {
    let counted = |count| vault.written.map(|_| count);
    Shown {
        creation_date: vault.created.to_string(),
        last_inventory_date: vault.written.map(|moment| moment.to_string()),
        number_of_archives: counted(vault.archives),
        size_in_bytes: counted(vault.bytes),
        vault_arn: call.arn_of(name),
        vault_name: name.to_owned(),
    }
}

/// The vault's name in a marker, which is an ARN.
fn name_in<'m>(marker: &'m str, call: &Call) -> Result<&'m str, Refused> {
    let parts: Vec<&str> = marker.splitn(6, ':').collect();
    match parts[..] {
        ["arn", "aws", "glacier", _, account, vault] if account == call.account => vault.strip_prefix("vaults/"),
        _ => None,
    }
    .ok_or_else(|| Refused::invalid(format!("Invalid marker: {marker}. A marker is the ARN of a vault of this account")))
}

impl Inner {
    /// Changes records for a request without a body, and tells of it.
    pub(super) fn change<T>(&self, call: &Call, work: impl FnOnce(&WriteTransaction) -> Result<T, Refused>) -> Result<T, Refused> {
        self.tell(call, Phase::Commit);
        let done = self.store.write(work)?;
        self.tell(call, Phase::Reply);
        Ok(done)
    }
}
