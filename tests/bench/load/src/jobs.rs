//! Many jobs, and the pages that list them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use glacier_core::ops::{InventoryFilter, InventoryRetrieval, JobKind, ListJobs};
use glacier_core::pages::Pages;

use crate::caller::{Caller, Failed, block_on, now, vault};
use crate::fill::at_once;
use crate::model::compare;

/// Begins inventory jobs of at most one archive each, and compares the list of jobs with them.
pub(crate) fn begin(address: &str, name: &str, count: u64, connections: u64) -> Result<String, Failed> {
    let next = AtomicU64::new(0);
    let begun = at_once(connections, |_| {
        let (mut caller, mut begun) = (Caller::new(address)?, Vec::new());
        let filter = InventoryFilter { limit: Some(1), ..InventoryFilter::default() };
        let kind = JobKind::Inventory(InventoryRetrieval { format: None, filter: Some(filter) });
        while next.fetch_add(1, Ordering::Relaxed) < count {
            begun.push(caller.job(name, kind)?);
        }
        Ok(begun)
    })?;
    let begun: HashSet<String> = begun.into_iter().flatten().collect();
    let listed = listed(&mut Caller::new(address)?, name)?;
    let distinct: HashSet<&String> = listed.iter().collect();
    compare("listed jobs, each once", distinct.len(), listed.len())?;
    compare("jobs that are not listed", begun.iter().filter(|job| !distinct.contains(job)).count(), 0)?;
    Ok(format!("\"jobs\": {}, \"listed\": {}", begun.len(), listed.len()))
}

/// The ids of all jobs, over all pages.
pub(crate) fn listed(caller: &mut Caller, name: &str) -> Result<Vec<String>, Failed> {
    let list = ListJobs { vault: vault(name)?, completed: None, limit: None, marker: None, status: None };
    let (mut pages, mut found) = (Pages::new(&list), Vec::new());
    while let Some(mut page) = block_on(pages.next(&mut caller.client, now(), &mut caller.buf))? {
        while let Some(job) = block_on(page.next())? {
            found.push(job.job_id.and_then(|id| id.as_plain()).ok_or("a job without an id")?.to_owned());
        }
    }
    Ok(found)
}

/// Lists the jobs in progress, of which there are none, and the first page of all, again and again.
pub(crate) fn pages(address: &str, name: &str, count: u64) -> Result<String, Failed> {
    let mut caller = Caller::new(address)?;
    let all = ListJobs { vault: vault(name)?, completed: None, limit: None, marker: None, status: None };
    let mut items = 0;
    for _ in 0..count {
        for (list, most) in [(ListJobs { completed: Some(false), ..all }, 0), (all, 50)] {
            let Caller { client, buf } = &mut caller;
            let mut page = block_on(client.list(&list, now(), buf))?;
            let mut found = 0;
            while block_on(page.next())?.is_some() {
                found += 1;
            }
            if found > most {
                return Err(format!("{found} jobs in a page of at most {most}").into());
            }
            items += found;
        }
    }
    Ok(format!("\"pages\": {}, \"items\": {items}", 2 * count))
}
