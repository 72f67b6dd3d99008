//! Reading records to show them: counts and the first of each kind, so that it costs the same for a large store as for a small one.

use redb::ReadableTable;

use super::error::StoreError;
use super::reader::ReadTables;
use super::tables::{ARCHIVES, DUE, JOB_ORDER, UPLOAD_ORDER, VAULT_NUMBERS, decode, of_vault};
use crate::local::model::{ArchiveRecord, Event, Moment, VaultNumber};

/// Rows that may still be looked at.
#[derive(Debug)]
pub(crate) struct RowBudget {
    left: usize,
}

impl RowBudget {
    pub(crate) fn new(rows: usize) -> Self {
        RowBudget { left: rows }
    }

    /// Whether a count ended because nothing was left of it.
    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Counts rows, at most as many as are left.
    fn count<T>(&mut self, rows: impl Iterator<Item = Result<T, redb::StorageError>>) -> Result<u64, StoreError> {
        let mut count = 0;
        for row in rows.take(self.left) {
            row?;
            count += 1;
        }
        self.left = self.left.saturating_sub(count);
        Ok(count as u64)
    }
}

/// Reads records to show them.
pub(crate) trait ReadOverview: ReadTables {
    /// The vaults of all accounts and regions, by account, region and name.
    fn every_vault(&self, limit: usize) -> Result<Vec<VaultNumber>, StoreError> {
        let table = self.table(VAULT_NUMBERS)?;
        table.iter()?.take(limit).map(|row| Ok(VaultNumber(row?.1.value()))).collect()
    }

    /// The regions in which an account has a vault of this name.
    fn regions_of_vault(&self, account: &str, name: &str) -> Result<Vec<String>, StoreError> {
        let table = self.table(VAULT_NUMBERS)?;
        let mut regions: Vec<String> = Vec::new();
        for row in table.range::<(&str, &str, &str)>((account, "", "")..)? {
            let key = row?.0;
            let (owner, region, found) = key.value();
            if owner != account {
                break;
            }
            if found == name {
                regions.push(region.to_owned());
            }
        }
        Ok(regions)
    }

    /// How many jobs and open uploads a vault has; at least so many if the budget is spent then.
    fn count_jobs_and_uploads(&self, vault: VaultNumber, budget: &mut RowBudget) -> Result<(u64, u64), StoreError> {
        let (jobs, uploads) = (self.table(JOB_ORDER)?, self.table(UPLOAD_ORDER)?);
        let jobs = budget.count(jobs.range((vault.0, false, 0)..=(vault.0, true, u64::MAX))?)?;
        let uploads = budget.count(uploads.range((vault.0, 0)..=(vault.0, u64::MAX))?)?;
        Ok((jobs, uploads))
    }

    /// The first archives of a vault, in the order of their ids.
    fn first_archives(&self, vault: VaultNumber, limit: usize) -> Result<Vec<(String, ArchiveRecord)>, StoreError> {
        of_vault(&self.table(ARCHIVES)?, vault.0, "")?.take(limit).collect()
    }

    /// The events to come, earliest first, with the time when each is due.
    fn events(&self, limit: usize) -> Result<Vec<(Moment, Event)>, StoreError> {
        let table = self.table(DUE)?;
        let rows = table.iter()?.map(|row| {
            let (key, event) = row?;
            Ok((Moment(key.value().0), decode::<(u64, u64), Event>(&key.value(), event.value())?))
        });
        rows.take(limit).collect()
    }
}

impl<T: ReadTables> ReadOverview for T {}
