//! UploadMultipartPart and ListParts.

use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::values::MAX_PARTS;
use serde::Serialize;

use super::answer::Answer;
use super::call::Call;
use super::check::number;
use super::multipart::{find_open, open};
use super::page::page;
use super::receive::{Failure, receive};
use super::records::Piece;
use super::refuse::Refused;
use super::tables::{BLOBS, PIECES, Records, UPLOADS, save};
use super::uploads::{Shown, show};
use super::{Inner, blocking, check};

pub(super) async fn upload<B: Read>(
    inner: &Arc<Inner>,
    call: Arc<Call>,
    size: Option<u64>,
    body: &mut B,
) -> Result<Answer, Failure<B::Error>> {
    let announced = check::announced(&call.headers, size)?;
    let range = check::part_range(&call.headers, announced.size)?;
    blocking(inner, &call, move |inner, call| {
        let part_size = find_open(inner, call)?.part_size;
        let (first, last) = (range.first(), range.last());
        if !first.is_multiple_of(part_size) || range.len() > part_size {
            return Err(Refused::invalid(format!(
                "Invalid Content-Range: bytes {range}/*. A part starts at a multiple of the part size and has at most {part_size} bytes"
            )));
        }
        if last >= part_size * MAX_PARTS {
            return Err(Refused::invalid(format!(
                "Invalid Content-Range: bytes {range}/*. An upload has at most {MAX_PARTS} parts, here of {part_size} bytes"
            )));
        }
        Ok(())
    })
    .await?;
    let received = receive(inner, &call, &announced, body).await?;
    let answer = blocking(inner, &call, move |inner, call| {
        let replaced = received.record(inner, call, |transaction, piece| {
            // It may have ended while the part was on its way.
            open(&transaction.open_table(UPLOADS)?, call)?;
            let mut table = transaction.open_table(PIECES)?;
            let key = (call.id.as_str(), range.first());
            let replaced: Option<Piece> = table.load(key)?;
            save(&mut table, key, piece)?;
            if let Some(replaced) = &replaced {
                transaction.open_table(BLOBS)?.remove(replaced.blob.number())?;
            }
            Ok(replaced)
        })?;
        inner.blobs.remove(&replaced.map(|piece| piece.blob).into_iter().collect::<Vec<_>>());
        Ok(Answer::empty(204).with("x-amz-sha256-tree-hash", announced.tree.to_string()))
    });
    Ok(answer.await?)
}

pub(super) fn list(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        #[serde(flatten)]
        upload: Shown,
        marker: Option<String>,
        parts: Vec<Part>,
    }
    #[derive(Serialize)]
    struct Part {
        #[serde(rename = "RangeInBytes")]
        range: String,
        #[serde(rename = "SHA256TreeHash")]
        tree: String,
    }
    let limit = call.query.limit(50)?;
    // A marker is the first byte of the next part.
    let from =
        call.query.marker().map(|marker| number(marker).ok_or_else(|| Refused::invalid(format!("Invalid marker: {marker}"))));
    let from = from.transpose()?.unwrap_or(0);
    let upload = find_open(inner, call)?;
    let (parts, marker) = inner.store.read(|transaction| {
        let table = transaction.open_table(PIECES)?;
        let id = call.id.as_str();
        let rows = table.range((id, from)..=(id, u64::MAX))?.map(|row| {
            let (key, record) = row?;
            let part: Piece = serde_json::from_slice(record.value())?;
            Ok((key.value().1, part))
        });
        page(
            limit,
            rows,
            |(first, part)| (first + part.size).to_string(),
            |(first, part)| Part { range: format!("{first}-{}", first + part.size - 1), tree: part.tree.to_string() },
        )
    })?;
    Answer::json(&Page { upload: show(call, &call.id, &upload), marker, parts })
}
