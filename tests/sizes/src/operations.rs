//! The operations, each with all of its inputs. `run` links those it names with `--cfg operation="NAME"`; `tests/thumb`, which includes this
//! file, links all.

use glacier_core::ops::*;

use crate::board::must;
use crate::inputs::Inputs;
use crate::session::Session;

pub fn all(session: &mut Session, inputs: &Inputs) {
    #[cfg(operation = "UploadArchive")]
    session.upload("UploadArchive", &inputs.upload_archive);
    #[cfg(operation = "DeleteArchive")]
    session.send("DeleteArchive", &DeleteArchive { vault: inputs.vault, archive: inputs.archive });
    vaults(session, inputs);
    multipart(session, inputs);
    jobs(session, inputs);
    policies(session, inputs);
    configuration(session, inputs);
    account_wide(session, inputs);
}

fn vaults(session: &mut Session, inputs: &Inputs) {
    #[cfg(operation = "CreateVault")]
    session.send("CreateVault", &CreateVault { vault: inputs.vault });
    #[cfg(operation = "DescribeVault")]
    session.send("DescribeVault", &DescribeVault { vault: inputs.vault });
    #[cfg(operation = "ListVaults")]
    session.list("ListVaults", &ListVaults { account: inputs.account, limit: inputs.limit, marker: inputs.word });
    #[cfg(operation = "DeleteVault")]
    session.send("DeleteVault", &DeleteVault { vault: inputs.vault });
}

fn multipart(session: &mut Session, inputs: &Inputs) {
    #[cfg(operation = "InitiateMultipartUpload")]
    session.send(
        "InitiateMultipartUpload",
        &InitiateMultipartUpload { vault: inputs.vault, part_size: inputs.part_size, description: inputs.description },
    );
    #[cfg(operation = "UploadMultipartPart")]
    session.upload("UploadMultipartPart", &must(UploadMultipartPart::new(inputs.vault, inputs.upload, inputs.size, inputs.body)));
    #[cfg(operation = "ListParts")]
    session.list("ListParts", &ListParts { vault: inputs.vault, upload: inputs.upload, limit: inputs.limit, marker: inputs.word });
    #[cfg(operation = "ListMultipartUploads")]
    session.list("ListMultipartUploads", &ListMultipartUploads { vault: inputs.vault, limit: inputs.limit, marker: inputs.word });
    #[cfg(operation = "CompleteMultipartUpload")]
    session.send(
        "CompleteMultipartUpload",
        &CompleteMultipartUpload {
            vault: inputs.vault,
            upload: inputs.upload,
            archive_size: inputs.size,
            tree_hash: inputs.body.tree,
        },
    );
    #[cfg(operation = "AbortMultipartUpload")]
    session.send("AbortMultipartUpload", &AbortMultipartUpload { vault: inputs.vault, upload: inputs.upload });
}

fn jobs(session: &mut Session, inputs: &Inputs) {
    #[cfg(all(operation = "InitiateJob", not(select)))]
    session.send("InitiateJob", &inputs.initiate_job);
    #[cfg(select)]
    session.send("InitiateJob", &InitiateJob { kind: JobKind::Select((&inputs.select).into()), ..inputs.initiate_job });
    #[cfg(operation = "DescribeJob")]
    session.send("DescribeJob", &DescribeJob { vault: inputs.vault, job: inputs.job });
    #[cfg(operation = "ListJobs")]
    session.list(
        "ListJobs",
        &ListJobs { vault: inputs.vault, completed: inputs.flag, limit: inputs.limit, marker: inputs.word, status: inputs.status },
    );
    #[cfg(operation = "GetJobOutput")]
    session.fetch("GetJobOutput", &GetJobOutput { vault: inputs.vault, job: inputs.job, range: inputs.output_range });
}

fn policies(session: &mut Session, inputs: &Inputs) {
    #[cfg(operation = "SetVaultAccessPolicy")]
    session.send("SetVaultAccessPolicy", &SetVaultAccessPolicy { vault: inputs.vault, policy: inputs.policy });
    #[cfg(operation = "GetVaultAccessPolicy")]
    session.send("GetVaultAccessPolicy", &GetVaultAccessPolicy { vault: inputs.vault });
    #[cfg(operation = "DeleteVaultAccessPolicy")]
    session.send("DeleteVaultAccessPolicy", &DeleteVaultAccessPolicy { vault: inputs.vault });
    #[cfg(operation = "InitiateVaultLock")]
    session.send("InitiateVaultLock", &InitiateVaultLock { vault: inputs.vault, policy: inputs.policy });
    #[cfg(operation = "GetVaultLock")]
    session.send("GetVaultLock", &GetVaultLock { vault: inputs.vault });
    #[cfg(operation = "AbortVaultLock")]
    session.send("AbortVaultLock", &AbortVaultLock { vault: inputs.vault });
    #[cfg(operation = "CompleteVaultLock")]
    session.send("CompleteVaultLock", &CompleteVaultLock { vault: inputs.vault, lock: inputs.lock });
}

fn configuration(session: &mut Session, inputs: &Inputs) {
    #[cfg(operation = "SetVaultNotifications")]
    session.send(
        "SetVaultNotifications",
        &SetVaultNotifications { vault: inputs.vault, sns_topic: inputs.word, events: inputs.events },
    );
    #[cfg(operation = "GetVaultNotifications")]
    session.send("GetVaultNotifications", &GetVaultNotifications { vault: inputs.vault });
    #[cfg(operation = "DeleteVaultNotifications")]
    session.send("DeleteVaultNotifications", &DeleteVaultNotifications { vault: inputs.vault });
    #[cfg(operation = "AddTagsToVault")]
    session.send("AddTagsToVault", &AddTagsToVault { vault: inputs.vault, tags: inputs.tags });
    #[cfg(operation = "RemoveTagsFromVault")]
    session.send("RemoveTagsFromVault", &RemoveTagsFromVault { vault: inputs.vault, keys: inputs.keys });
    #[cfg(operation = "ListTagsForVault")]
    session.list("ListTagsForVault", &ListTagsForVault { vault: inputs.vault });
}

fn account_wide(session: &mut Session, inputs: &Inputs) {
    #[cfg(operation = "PurchaseProvisionedCapacity")]
    session.send("PurchaseProvisionedCapacity", &PurchaseProvisionedCapacity { account: inputs.account });
    #[cfg(operation = "ListProvisionedCapacity")]
    session.list("ListProvisionedCapacity", &ListProvisionedCapacity { account: inputs.account });
    #[cfg(operation = "SetDataRetrievalPolicy")]
    session.send("SetDataRetrievalPolicy", &SetDataRetrievalPolicy { account: inputs.account, limit: inputs.rate });
    #[cfg(operation = "GetDataRetrievalPolicy")]
    session.send("GetDataRetrievalPolicy", &GetDataRetrievalPolicy { account: inputs.account });
}
