//! The operations, each with all of its inputs given.

use core::hint::black_box;

use glacier_core::id::LockId;
use glacier_core::ops::*;
use glacier_core::range::Range;
use glacier_core::{AccountId, ArchiveId, ByteRange, Description, JobId, LinearHash, PartSize, PayloadHashes, UploadId, VaultRef};

use crate::board::must;
use crate::session::Session;
use crate::world::{self, text};

pub fn all(session: &mut Session) {
    #[cfg(feature = "UploadArchive")]
    session.upload("UploadArchive", &UploadArchive { vault: vault(), description: description(), body: must(body().try_into()) });
    #[cfg(feature = "DeleteArchive")]
    session.send("DeleteArchive", &DeleteArchive { vault: vault(), archive: archive() });
    vaults(session);
    multipart(session);
    jobs(session);
    policies(session);
    configuration(session);
    account_wide(session);
}

fn vaults(session: &mut Session) {
    #[cfg(feature = "CreateVault")]
    session.send("CreateVault", &CreateVault { vault: vault() });
    #[cfg(feature = "DescribeVault")]
    session.send("DescribeVault", &DescribeVault { vault: vault() });
    #[cfg(feature = "ListVaults")]
    session.list("ListVaults", &ListVaults { account: account(), limit: limit(), marker: some("marker") });
    #[cfg(feature = "DeleteVault")]
    session.send("DeleteVault", &DeleteVault { vault: vault() });
}

fn multipart(session: &mut Session) {
    #[cfg(feature = "InitiateMultipartUpload")]
    session.send(
        "InitiateMultipartUpload",
        &InitiateMultipartUpload {
            vault: vault(),
            part_size: must(PartSize::from_bytes(black_box(1 << 20))),
            description: description(),
        },
    );
    #[cfg(feature = "UploadMultipartPart")]
    session.upload("UploadMultipartPart", &must(UploadMultipartPart::new(vault(), upload(), black_box(0), body())));
    #[cfg(feature = "ListParts")]
    session.list("ListParts", &ListParts { vault: vault(), upload: upload(), limit: limit(), marker: some("marker") });
    #[cfg(feature = "ListMultipartUploads")]
    session.list("ListMultipartUploads", &ListMultipartUploads { vault: vault(), limit: limit(), marker: some("marker") });
    #[cfg(feature = "CompleteMultipartUpload")]
    session.send(
        "CompleteMultipartUpload",
        &CompleteMultipartUpload { vault: vault(), upload: upload(), archive_size: black_box(1 << 40), tree_hash: body().tree },
    );
    #[cfg(feature = "AbortMultipartUpload")]
    session.send("AbortMultipartUpload", &AbortMultipartUpload { vault: vault(), upload: upload() });
}

fn jobs(session: &mut Session) {
    #[cfg(feature = "InitiateJob")]
    session.send(
        "InitiateJob",
        &InitiateJob {
            vault: vault(),
            kind: kind(),
            tier: black_box(Some(Tier::Bulk)),
            description: description(),
            sns_topic: some("topic"),
        },
    );
    #[cfg(feature = "DescribeJob")]
    session.send("DescribeJob", &DescribeJob { vault: vault(), job: job() });
    #[cfg(feature = "ListJobs")]
    session.list(
        "ListJobs",
        &ListJobs {
            vault: vault(),
            completed: black_box(Some(true)),
            limit: limit(),
            marker: some("marker"),
            status: black_box(Some(StatusCode::Failed)),
        },
    );
    #[cfg(feature = "GetJobOutput")]
    session.fetch(
        "GetJobOutput",
        &GetJobOutput { vault: vault(), job: job(), range: black_box(Some(Range::Bytes(must(ByteRange::new(0, 1 << 40))))) },
    );
}

fn policies(session: &mut Session) {
    #[cfg(feature = "SetVaultAccessPolicy")]
    session.send("SetVaultAccessPolicy", &SetVaultAccessPolicy { vault: vault(), policy: policy() });
    #[cfg(feature = "GetVaultAccessPolicy")]
    session.send("GetVaultAccessPolicy", &GetVaultAccessPolicy { vault: vault() });
    #[cfg(feature = "DeleteVaultAccessPolicy")]
    session.send("DeleteVaultAccessPolicy", &DeleteVaultAccessPolicy { vault: vault() });
    #[cfg(feature = "InitiateVaultLock")]
    session.send("InitiateVaultLock", &InitiateVaultLock { vault: vault(), policy: policy() });
    #[cfg(feature = "GetVaultLock")]
    session.send("GetVaultLock", &GetVaultLock { vault: vault() });
    #[cfg(feature = "AbortVaultLock")]
    session.send("AbortVaultLock", &AbortVaultLock { vault: vault() });
    #[cfg(feature = "CompleteVaultLock")]
    session.send("CompleteVaultLock", &CompleteVaultLock { vault: vault(), lock: must(LockId::try_from(text("lock"))) });
}

fn configuration(session: &mut Session) {
    #[cfg(feature = "SetVaultNotifications")]
    session.send(
        "SetVaultNotifications",
        &SetVaultNotifications {
            vault: vault(),
            sns_topic: some("topic"),
            events: Some(black_box(&[NotificationEvent::ArchiveRetrievalCompleted])),
        },
    );
    #[cfg(feature = "GetVaultNotifications")]
    session.send("GetVaultNotifications", &GetVaultNotifications { vault: vault() });
    #[cfg(feature = "DeleteVaultNotifications")]
    session.send("DeleteVaultNotifications", &DeleteVaultNotifications { vault: vault() });
    #[cfg(feature = "AddTagsToVault")]
    session.send("AddTagsToVault", &AddTagsToVault { vault: vault(), tags: must(Tags::new(black_box(&[("key", "value")]))) });
    #[cfg(feature = "RemoveTagsFromVault")]
    session.send("RemoveTagsFromVault", &RemoveTagsFromVault { vault: vault(), keys: must(TagKeys::new(black_box(&["key"]))) });
    #[cfg(feature = "ListTagsForVault")]
    session.list("ListTagsForVault", &ListTagsForVault { vault: vault() });
}

fn account_wide(session: &mut Session) {
    #[cfg(feature = "PurchaseProvisionedCapacity")]
    session.send("PurchaseProvisionedCapacity", &PurchaseProvisionedCapacity { account: account() });
    #[cfg(feature = "ListProvisionedCapacity")]
    session.list("ListProvisionedCapacity", &ListProvisionedCapacity { account: account() });
    #[cfg(feature = "SetDataRetrievalPolicy")]
    session.send(
        "SetDataRetrievalPolicy",
        &SetDataRetrievalPolicy {
            account: account(),
            limit: black_box(RetrievalLimit::BytesPerHour(must(BytesPerHour::try_from(black_box(1 << 40))))),
        },
    );
    #[cfg(feature = "GetDataRetrievalPolicy")]
    session.send("GetDataRetrievalPolicy", &GetDataRetrievalPolicy { account: account() });
}

fn account() -> AccountId<'static> {
    must(AccountId::try_from(text("111122223333")))
}

fn vault() -> VaultRef<'static> {
    VaultRef { account: account(), ..must(VaultRef::try_from(text("examplevault"))) }
}

fn archive() -> ArchiveId<'static> {
    must(ArchiveId::try_from(text("NkbByEejwEggmBz2fTHgJrg0XBoDfjP4q6iu87")))
}

fn upload() -> UploadId<'static> {
    must(UploadId::try_from(text("OW2fM5iVylEpFEMM9_HpKowRapC3vn5sSL39_396UW9zLFUWVrnRHaPjUJddQ5OxSHVXjYtrN47NBZ")))
}

fn job() -> JobId<'static> {
    must(JobId::try_from(text("HkF9p6o7yjhFx-K3CGl6fuSm6VzW9T7esGQfco8nUXVYwS0jlb5gq1JZ55yHgt5vP54ZShjoQzQVVh7v")))
}

fn policy() -> Policy<'static> {
    must(Policy::try_from(text(r#"{"Version":"2012-10-17"}"#)))
}

fn description() -> Option<Description<'static>> {
    Some(must(Description::try_from(text("a description"))))
}

fn body() -> PayloadHashes {
    let tree = must(black_box(world::TREE_HASH).parse());
    PayloadHashes::from_parts(black_box(LinearHash::EMPTY), tree, black_box(world::BODY.len() as u64))
}

fn limit() -> Option<u64> {
    Some(black_box(10))
}

fn some(word: &'static str) -> Option<&'static str> {
    Some(text(word))
}

/// The longest of the three kinds of job, while the other two are there as well.
fn kind() -> JobKind<'static> {
    let range = Some(must(ByteRange::new(black_box(0), black_box(1 << 20))));
    let filter = InventoryFilter { start_date: some("start"), end_date: some("end"), limit: limit(), marker: some("marker") };
    let inventory = InventoryRetrieval { format: black_box(Some(InventoryFormat::Csv)), filter: Some(filter) };
    match black_box(2) {
        0 => JobKind::Archive { id: archive(), range },
        1 => JobKind::Inventory(inventory),
        _ => JobKind::Select { id: archive(), parameters: select(), output: location() },
    }
}

fn select() -> SelectParameters<'static> {
    let marks = CsvMarks {
        quote_escape_character: some("\\"),
        record_delimiter: some("\n"),
        field_delimiter: some(","),
        quote_character: some("\""),
    };
    let input = CsvInput { file_header_info: some("USE"), comments: some("#"), marks };
    let output = CsvOutput { quote_fields: some("ALWAYS"), marks };
    SelectParameters { input: Some(input), expression_type: some("SQL"), expression: some("select"), output: Some(output) }
}

fn location() -> S3Location<'static> {
    const GRANTEE: Grantee<'static> =
        Grantee { grantee_type: "Group", display_name: Some("a"), uri: Some("a"), id: Some("a"), email_address: Some("a") };
    S3Location {
        bucket_name: some("bucket"),
        prefix: some("prefix"),
        encryption: Some(Encryption { encryption_type: some("aws:kms"), kms_key_id: some("key"), kms_context: some("context") }),
        canned_acl: some("private"),
        access_control_list: Some(black_box(&[Grant { grantee: Some(GRANTEE), permission: Some("READ") }])),
        tagging: Some(black_box(&[("key", "value")])),
        user_metadata: Some(black_box(&[("key", "value")])),
        storage_class: some("STANDARD"),
    }
}
