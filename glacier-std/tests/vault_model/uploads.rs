//! InitiateMultipartUpload, UploadMultipartPart, CompleteMultipartUpload, AbortMultipartUpload.

use std::collections::BTreeMap;
use std::rc::Rc;

use glacier_core::Method;

use crate::archives::{announce, check_created};
use crate::bytes::{LEAF, TEXTS, data, tree};
use crate::operations::{Announced, Flaw, NEXT, PartBytes, Which};
use crate::reference::{Archive, Ended, Made, Upload};
use crate::run::{Check, INVALID, NOT_FOUND, Run, done};

/// Parts of an upload, at most.
const MAX_PARTS: usize = 10_000;

impl Run {
    pub(crate) fn initiate_upload(&mut self, vault: usize, part_size: u8, text: u8) -> Check {
        let (part_size, description) = (LEAF << part_size, TEXTS[usize::from(text)]);
        let size = part_size.to_string();
        let mut headers = vec![("x-amz-part-size", size.as_str())];
        if !description.is_empty() {
            headers.push(("x-amz-archive-description", description));
        }
        let errors = if self.vault(vault).is_none() { vec![NOT_FOUND] } else { vec![] };
        let response = self.send(vault, Method::Post, "/multipart-uploads", "", &headers, b"")?;
        if done(&response, 201, &errors)? {
            let (id, now, number) =
                (response.required("x-amz-multipart-upload-id")?.to_owned(), self.reference.now, self.reference.next());
            self.reference.uploads.push(Made { id: id.clone(), vault });
            let (description, parts) = (description.to_owned(), BTreeMap::new());
            if let Some(vault) = self.vault(vault) {
                vault.uploads.push(Upload { number, id, created: now, touched: now, part_size, description, parts, ended: None });
            }
        }
        Ok(())
    }

    pub(crate) fn upload_part(&mut self, which: Which, part: u16, bytes: PartBytes, flaw: Flaw) -> Check {
        let made = self.pick_upload(which);
        let (salt, now) = (self.reference.next(), self.reference.now);
        let upload = self.upload(&made).filter(|upload| upload.ended.is_none());
        let part_size = upload.as_ref().map_or(LEAF, |upload| upload.part_size);
        let missing =
            upload.as_ref().map_or(0, |upload| (0..).find(|part| !upload.parts.contains_key(&(part * part_size))).unwrap_or(0));
        let part = if part == NEXT { missing } else { part.into() };
        let (length, shift) = match bytes {
            PartBytes::Full => (part_size, 0),
            PartBytes::Short(length) => (usize::from(length) % (part_size - 1) + 1, 0),
            PartBytes::TooLong => (part_size + 1, 0),
            PartBytes::Misaligned => (1, 1),
        };
        let mut body = data(length, salt);
        let (linear, tree, mut errors) = announce(&mut body, flaw);
        if upload.is_none() {
            errors.push(NOT_FOUND);
        }
        if length > part_size || shift > 0 || part >= MAX_PARTS {
            errors.push(INVALID);
        }
        let first = part * part_size + shift;
        let range = format!("bytes {first}-{}/*", first + body.len().max(1) - 1);
        let headers = [
            ("x-amz-content-sha256", linear.as_str()),
            ("x-amz-sha256-tree-hash", tree.as_str()),
            ("content-range", range.as_str()),
        ];
        let response = self.send(made.vault, Method::Put, &format!("/multipart-uploads/{}", made.id), "", &headers, &body)?;
        if done(&response, 204, &errors)? {
            if response.required("x-amz-sha256-tree-hash")? != tree {
                return Err("another tree hash of the part".into());
            }
            if let Some(upload) = self.upload(&made) {
                upload.parts.insert(first, body);
                upload.touched = now;
            }
        }
        Ok(())
    }

    /// Completing again gives the same response for a day.
    pub(crate) fn complete_upload(&mut self, which: Which, announced: Announced) -> Check {
        let made = self.pick_upload(which);
        self.settle(made.vault)?;
        let now = self.reference.now;
        let upload = self.upload(&made);
        let before: Option<Rc<Archive>> = upload.as_ref().and_then(|upload| upload.ended.as_ref()?.archive.clone());
        let is_open = upload.as_ref().is_some_and(|upload| upload.ended.is_none());
        let whole = match (&before, &upload) {
            (Some(archive), _) => Some(archive.data.clone()),
            (None, Some(upload)) if is_open => upload.whole(),
            _ => None,
        };
        let description = upload.map(|upload| upload.description.clone()).unwrap_or_default();
        let mut errors = match (&before, is_open) {
            (None, false) => vec![NOT_FOUND],
            _ if whole.is_none() => vec![INVALID],
            _ => vec![],
        };
        if announced != Announced::Right {
            errors.push(INVALID);
        }
        let mut bytes = whole.unwrap_or_else(|| vec![1]);
        let tree_hash = tree(if announced == Announced::WrongTree { b"other" } else { &bytes });
        let size = (bytes.len() + usize::from(announced == Announced::WrongSize)).to_string();
        let headers = [("x-amz-archive-size", size.as_str()), ("x-amz-sha256-tree-hash", tree_hash.as_str())];
        let response = self.send(made.vault, Method::Post, &format!("/multipart-uploads/{}", made.id), "", &headers, b"")?;
        if !done(&response, 201, &errors)? {
            return Ok(());
        }
        if let Some(archive) = before {
            return check_created(made.vault, &response, &archive);
        }
        let archive = self.add_archive(made.vault, &response, &description, std::mem::take(&mut bytes))?;
        if let Some(upload) = self.upload(&made) {
            upload.ended = Some(Ended { at: now, archive: Some(archive) });
        }
        Ok(())
    }

    /// Aborting again is not an error for a day; aborting a completed upload is one.
    pub(crate) fn abort_upload(&mut self, which: Which) -> Check {
        let made = self.pick_upload(which);
        let now = self.reference.now;
        let errors = match self.upload(&made).map(|upload| &upload.ended) {
            Some(None | Some(Ended { archive: None, .. })) => vec![],
            Some(Some(Ended { archive: Some(_), .. })) | None => vec![NOT_FOUND],
        };
        let response = self.send(made.vault, Method::Delete, &format!("/multipart-uploads/{}", made.id), "", &[], b"")?;
        if done(&response, 204, &errors)?
            && let Some(upload) = self.upload(&made)
            && upload.ended.is_none()
        {
            upload.ended = Some(Ended { at: now, archive: None });
        }
        Ok(())
    }

    /// An upload that is open, or was ended less than a day ago.
    pub(crate) fn upload(&mut self, made: &Made) -> Option<&mut Upload> {
        self.vault(made.vault)?.uploads.iter_mut().find(|upload| upload.id == made.id)
    }
}
