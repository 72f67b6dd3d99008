//! UploadArchive and DeleteArchive.

use std::rc::Rc;

use glacier_core::Method;

use crate::bytes::{SIZES, TEXTS, data, linear, tree};
use crate::operations::{Flaw, Which};
use crate::reference::{Archive, Made, VAULTS};
use crate::run::{Check, INVALID, NOT_FOUND, Refusal, Run, done};
use crate::service::{PLACES, Response};

/// The headers of a body: its hashes, or others where it has a flaw; and the errors of that.
pub(crate) fn announce(bytes: &mut Vec<u8>, flaw: Flaw) -> (String, String, Vec<Refusal>) {
    if flaw == Flaw::Empty {
        bytes.clear();
    }
    let other = b"other";
    let linear = linear(if flaw == Flaw::LinearHash { other } else { bytes });
    let tree = tree(if flaw == Flaw::TreeHash { other } else { bytes });
    (linear, tree, if flaw == Flaw::None { vec![] } else { vec![INVALID] })
}

impl Run {
    pub(crate) fn upload_archive(&mut self, vault: usize, size: u8, text: u8, flaw: Flaw) -> Check {
        self.settle(vault)?;
        let mut bytes = data(SIZES[usize::from(size)], self.reference.next());
        let (linear, tree, mut errors) = announce(&mut bytes, flaw);
        if self.vault(vault).is_none() {
            errors.push(NOT_FOUND);
        }
        let description = TEXTS[usize::from(text)];
        let mut headers = vec![("x-amz-content-sha256", linear.as_str()), ("x-amz-sha256-tree-hash", tree.as_str())];
        if !description.is_empty() {
            headers.push(("x-amz-archive-description", description));
        }
        let response = self.send(vault, Method::Post, "/archives", "", &headers, &bytes)?;
        if done(&response, 201, &errors)? { self.add_archive(vault, &response, description, bytes).map(|_| ()) } else { Ok(()) }
    }

    /// Adds the archive that a response tells.
    pub(crate) fn add_archive(
        &mut self,
        vault: usize,
        response: &Response,
        description: &str,
        bytes: Vec<u8>,
    ) -> Check<Rc<Archive>> {
        let id = response.required("x-amz-archive-id")?;
        let archive = Rc::new(Archive::new(id, self.reference.now, description, bytes));
        check_created(vault, response, &archive)?;
        if id.len() != 138 || self.reference.archives.iter().any(|made| made.id == id) {
            return Err(format!("not a new id of 138 characters: {id}"));
        }
        self.reference.archives.push(Made { id: id.to_owned(), vault });
        if let Some(vault) = self.vault(vault) {
            vault.archives.push(archive.clone());
        }
        self.reference.written(vault);
        Ok(archive)
    }

    /// It is not an error if it was deleted before, and one if another vault of the same account and region has it.
    pub(crate) fn delete_archive(&mut self, which: Which, in_vault: Option<u8>) -> Check {
        let made = self.pick_archive(which);
        let vault = in_vault.map_or(made.vault, usize::from);
        self.settle(vault)?;
        let is_here = self.reference.find_archive(&made, vault).is_some();
        let is_alive = self.reference.find_archive(&made, made.vault).is_some();
        let errors = match self.vault(vault) {
            None => vec![NOT_FOUND],
            Some(_) if !is_here && is_alive && VAULTS[vault].0 == VAULTS[made.vault].0 => vec![INVALID],
            Some(_) => vec![],
        };
        let response = self.send(vault, Method::Delete, &format!("/archives/{}", made.id), "", &[], b"")?;
        if done(&response, 204, &errors)? && is_here {
            if let Some(vault) = self.vault(vault) {
                vault.archives.retain(|archive| archive.id != made.id);
            }
            self.reference.written(vault);
        }
        Ok(())
    }
}

/// Compares the response for a new archive.
pub(crate) fn check_created(vault: usize, response: &Response, archive: &Archive) -> Check {
    let (place, name) = VAULTS[vault];
    let location = format!("/{}/vaults/{name}/archives/{}", PLACES[place].account, archive.id);
    let found =
        (response.required("x-amz-archive-id")?, response.required("x-amz-sha256-tree-hash")?, response.required("location")?);
    let expected = (archive.id.as_str(), archive.tree.as_str(), location.as_str());
    if found == expected { Ok(()) } else { Err(format!("found    {found:?}\nexpected {expected:?}")) }
}
