//! Inventories in CSV and JSON, read archive by archive through 4 KiB.

use std::convert::Infallible;

use glacier_core::inventory::{CsvInventory, InventoryItem, JsonInventory};
use glacier_core::testing::block_on;
use glacier_core::{Entry, Error};
use serde_json::{Value, json};

use super::{NotPassed, Outcome, same, text};
use crate::pieces::Pieces;
use crate::vectors;

pub(super) fn replay(case: &Value) -> Outcome {
    let body = vectors::body(&case["body"])?.unwrap_or_default();
    let mut read = Read::default();
    let outcome = match text(case, "format")? {
        "CSV" => block_on(csv(&body, &mut read)),
        "JSON" => block_on(read_json(&body, &mut read)),
        other => return Err(NotPassed::Failed(format!("this program does not know the format {other}"))),
    };
    outcome.map_err(|error| error.to_string())?;
    let expected = case["records"].as_array().ok_or_else(|| "the case has no records".to_string())?;
    same("records", &read.records, expected)?;
    same("vault ARN", read.vault_arn.as_deref(), case["vault_arn"].as_str())?;
    same("inventory date", read.inventory_date.as_deref(), case["inventory_date"].as_str())?;
    Ok(vec![])
}

#[derive(Default)]
struct Read {
    records: Vec<Value>,
    vault_arn: Option<String>,
    inventory_date: Option<String>,
}

async fn csv(body: &[u8], read: &mut Read) -> Result<(), Error<Infallible>> {
    let mut buf = [0; 4096];
    let mut inventory = CsvInventory::new(Pieces::new(body, &[1, 4, 13, 40, 121]), &mut buf);
    while let Some(item) = inventory.next().await? {
        read.records.push(record(&item));
    }
    Ok(())
}

async fn read_json(body: &[u8], read: &mut Read) -> Result<(), Error<Infallible>> {
    let mut buf = [0; 4096];
    let mut inventory = JsonInventory::new(Pieces::new(body, &[1, 4, 13, 40, 121]), &mut buf);
    while let Some(entry) = inventory.next_entry().await? {
        match entry {
            Entry::Item(item) => read.records.push(record(&item)),
            Entry::Member("VaultARN", value) => read.vault_arn = value.text()?.map(|text| text.to_string()),
            Entry::Member("InventoryDate", value) => read.inventory_date = value.text()?.map(|text| text.to_string()),
            Entry::Member(..) => {}
        }
    }
    Ok(())
}

fn record(item: &InventoryItem<'_>) -> Value {
    let field = |field: Option<glacier_core::inventory::Field<'_>>| field.map(|field| field.to_string());
    json!({
        "ArchiveId": field(item.archive_id),
        "ArchiveDescription": field(item.description),
        "CreationDate": field(item.creation_date),
        "Size": item.size,
        "SHA256TreeHash": field(item.sha256_tree_hash),
    })
}
