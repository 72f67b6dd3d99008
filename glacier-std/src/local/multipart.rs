//! Multipart uploads: initiate, take parts, list, complete, abort.
//!
//! Completing copies nothing: the archive's bytes stay in the parts' files, listed under the upload's id. Uploads that are over are
//! remembered as long as their vault, so completing or aborting them once more gives the same answer; open ones do not expire.

use std::ops::Bound;
use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::PartSize;
use glacier_core::range::MAX_PARTS;
use serde::Serialize;

use super::answer::Answer;
use super::archives;
use super::call::Call;
use super::check::number;
use super::leaves::archive_tree;
use super::page::page;
use super::receive::{Failure, receive};
use super::records::{Archive, Piece, Upload, UploadState};
use super::refuse::Refused;
use super::store::{ARCHIVES, BLOBS, PIECES, Records, UPLOADS, VAULTS, save};
use super::{Inner, blocking, check, ids, pieces, vaults};

pub(super) fn initiate(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let upload = Upload {
        created: call.now,
        description: check::description(&call.headers)?,
        part_size: check::part_size(&call.headers)?.bytes(),
        state: UploadState::Open,
    };
    let id = ids::upload_or_job()?;
    inner.change(call, |transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        save(&mut transaction.open_table(UPLOADS)?, (&call.vault, &id), &upload)
    })?;
    Ok(Answer::empty(201).with("Location", call.location(&["multipart-uploads", &id])).with("x-amz-multipart-upload-id", id))
}

pub(super) async fn upload_part<B: Read>(
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

/// Makes the archive, or refuses and leaves the upload open.
pub(super) fn complete(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let size = check::archive_size(&call.headers)?;
    let tree = check::tree_hash(&call.headers)?;
    let new_id = ids::archive()?;
    inner.change(call, |transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let mut uploads = transaction.open_table(UPLOADS)?;
        let upload: Upload = uploads.load((&call.vault, &call.id))?.ok_or_else(|| not_found(call))?;
        let archive = Archive {
            created: call.now,
            description: upload.description.clone(),
            size,
            tree,
            body: call.id.clone(),
            part_size: upload.part_size,
        };
        match &upload.state {
            UploadState::Aborted => return Err(not_found(call)),
            UploadState::Completed { archive: id } => {
                let table = transaction.open_table(ARCHIVES)?;
                let made: Archive = table.load((&call.vault, id))?.ok_or_else(|| not_found(call))?;
                compare(&archive, &made)?;
                return Ok(archives::receipt(call, id, &made));
            }
            UploadState::Open => {}
        }
        let part_size = archive.part_size()?;
        let parts = pieces::list(&transaction.open_table(PIECES)?, &call.id)?;
        let made = Archive {
            size: whole_size(part_size, &parts)?,
            tree: archive_tree(part_size, parts.iter().map(|(_, part)| part))?,
            ..archive.clone()
        };
        compare(&archive, &made)?;
        archives::add(transaction, call, &new_id, &made)?;
        let state = UploadState::Completed { archive: new_id.clone() };
        save(&mut uploads, (&call.vault, &call.id), &Upload { state, ..upload })?;
        Ok(archives::receipt(call, &new_id, &made))
    })
}

/// The bytes of all parts, which must follow each other without a gap, all of the part size but the last.
fn whole_size(part_size: PartSize, parts: &[(u64, Piece)]) -> Result<u64, Refused> {
    let mut end = 0;
    for (first, part) in parts {
        if *first != end {
            return Err(Refused::invalid(format!("Missing part: bytes {end}-{} were not uploaded", first - 1)));
        }
        end += part.size;
        let is_last = parts.last().is_some_and(|(last, _)| last == first);
        if part.size != part_size.bytes() && !is_last {
            return Err(Refused::invalid(format!(
                "Invalid part: bytes {first}-{} are shorter than the part size {} and not the last part",
                end - 1,
                part_size.bytes()
            )));
        }
    }
    if end == 0 { Err(Refused::invalid("No part was uploaded: an archive has at least 1 byte")) } else { Ok(end) }
}

fn compare(announced: &Archive, made: &Archive) -> Result<(), Refused> {
    if announced.size != made.size {
        let (ours, theirs) = (made.size, announced.size);
        return Err(Refused::invalid(format!("Invalid x-amz-archive-size: {theirs}. The uploaded parts have {ours} bytes")));
    }
    if announced.tree != made.tree {
        return Err(Refused::invalid(format!("Checksum mismatch: expected {}, computed {}", announced.tree, made.tree)));
    }
    Ok(())
}

/// Gives the upload up. It is no error to do so again, but one when it was completed.
pub(super) fn abort(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let removed = inner.change(call, |transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let mut uploads = transaction.open_table(UPLOADS)?;
        let upload: Upload = uploads.load((&call.vault, &call.id))?.ok_or_else(|| not_found(call))?;
        if let UploadState::Completed { .. } = upload.state {
            return Err(not_found(call));
        }
        save(&mut uploads, (&call.vault, &call.id), &Upload { state: UploadState::Aborted, ..upload })?;
        pieces::remove(transaction, &call.id)
    })?;
    inner.blobs.remove(&removed);
    Ok(Answer::empty(204))
}

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
        let uploads = transaction.open_table(UPLOADS)?;
        let vault = call.vault.as_str();
        let after = Bound::Excluded((vault, call.query.marker().unwrap_or_default()));
        let mut rows = uploads.range::<(&str, &str)>((after, Bound::Unbounded))?;
        let open = std::iter::from_fn(|| {
            rows.by_ref()
                .map(|row| {
                    let (key, record) = row?;
                    let (of, id) = key.value();
                    let upload: Upload = serde_json::from_slice(record.value())?;
                    Ok::<_, Refused>((of == vault, id.to_owned(), upload))
                })
                .find(|row| row.as_ref().map_or(true, |(ours, _, upload)| !ours || upload.state == UploadState::Open))
        });
        let ours = open.take_while(|row| row.as_ref().map_or(true, |(ours, ..)| *ours));
        let rows = ours.map(|row| row.map(|(_, id, upload)| (id, upload)));
        page(limit, rows, |(id, _)| id.clone(), |(id, upload)| show(call, &id, &upload))
    })?;
    Answer::json(&Page { marker, uploads_list })
}

pub(super) fn list_parts(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
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

/// An upload as the service shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    archive_description: Option<String>,
    creation_date: String,
    multipart_upload_id: String,
    part_size_in_bytes: u64,
    #[serde(rename = "VaultARN")]
    vault_arn: String,
}

fn show(call: &Call, id: &str, upload: &Upload) -> Shown {
    Shown {
        archive_description: Some(upload.description.clone()).filter(|text| !text.is_empty()),
        creation_date: upload.created.to_string(),
        multipart_upload_id: id.to_owned(),
        part_size_in_bytes: upload.part_size,
        vault_arn: call.arn(),
    }
}

/// The upload in the path, in a vault that exists; it must not be over.
fn find_open(inner: &Inner, call: &Call) -> Result<Upload, Refused> {
    inner.store.read(|transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        open(&transaction.open_table(UPLOADS)?, call)
    })
}

fn open(uploads: &impl Records<(&'static str, &'static str)>, call: &Call) -> Result<Upload, Refused> {
    let upload: Option<Upload> = uploads.load((&call.vault, &call.id))?;
    upload.filter(|upload| upload.state == UploadState::Open).ok_or_else(|| not_found(call))
}

fn not_found(call: &Call) -> Refused {
    Refused::not_found(format!("The upload ID was not found: {}", call.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::TreeHash;

    fn sizes(parts: &[(u64, u64)]) -> Result<u64, String> {
        let piece = |size| Piece { blob: 0.into(), size, tree: TreeHash::from_bytes([0; 32]) };
        let parts: Vec<(u64, Piece)> = parts.iter().map(|(first, size)| (*first, piece(*size))).collect();
        whole_size(PartSize::MIN, &parts).map_err(|refused| refused.message)
    }

    #[test]
    fn parts_must_make_a_whole() {
        const M: u64 = 1 << 20;
        assert_eq!(sizes(&[(0, M), (M, M), (2 * M, 5)]), Ok(2 * M + 5));
        assert_eq!(sizes(&[(0, M)]), Ok(M));
        assert!(sizes(&[]).unwrap_err().starts_with("No part"));
        assert_eq!(sizes(&[(M, M)]).unwrap_err(), "Missing part: bytes 0-1048575 were not uploaded");
        assert_eq!(sizes(&[(0, M), (2 * M, 5)]).unwrap_err(), "Missing part: bytes 1048576-2097151 were not uploaded");
        assert!(
            sizes(&[(0, 7), (M, M)]).unwrap_err().starts_with("Invalid part: bytes 0-6 are shorter than the part size 1048576")
        );
    }
}
