//! The operations, each with all of its inputs.

use glacier_core::ops::*;

use crate::board::must;
use crate::inputs::Inputs;
use crate::session::Session;

pub fn all(session: &mut Session, inputs: &Inputs) {
    #[cfg(feature = "UploadArchive")]
    session.upload("UploadArchive", &inputs.upload_archive);
    #[cfg(feature = "DeleteArchive")]
    session.send("DeleteArchive", &DeleteArchive { vault: inputs.vault, archive: inputs.archive });
    vaults(session, inputs);
    multipart(session, inputs);
    jobs(session, inputs);
    policies(session, inputs);
    configuration(session, inputs);
    account_wide(session, inputs);
}

fn vaults(session: &mut Session, inputs: &Inputs) {
    #[cfg(feature = "CreateVault")]
    session.send("CreateVault", &CreateVault { vault: inputs.vault });
    #[cfg(feature = "DescribeVault")]
    session.send("DescribeVault", &DescribeVault { vault: inputs.vault });
    #[cfg(feature = "ListVaults")]
    session.list("ListVaults", &ListVaults { account: inputs.account, limit: inputs.limit, marker: inputs.word });
    #[cfg(feature = "DeleteVault")]
    session.send("DeleteVault", &DeleteVault { vault: inputs.vault });
}

fn multipart(session: &mut Session, inputs: &Inputs) {
    #[cfg(feature = "InitiateMultipartUpload")]
    session.send(
        "InitiateMultipartUpload",
        &InitiateMultipartUpload { vault: inputs.vault, part_size: inputs.part_size, description: inputs.description },
    );
    #[cfg(feature = "UploadMultipartPart")]
    session.upload("UploadMultipartPart", &must(UploadMultipartPart::new(inputs.vault, inputs.upload, inputs.size, inputs.body)));
    #[cfg(feature = "ListParts")]
    session.list("ListParts", &ListParts { vault: inputs.vault, upload: inputs.upload, limit: inputs.limit, marker: inputs.word });
    #[cfg(feature = "ListMultipartUploads")]
    session.list("ListMultipartUploads", &ListMultipartUploads { vault: inputs.vault, limit: inputs.limit, marker: inputs.word });
    #[cfg(feature = "CompleteMultipartUpload")]
    session.send(
        "CompleteMultipartUpload",
        &CompleteMultipartUpload {
            vault: inputs.vault,
            upload: inputs.upload,
            archive_size: inputs.size,
            tree_hash: inputs.body.tree,
        },
    );
    #[cfg(feature = "AbortMultipartUpload")]
    session.send("AbortMultipartUpload", &AbortMultipartUpload { vault: inputs.vault, upload: inputs.upload });
}

fn jobs(session: &mut Session, inputs: &Inputs) {
    #[cfg(all(feature = "InitiateJob", not(feature = "select")))]
    session.send("InitiateJob", &inputs.initiate_job);
    #[cfg(feature = "select")]
    session.send("InitiateJob", &InitiateJob { kind: JobKind::Select((&inputs.select).into()), ..inputs.initiate_job });
    #[cfg(feature = "DescribeJob")]
    session.send("DescribeJob", &DescribeJob { vault: inputs.vault, job: inputs.job });
    #[cfg(feature = "ListJobs")]
    session.list(
        "ListJobs",
        &ListJobs { vault: inputs.vault, completed: inputs.flag, limit: inputs.limit, marker: inputs.word, status: inputs.status },
    );
    #[cfg(feature = "GetJobOutput")]
    session.fetch("GetJobOutput", &GetJobOutput { vault: inputs.vault, job: inputs.job, range: inputs.output_range });
}

fn policies(session: &mut Session, inputs: &Inputs) {
    #[cfg(feature = "SetVaultAccessPolicy")]
    session.send("SetVaultAccessPolicy", &SetVaultAccessPolicy { vault: inputs.vault, policy: inputs.policy });
    #[cfg(feature = "GetVaultAccessPolicy")]
    session.send("GetVaultAccessPolicy", &GetVaultAccessPolicy { vault: inputs.vault });
    #[cfg(feature = "DeleteVaultAccessPolicy")]
    session.send("DeleteVaultAccessPolicy", &DeleteVaultAccessPolicy { vault: inputs.vault });
    #[cfg(feature = "InitiateVaultLock")]
    session.send("InitiateVaultLock", &InitiateVaultLock { vault: inputs.vault, policy: inputs.policy });
    #[cfg(feature = "GetVaultLock")]
    session.send("GetVaultLock", &GetVaultLock { vault: inputs.vault });
    #[cfg(feature = "AbortVaultLock")]
    session.send("AbortVaultLock", &AbortVaultLock { vault: inputs.vault });
    #[cfg(feature = "CompleteVaultLock")]
    session.send("CompleteVaultLock", &CompleteVaultLock { vault: inputs.vault, lock: inputs.lock });
}

fn configuration(session: &mut Session, inputs: &Inputs) {
    #[cfg(feature = "SetVaultNotifications")]
    session.send(
        "SetVaultNotifications",
        &SetVaultNotifications { vault: inputs.vault, sns_topic: inputs.word, events: inputs.events },
    );
    #[cfg(feature = "GetVaultNotifications")]
    session.send("GetVaultNotifications", &GetVaultNotifications { vault: inputs.vault });
    #[cfg(feature = "DeleteVaultNotifications")]
    session.send("DeleteVaultNotifications", &DeleteVaultNotifications { vault: inputs.vault });
    #[cfg(feature = "AddTagsToVault")]
    session.send("AddTagsToVault", &AddTagsToVault { vault: inputs.vault, tags: inputs.tags });
    #[cfg(feature = "RemoveTagsFromVault")]
    session.send("RemoveTagsFromVault", &RemoveTagsFromVault { vault: inputs.vault, keys: inputs.keys });
    #[cfg(feature = "ListTagsForVault")]
    session.list("ListTagsForVault", &ListTagsForVault { vault: inputs.vault });
}

fn account_wide(session: &mut Session, inputs: &Inputs) {
    #[cfg(feature = "PurchaseProvisionedCapacity")]
    session.send("PurchaseProvisionedCapacity", &PurchaseProvisionedCapacity { account: inputs.account });
    #[cfg(feature = "ListProvisionedCapacity")]
    session.list("ListProvisionedCapacity", &ListProvisionedCapacity { account: inputs.account });
    #[cfg(feature = "SetDataRetrievalPolicy")]
    session.send("SetDataRetrievalPolicy", &SetDataRetrievalPolicy { account: inputs.account, limit: inputs.rate });
    #[cfg(feature = "GetDataRetrievalPolicy")]
    session.send("GetDataRetrievalPolicy", &GetDataRetrievalPolicy { account: inputs.account });
}
