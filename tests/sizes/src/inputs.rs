//! The inputs of the operations. Every image creates all of them, so that their checks do not count for any operation.

use core::hint::black_box;

use dummy::{BODY, TREE_HASH};
use glacier_core::ops::*;
use glacier_core::values::Range;
use glacier_core::values::ids::LockId;
use glacier_core::{
    AccountId, ArchiveId, ByteRange, Credentials, Description, JobId, LinearHash, PartSize, PayloadHashes, UploadId, VaultRef,
};

use crate::board::must;

pub struct Inputs {
    pub credentials: Credentials<'static>,
    pub account: AccountId<'static>,
    pub vault: VaultRef<'static>,
    pub archive: ArchiveId<'static>,
    pub upload: UploadId<'static>,
    pub job: JobId<'static>,
    pub lock: LockId<'static>,
    pub description: Option<Description<'static>>,
    pub policy: Policy<'static>,
    pub body: PayloadHashes,
    pub upload_archive: UploadArchive<'static>,
    pub part_size: PartSize,
    pub output_range: Option<Range>,
    pub tags: Tags<'static>,
    pub keys: TagKeys<'static>,
    pub rate: RetrievalLimit,
    pub events: Option<&'static [NotificationEvent]>,
    pub initiate_job: InitiateJob<'static>,
    pub select: SelectJob<'static>,
    pub status: Option<StatusCode>,
    pub flag: Option<bool>,
    pub limit: Option<u64>,
    pub size: u64,
    pub word: Option<&'static str>,
}

impl Inputs {
    #[inline(never)]
    pub fn new() -> Inputs {
        let account = must(AccountId::try_from(text("111122223333")));
        let body = PayloadHashes::from_parts(LinearHash::EMPTY, must(black_box(TREE_HASH).parse()), BODY.len() as u64);
        let archive = must(ArchiveId::try_from(text("NkbByEejwEggmBz2fTHgJrg0XBoDfjP4q6iu87")));
        let filter = InventoryFilter { start_date: some("a"), end_date: some("b"), limit: Some(10), marker: some("c") };
        let inventory = InventoryRetrieval { format: Some(InventoryFormat::Csv), filter: Some(filter) };
        let vault = VaultRef { account, ..must(VaultRef::try_from(text("examplevault"))) };
        let description = Some(must(Description::try_from(text("a description"))));
        black_box(Inputs {
            credentials: must(Credentials::new(
                text("AKIDEXAMPLE"),
                text("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                some("token"),
            )),
            account,
            vault,
            archive,
            upload: must(UploadId::try_from(text(
                "OW2fM5iVylEpFEMM9_HpKowRapC3vn5sSL39_396UW9zLFUWVrnRHaPjUJddQ5OxSHVXjYtrN47NBZ",
            ))),
            job: must(JobId::try_from(text("HkF9p6o7yjhFx-K3CGl6fuSm6VzW9T7esGQfco8nUXVYwS0jlb5gq1JZ55yHgt5vP54ZShjoQzQVVh7v"))),
            lock: must(LockId::try_from(text("AE863rKkWZU53SLW5be4DUcW"))),
            description,
            policy: must(Policy::try_from(text(r#"{"Version":"2012-10-17"}"#))),
            body,
            upload_archive: UploadArchive { vault, description, body: must(body.try_into()) },
            part_size: must(PartSize::from_bytes(black_box(1 << 20))),
            output_range: Some(Range::Bytes(range())),
            tags: must(Tags::new(black_box(&[("key", "value")]))),
            keys: must(TagKeys::new(black_box(&["key"]))),
            rate: RetrievalLimit::BytesPerHour(must(BytesPerHour::try_from(black_box(1 << 40)))),
            events: Some(&[NotificationEvent::ArchiveRetrievalCompleted]),
            initiate_job: InitiateJob {
                vault,
                kind: JobKind::Inventory(inventory),
                tier: Some(Tier::Bulk),
                description,
                sns_topic: some("topic"),
            },
            select: SelectJob { id: archive, parameters: select(), output: location() },
            status: Some(StatusCode::Failed),
            flag: Some(true),
            limit: Some(10),
            size: 1 << 30,
            word: some("word"),
        })
    }
}

/// A text that is opaque to the compiler.
fn text(text: &'static str) -> &'static str {
    black_box(text)
}

fn some(word: &'static str) -> Option<&'static str> {
    Some(text(word))
}

fn range() -> ByteRange {
    must(ByteRange::new(black_box(0), black_box(1 << 40)))
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
