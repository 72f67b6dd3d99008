//! InitiateMultipartUpload, CompleteMultipartUpload, AbortMultipartUpload.
//!
//! Completing copies nothing: the archive's bytes stay in the parts' files, listed under the upload's id. Uploads that are over are
//! remembered as long as their vault, so completing or aborting them once more gives the same answer; open ones do not expire.

use glacier_core::PartSize;

use super::answer::Answer;
use super::call::Call;
use super::leaves::archive_tree;
use super::records::{Archive, Piece, Upload, UploadState};
use super::refuse::Refused;
use super::tables::{ARCHIVES, PIECES, Records, UPLOADS, VAULTS, save};
use super::{Inner, archives, check, ids, pieces, vaults};

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

/// The upload in the path, in a vault that exists; it must not be over.
pub(super) fn find_open(inner: &Inner, call: &Call) -> Result<Upload, Refused> {
    inner.store.read(|transaction| {
        vaults::find(&transaction.open_table(VAULTS)?, call)?;
        open(&transaction.open_table(UPLOADS)?, call)
    })
}

/// The upload in the path, which must not be over.
pub(super) fn open(uploads: &impl Records<(&'static str, &'static str)>, call: &Call) -> Result<Upload, Refused> {
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
