//! ListMultipartUploads, and how an upload is shown.

use serde::Serialize;

use super::answer::Answer;
use super::call::Call;
use super::page::page;
use super::records::{Upload, UploadState};
use super::refuse::Refused;
use super::tables::{UPLOADS, VAULTS, of_vault};
use super::{Inner, vaults};

/// The uploads that are open, in the order of their ids.
pub(super) fn list(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        marker: Option<String>,
        uploads_list: Vec<Shown>,
    }
    let limit = call.query.limit(50)?;
    let (uploads_list, marker) = inner.store.read(|transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let after = call.query.marker().unwrap_or_default();
        let uploads = transaction.open_table(UPLOADS)?;
        let rows = of_vault::<Upload>(&uploads, &call.vault, after)?;
        let rows = rows.filter(|row| row.as_ref().map_or(true, |(_, upload)| upload.state == UploadState::Open));
        page(limit, rows, |(id, _)| id.clone(), |(id, upload)| show(call, &id, &upload))
    })?;
    Answer::json(&Page { marker, uploads_list })
}

/// An upload as the service shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Shown {
    archive_description: Option<String>,
    creation_date: String,
    multipart_upload_id: String,
    part_size_in_bytes: u64,
    #[serde(rename = "VaultARN")]
    vault_arn: String,
}

pub(super) fn show(call: &Call, id: &str, upload: &Upload) -> Shown {
    Shown {
        archive_description: Some(upload.description.clone()).filter(|text| !text.is_empty()),
        creation_date: upload.created.to_string(),
        multipart_upload_id: id.to_owned(),
        part_size_in_bytes: upload.part_size,
        vault_arn: call.arn(),
    }
}
