//! InitiateJob: what can be asked for, and what becomes of it.
//!
//! A job is done at the next look: its time is set when it begins and nothing is left to do when it has come. An inventory is
//! written when its job begins, so it lists what there was then.

use glacier_core::{ByteRange, Description, ErrorCode, LEAF_SIZE, PartSize, Timestamp};
use redb::WriteTransaction;
use serde::Deserialize;

use super::answer::Answer;
use super::call::Call;
use super::check::number;
use super::inventory;
use super::leaves::range_tree;
use super::phase::Phase;
use super::pieces;
use super::records::{Inventory, Job, Retrieval, Work};
use super::refuse::Refused;
use super::tables::{ARCHIVES, BLOBS, JOB_ORDER, JOBS, PIECES, VAULTS, save};
use super::{Inner, archives, ids, vaults};

/// The body of InitiateJob. Empty texts, which some callers send, count as absent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameters {
    r#type: Option<String>,
    archive_id: Option<String>,
    retrieval_byte_range: Option<String>,
    tier: Option<String>,
    format: Option<String>,
    description: Option<String>,
    #[serde(rename = "SNSTopic")]
    sns_topic: Option<String>,
    inventory_retrieval_parameters: Option<InventoryParameters>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InventoryParameters {
    start_date: Option<String>,
    end_date: Option<String>,
    limit: Option<String>,
    marker: Option<String>,
}

pub(super) fn initiate(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let parameters: Parameters = serde_json::from_slice(&call.body).map_err(|error| {
        Refused::new(ErrorCode::Serialization, format!("The job parameters are not the JSON expected: {error}"))
    })?;
    let description = given(&parameters.description).map(str::to_owned);
    if let Some(text) = &description {
        Description::try_from(text.as_str()).map_err(|error| Refused::invalid(format!("Invalid job description: {error}")))?;
    }
    let id = ids::upload_or_job()?;
    let job = |work| Job {
        created: call.now,
        done: call.now,
        description: description.clone(),
        sns_topic: given(&parameters.sns_topic).map(str::to_owned),
        work,
    };
    match given(&parameters.r#type) {
        Some("archive-retrieval") => {
            let work = Work::Archive(retrieval(inner, call, &parameters)?);
            inner.change(call, |transaction| add(transaction, call, &id, &job(work)))?;
        }
        Some("inventory-retrieval") => {
            let wanted = wanted(&parameters)?;
            inner.tell(call, Phase::Body);
            let (received, next) = inventory::write(inner, call, &wanted)?;
            let inventory::Wanted { format, start_date, end_date, limit, .. } = wanted;
            received.record(inner, call, |transaction, piece| {
                let (blob, size) = (piece.blob, piece.size);
                let inventory = Inventory { format, start_date, end_date, limit, next, blob, size };
                add(transaction, call, &id, &job(Work::Inventory(inventory)))
            })?;
        }
        Some(other) => {
            let known = "archive-retrieval or inventory-retrieval";
            return Err(Refused::invalid(format!("Invalid job type: {other}. The type is {known}")));
        }
        None => return Err(Refused::missing("Type")),
    }
    Ok(Answer::empty(202).with("Location", call.location(&["jobs", &id])).with("x-amz-job-id", id))
}

fn add(transaction: &WriteTransaction, call: &Call, id: &str, job: &Job) -> Result<(), Refused> {
    vaults::find(&transaction.open_table(VAULTS)?, call)?;
    save(&mut transaction.open_table(JOBS)?, (&call.vault, id), job)?;
    transaction.open_table(JOB_ORDER)?.insert((call.vault.as_str(), job.created.0, id), ())?;
    Ok(())
}

/// A retrieval of an archive that exists, and of a range that is aligned to MiB.
fn retrieval(inner: &Inner, call: &Call, parameters: &Parameters) -> Result<Retrieval, Refused> {
    let id = given(&parameters.archive_id).ok_or_else(|| Refused::missing("ArchiveId"))?;
    if given(&parameters.format).is_some() || parameters.inventory_retrieval_parameters.is_some() {
        return Err(Refused::invalid("Format and InventoryRetrievalParameters are for inventory-retrieval jobs only"));
    }
    let tier = given(&parameters.tier).unwrap_or("Standard");
    if !matches!(tier, "Expedited" | "Standard" | "Bulk") {
        return Err(Refused::invalid(format!("Invalid tier: {tier}. The tier is Expedited, Standard or Bulk")));
    }
    inner.store.read(|transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let archive = archives::find(&transaction.open_table(ARCHIVES)?, call, id)?;
        let size = archive.size;
        let range = match given(&parameters.retrieval_byte_range) {
            Some(text) => aligned(text, size)?,
            None => whole(size)?,
        };
        let range_tree = if range == whole(size)? {
            Some(archive.tree)
        } else if range.is_tree_hash_aligned(size) {
            let pieces = pieces::list(&transaction.open_table(PIECES)?, &archive.body)?;
            let blobs = transaction.open_table(BLOBS)?;
            Some(range_tree(range, archive.part_size()?, &pieces, |piece| pieces::leaves(&blobs, piece))?)
        } else {
            None
        };
        Ok(Retrieval {
            archive: id.to_owned(),
            tier: tier.to_owned(),
            size,
            tree: archive.tree,
            first: range.first(),
            last: range.last(),
            range_tree: range_tree.map(|hash| hash.to_string()),
        })
    })
}

fn whole(size: u64) -> Result<ByteRange, Refused> {
    ByteRange::with_length(0, size).map_err(|error| Refused::unavailable(format!("A record of the store is damaged: {error}")))
}

fn aligned(text: &str, size: u64) -> Result<ByteRange, Refused> {
    let range =
        ByteRange::parse(text).ok_or_else(|| Refused::invalid(format!("Invalid RetrievalByteRange: {text}. The form is A-B")))?;
    if range.last() >= size {
        return Err(Refused::invalid(format!("Invalid RetrievalByteRange: {text}. The archive ends at byte {}", size - 1)));
    }
    if !range.is_mib_aligned(size) {
        return Err(Refused::invalid(format!(
            "Invalid RetrievalByteRange: {text}. A range starts at a multiple of {} ({LEAF_SIZE}) and ends one byte before one, or with \
             the archive at byte {}",
            PartSize::MIN,
            size - 1
        )));
    }
    Ok(range)
}

/// What an inventory is asked for.
fn wanted(parameters: &Parameters) -> Result<inventory::Wanted, Refused> {
    if given(&parameters.archive_id).is_some() || given(&parameters.retrieval_byte_range).is_some() {
        return Err(Refused::invalid("ArchiveId and RetrievalByteRange are for archive-retrieval jobs only"));
    }
    let format = given(&parameters.format).unwrap_or("JSON");
    if !matches!(format, "JSON" | "CSV") {
        return Err(Refused::invalid(format!("Invalid format: {format}. The format is CSV or JSON")));
    }
    let none = InventoryParameters::default();
    let asked = parameters.inventory_retrieval_parameters.as_ref().unwrap_or(&none);
    let date = |name: &str, text: &Option<String>| match given(text) {
        Some(text) if Timestamp::parse_iso(text).is_none() => {
            Err(Refused::invalid(format!("Invalid {name}: {text}. The form is 2013-03-20T17:03:43Z")))
        }
        text => Ok(text.map(str::to_owned)),
    };
    let limit = given(&asked.limit).map(|text| {
        let limit = number(text).filter(|limit| *limit > 0);
        limit.ok_or_else(|| Refused::invalid(format!("Invalid Limit: {text}. The limit is a whole number of at least 1")))
    });
    Ok(inventory::Wanted {
        format: format.to_owned(),
        start_date: date("StartDate", &asked.start_date)?,
        end_date: date("EndDate", &asked.end_date)?,
        limit: limit.transpose()?,
        marker: given(&asked.marker).map(str::to_owned),
    })
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}
