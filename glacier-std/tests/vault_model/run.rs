//! Performs a sequence: each operation in the service and in the reference, and compares.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use glacier_core::Method;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::operations::{ANY, Case, Flaw, List, NEVER, Operation, OutputRange, RetrievalRange, Tier, Time, Which};
use crate::reference::{Inventory, Job, Made, Reference, VAULTS, Vault, Work};
use crate::service::{Call, Response, Service, THEN};
use crate::time::{DAY, date, parse};

/// What differs, if anything does.
pub(crate) type Check<T = ()> = Result<T, String>;

/// Status and code of an error.
pub(crate) type Refusal = (u16, &'static str);
pub(crate) const NOT_FOUND: Refusal = (404, "ResourceNotFoundException");
pub(crate) const INVALID: Refusal = (400, "InvalidParameterValueException");
pub(crate) const MISSING: Refusal = (400, "MissingParameterValueException");
pub(crate) const DENIED: Refusal = (403, "AccessDeniedException");
pub(crate) const LIMIT_EXCEEDED: Refusal = (400, "LimitExceededException");
pub(crate) const POLICY_ENFORCED: Refusal = (400, "PolicyEnforcedException");
pub(crate) const NO_CAPACITY: Refusal = (503, "InsufficientCapacityException");

/// The id of nothing.
const NOBODY: &str = "never-issued";

pub(crate) struct Run {
    pub(crate) service: Service,
    pub(crate) reference: Reference,
    /// Every request, and how long time passed.
    log: String,
    /// The operation that is performed.
    operation: String,
    tally: Tally,
}

/// How often an operation was responded to with a status.
pub(crate) type Tally = BTreeMap<(String, u16), u64>;

thread_local! {
    static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
}

/// Runs a sequence. On failure: what was done, and what differs.
pub(crate) fn run(case: &Case) -> Result<Tally, String> {
    let mut run = Run {
        service: Service::new(case.time, case.seed, case.needs_capacity),
        reference: Reference::new(case.time, case.needs_capacity, THEN),
        log: String::new(),
        operation: String::new(),
        tally: Tally::new(),
    };
    run.sequence(case).map_err(|problem| format!("{}=> {problem}", run.log))?;
    Ok(run.tally)
}

impl Run {
    fn sequence(&mut self, case: &Case) -> Check {
        self.create_vault(0)?;
        for operation in &case.operations {
            let text = format!("{operation:?}");
            let _written = writeln!(self.log, "{text}");
            self.operation = "Provide".into();
            self.provide(operation)?;
            self.operation = text.split([' ', '{']).next().unwrap_or_default().to_owned();
            self.perform(operation)?;
        }
        self.operation = "LookAtEverything".into();
        self.log.push_str("At the end:\n");
        self.look_at_everything()?;
        // What was done in the meantime is done, and what ends has ended.
        self.advance(3 * DAY);
        self.look_at_everything()
    }

    /// Makes what the operation is about, where nothing of the kind is there.
    fn provide(&mut self, operation: &Operation) -> Check {
        let (open, now) = (self.reference.vaults.iter().flatten(), self.reference.now);
        let has_upload = open.clone().any(|vault| vault.uploads.iter().any(|upload| upload.ended.is_none()));
        let has_archive = open.clone().any(|vault| !vault.archives.is_empty());
        let has_job = open.clone().any(|vault| vault.jobs.iter().any(|job| job.done.latest + DAY > now));
        match *operation {
            Operation::UploadPart { which, .. } | Operation::CompleteUpload { which, .. } | Operation::AbortUpload { which }
                if which < ANY && !has_upload =>
            {
                self.create_vault(0)?;
                self.initiate_upload(0, 0, 1)
            }
            Operation::DeleteArchive { which, .. } | Operation::RetrieveArchive { which, .. } if which < ANY && !has_archive => {
                self.create_vault(0)?;
                self.upload_archive(0, 2, 1, Flaw::None)
            }
            Operation::DescribeJob { which } | Operation::GetOutput { which, .. } if which < ANY && !has_job => {
                self.create_vault(0)?;
                self.upload_archive(0, 2, 1, Flaw::None)?;
                self.retrieve_archive(0, None, Tier::Bulk, RetrievalRange::None, 1)
            }
            Operation::CompleteLock { vault, which } if which < ANY => {
                self.create_vault(vault.into())?;
                if self.vault(vault.into()).is_some_and(|vault| vault.lock.is_none()) {
                    self.initiate_lock(vault.into(), 1)
                } else {
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    }

    fn perform(&mut self, operation: &Operation) -> Check {
        match *operation {
            Operation::Advance { seconds } => self.advance(u64::from(seconds) * 1000),
            Operation::AdvanceTo { which, just_before } => self.advance_to(which, just_before),
            Operation::CreateVault { vault } => return self.create_vault(vault.into()),
            Operation::DescribeVault { vault } => return self.describe_vault(vault.into()),
            Operation::DeleteVault { vault } => return self.delete_vault(vault.into()),
            Operation::DescribeForeignVault { vault } => return self.describe_foreign_vault(vault.into()),
            Operation::UploadArchive { vault, size, text, flaw } => return self.upload_archive(vault.into(), size, text, flaw),
            Operation::DeleteArchive { which, in_vault } => return self.delete_archive(which, in_vault),
            Operation::InitiateUpload { vault, part_size, text } => return self.initiate_upload(vault.into(), part_size, text),
            Operation::UploadPart { which, part, bytes, flaw } => return self.upload_part(which, part, bytes, flaw),
            Operation::CompleteUpload { which, announced } => return self.complete_upload(which, announced),
            Operation::AbortUpload { which } => return self.abort_upload(which),
            Operation::RetrieveArchive { which, in_vault, tier, range, text } => {
                return self.retrieve_archive(which, in_vault, tier, range, text);
            }
            Operation::RetrieveInventory { vault, csv, start_hours_ago, end_hours_ago, limit } => {
                return self.retrieve_inventory(vault.into(), csv, start_hours_ago, end_hours_ago, limit);
            }
            Operation::ContinueInventory { which, limit } => return self.continue_inventory(which, limit),
            Operation::DescribeJob { which } => return self.describe_job(which),
            Operation::GetOutput { which, range } => return self.get_output(which, range),
            Operation::List { what, limit, from } => return self.list(what, limit, from).map(|_| ()),
            ref other => return self.perform_setting(other),
        }
        Ok(())
    }

    /// Sends a request about a vault; `rest` follows its name in the path.
    pub(crate) fn send(
        &mut self,
        vault: usize,
        method: Method,
        rest: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Check<Response> {
        let (place, name) = VAULTS[vault];
        let is_denied = self.reference.is_denied(vault, method, rest, query);
        let response = self.send_to(place, "-", &Call { method, path: &format!("/vaults/{name}{rest}"), query, headers, body })?;
        Ok(Response { is_denied, ..response })
    }

    pub(crate) fn send_to(&mut self, place: usize, account: &str, call: &Call<'_>) -> Check<Response> {
        let response = RUNTIME.with(|runtime| {
            let runtime = runtime.get_or_init(|| tokio::runtime::Builder::new_current_thread().build().unwrap());
            self.service.send(runtime, place, account, call)
        });
        let response = response?;
        *self.tally.entry((self.operation.clone(), response.status)).or_default() += 1;
        let Call { method, path, query, headers, body } = call;
        let _written = write!(self.log, "    {} {account}{} {query}", method.as_str(), shortened(path));
        for (name, value) in headers.iter().filter(|(name, _)| !name.ends_with("sha256")) {
            let _written = write!(self.log, " {name}: {}", shortened(value));
        }
        if !body.is_empty() {
            let text = std::str::from_utf8(body).ok().filter(|text| text.starts_with('{')).map(shortened);
            let _written = write!(self.log, " {}", text.unwrap_or_else(|| format!("({} bytes)", body.len())));
        }
        let _written = writeln!(self.log, " -> {} {} ({} bytes)", response.status, response.code, response.body.len());
        Ok(response)
    }

    pub(crate) fn advance(&mut self, millis: u64) {
        self.service.advance(millis);
        self.reference.now += millis;
        self.reference.let_time_pass();
        let _written = writeln!(self.log, "    it is {}", date(self.reference.now));
    }

    fn advance_to(&mut self, which: Which, just_before: bool) {
        let deadlines = self.reference.deadlines();
        if let Some(deadline) = deadlines.get(usize::from(which) % deadlines.len().max(1)) {
            self.advance(deadline - u64::from(just_before) - self.reference.now);
        }
    }

    /// The vault at this place in the list of all, if it exists.
    pub(crate) fn vault(&mut self, vault: usize) -> Option<&mut Vault> {
        self.reference.vaults[vault].as_mut()
    }

    pub(crate) fn pick_archive(&self, which: Which) -> Made {
        let reference = &self.reference;
        pick(reference.archives.iter(), which, |made| reference.find_archive(made, made.vault).is_some())
    }

    pub(crate) fn pick_upload(&self, which: Which) -> Made {
        let uploads = |made: &Made| self.reference.vaults[made.vault].iter().flat_map(|vault| &vault.uploads);
        let is_open = |made: &Made| uploads(made).any(|upload| upload.id == made.id && upload.ended.is_none());
        pick(self.reference.uploads.iter(), which, is_open)
    }

    pub(crate) fn pick_job(&self, which: Which) -> Made {
        self.pick_of_jobs(which, |_| true)
    }

    /// An inventory with a limit, where there is one.
    pub(crate) fn pick_limited(&self, which: Which) -> Made {
        self.pick_of_jobs(which, |job| matches!(&job.work, Work::Inventory(listing) if listing.limit.is_some()))
    }

    fn pick_of_jobs(&self, which: Which, is_meant: impl Fn(&Job) -> bool) -> Made {
        let now = self.reference.now;
        let jobs = |made: &Made| self.reference.vaults[made.vault].iter().flat_map(|vault| &vault.jobs);
        let is_there = |made: &Made| jobs(made).any(|job| job.id == made.id && job.done.latest + DAY > now && is_meant(job));
        pick(self.reference.jobs.iter(), which, is_there)
    }

    pub(crate) fn pick_lock(&self, which: Which) -> Made {
        let locks = |made: &Made| self.reference.vaults[made.vault].iter().flat_map(|vault| &vault.lock);
        pick(self.reference.locks.iter(), which, |made| locks(made).any(|lock| lock.id == made.id))
    }

    /// Learns of an inventory that may have been taken by now, before something depends on it.
    pub(crate) fn settle(&mut self, vault: usize) -> Check {
        let now = self.reference.now;
        match self.reference.vaults[vault].as_ref().and_then(|vault| vault.inventory_due) {
            Some(due) if due.earliest <= now => self.describe_vault(vault),
            _ => Ok(()),
        }
    }

    /// Compares the document of a vault, learning when its inventory was taken.
    pub(crate) fn check_vault(&mut self, vault: usize, mut document: Value) -> Check {
        let (now, time) = (self.reference.now, self.reference.time);
        let number = vault;
        let vault = self.vault(vault).ok_or("a vault that does not exist")?;
        let taken = document.as_object_mut().and_then(|members| members.remove("LastInventoryDate"));
        let taken = taken.map(|taken| parse(taken.as_str().unwrap_or_default())).transpose()?;
        let is_new =
            taken.is_some_and(|taken| vault.inventory.as_ref().is_none_or(|last| time != Time::Instant && taken > last.taken.1));
        if is_new {
            let (taken, mut due) = (taken.unwrap_or_default(), vault.inventory_due.take().ok_or("an inventory without a write")?);
            due.was(taken)?;
            vault.inventory = Some(Inventory { taken: (taken, taken), archives: vault.archives.clone() });
        } else if vault.inventory_due.is_some_and(|due| !due.may_be_ahead(now)) {
            return Err(format!(
                "the inventory is overdue, which was due by {:?}",
                vault.inventory_due.map(|due| date(due.latest))
            ));
        } else if let Some(due) = &mut vault.inventory_due {
            due.is_ahead(now)?;
        }
        match (&vault.inventory, taken) {
            (None, None) => {}
            (Some(last), Some(taken)) if (last.taken.0..=last.taken.1.min(now)).contains(&taken) => {}
            (_, taken) => return Err(format!("another LastInventoryDate is expected than {:?}", taken.map(date))),
        }
        same(&document, &vault.document(number))
    }

    /// Describes, lists and downloads what there is.
    fn look_at_everything(&mut self) -> Check {
        for vault in 0..VAULTS.len() {
            self.describe_vault(vault)?;
            if self.vault(vault).is_some() {
                let of = u8::try_from(vault).unwrap_or_default();
                self.list_all(List::Uploads { vault: of })?;
                self.list_all(List::Jobs { vault: of, status: None, completed: None })?;
                self.look_at_settings(of)?;
            }
        }
        self.list_all(List::Vaults { place: 0 })?;
        for which in 0..self.reference.jobs.len().min(6) {
            self.get_output(u8::try_from(which).unwrap_or_default(), OutputRange::Whole)?;
        }
        Ok(())
    }
}

/// The one that is meant: of those that are there, if any is, or of all that were ever made.
fn pick<'m>(made: impl Iterator<Item = &'m Made> + Clone, which: Which, is_there: impl Fn(&Made) -> bool) -> Made {
    let there: Vec<&Made> = made.clone().filter(|made| which < ANY && is_there(made)).collect();
    let all: Vec<&Made> = if there.is_empty() { made.filter(|_| which != NEVER).collect() } else { there };
    let picked = all.iter().rev().nth(usize::from(which % ANY) % all.len().max(1));
    picked.map_or_else(|| Made { id: NOBODY.to_owned(), vault: 0 }, |made| (*made).clone())
}

/// Whether the operation was done: with this status, unless one of these errors must come instead. What a policy denies is denied, or refused
/// for what can be seen without the vault.
pub(crate) fn done(response: &Response, status: u16, refusals: &[Refusal]) -> Check<bool> {
    let is_success = response.status == status;
    let refusal = (response.status, response.code.as_str());
    let is_refusal = refusals.contains(&refusal);
    if response.is_denied {
        let is_denied = refusal == DENIED || refusal.0 == 400 && is_refusal;
        return if is_denied { Ok(false) } else { Err(format!("a policy denies it; the response: {}", response.status)) };
    }
    match (refusals.is_empty(), is_success, is_refusal) {
        (true, true, _) => Ok(true),
        (false, _, true) => Ok(false),
        (true, ..) => Err(format!("{status} is expected; the response: {}", String::from_utf8_lossy(&response.body))),
        (false, ..) => Err(format!("an error is expected: {refusals:?}")),
    }
}

pub(crate) fn same(found: &Value, expected: &Value) -> Check {
    if found == expected { Ok(()) } else { Err(format!("found    {found}\nexpected {expected}")) }
}

/// Ids and hashes cut to their first characters.
fn shortened(text: &str) -> String {
    let is_of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_of_id) {
        let end = rest[start..].find(|c| !is_of_id(c)).map_or(rest.len(), |end| start + end);
        let word = &rest[start..end];
        shown.push_str(&rest[..start]);
        shown.push_str(if word.len() > 50 { &word[..8] } else { word });
        rest = &rest[end..];
    }
    shown + rest
}
