//! CreateVault, DescribeVault, DeleteVault.

use glacier_core::Method;

use crate::reference::{ListName, VAULTS, Vault};
use crate::run::{Check, DENIED, INVALID, NOT_FOUND, Run, done};
use crate::service::{Call, PLACES};

impl Run {
    pub(crate) fn create_vault(&mut self, vault: usize) -> Check {
        let response = self.send(vault, Method::Put, "", "", &[], b"")?;
        done(&response, 201, &[])?;
        let (place, name) = VAULTS[vault];
        if response.required("location")? != format!("/{}/vaults/{name}", PLACES[place].account) {
            return Err(format!("another Location: {:?}", response.header("location")));
        }
        if self.vault(vault).is_none() {
            let number = self.reference.next();
            self.reference.vaults[vault] = Some(Vault::new(number, self.reference.now));
        }
        Ok(())
    }

    pub(crate) fn describe_vault(&mut self, vault: usize) -> Check {
        let response = self.send(vault, Method::Get, "", "", &[], b"")?;
        let errors = if self.vault(vault).is_none() { vec![NOT_FOUND] } else { vec![] };
        if done(&response, 200, &errors)? { self.check_vault(vault, response.json()?) } else { Ok(()) }
    }

    /// What another account has is not the caller's to see.
    pub(crate) fn describe_foreign_vault(&mut self, vault: usize) -> Check {
        let (place, name) = VAULTS[vault];
        let other = PLACES[(place + 2) % PLACES.len()].account;
        let path = format!("/vaults/{name}");
        let response =
            self.send_to(place, other, &Call { method: Method::Get, path: &path, query: "", headers: &[], body: b"" })?;
        done(&response, 200, &[DENIED]).map(|_| ())
    }

    /// A vault can be deleted when its last inventory found it empty, and nothing was written since.
    pub(crate) fn delete_vault(&mut self, vault: usize) -> Check {
        self.settle(vault)?;
        let was_there = self.reference.former.contains(&vault);
        let errors = match self.vault(vault) {
            None if was_there => vec![],
            None => vec![NOT_FOUND],
            Some(there)
                if there.inventory_due.is_some() || there.inventory.as_ref().is_some_and(|last| !last.archives.is_empty()) =>
            {
                vec![INVALID]
            }
            Some(_) => vec![],
        };
        let response = self.send(vault, Method::Delete, "", "", &[], b"")?;
        if done(&response, 204, &errors)?
            && let Some(gone) = self.reference.vaults[vault].take()
        {
            self.reference.former.insert(vault);
            let uploads: Vec<String> = gone.uploads.into_iter().map(|upload| upload.id).collect();
            self.reference.markers.retain(|marker| match &marker.list {
                ListName::Uploads { vault } | ListName::Jobs { vault } => *vault != gone.number,
                ListName::Parts { upload } => !uploads.contains(upload),
                ListName::Vaults { .. } => true,
            });
        }
        Ok(())
    }
}
