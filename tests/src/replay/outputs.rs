//! Typed outputs as JSON with the model's names: the members of `ok.output`. What is absent is omitted.

use glacier_core::ops::{
    AccessPolicy, CreateVaultOutput, DataRetrieval, InitiateJobOutput, InitiateMultipartUploadOutput, InitiateVaultLockOutput,
    InventoryParameters, Job, MultipartUpload, Notifications, Part, ProvisionedCapacity, PurchaseProvisionedCapacityOutput,
    RetrievalRule, Tag, UploadArchiveOutput, UploadMultipartPartOutput, Vault, VaultLock,
};
use glacier_core::{DecodeError, Text};
use serde_json::{Map, Value, json};

pub(super) type Output = Result<Value, DecodeError>;

/// An output, or an item of a list, as JSON with the model's names.
pub(super) trait ToModel {
    fn to_model(&self) -> Output;
}

/// What a response holds in addition to its list.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// The members beside the list.
    pub(super) siblings: &'static [Member],
    /// Whether it is a map, whose items are then objects of one member.
    pub(super) is_map: bool,
}

/// A member beside a list, and its type.
#[derive(Clone, Copy)]
pub(super) enum Member {
    Text(&'static str),
    Number(&'static str),
}

impl Member {
    pub(super) fn name(self) -> &'static str {
        match self {
            Member::Text(name) | Member::Number(name) => name,
        }
    }
}

impl Shape {
    pub(super) const ALONE: Shape = Shape { siblings: &[], is_map: false };
    pub(super) const MAP: Shape = Shape { siblings: &[], is_map: true };
    pub(super) const PAGE: Shape = Shape { siblings: &[Member::Text("Marker")], is_map: false };
    pub(super) const PARTS: Shape = Shape {
        siblings: &[
            Member::Text("Marker"),
            Member::Text("MultipartUploadId"),
            Member::Text("VaultARN"),
            Member::Text("ArchiveDescription"),
            Member::Number("PartSizeInBytes"),
            Member::Text("CreationDate"),
        ],
        is_map: false,
    };
}

/// An object of the members that have a value.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let present = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(present.map(|(name, value)| (name.to_string(), value)).collect::<Map<_, _>>())
}

fn text(text: Option<Text<'_>>) -> Value {
    text.map(|text| text.to_string()).into()
}

fn shown<T: std::fmt::Display>(value: Option<T>) -> Value {
    value.map(|value| value.to_string()).into()
}

/// A value that the typed output passes on as it is: the model's members of it, without those that are null.
fn raw(value: Option<glacier_core::Value<'_>>) -> Output {
    let read = |value: glacier_core::Value<'_>| serde_json::from_slice(value.raw()).map_err(|_| DecodeError::Json);
    value.map_or(Ok(Value::Null), |value| read(value).map(modelled))
}

/// The members inside SelectParameters and OutputLocation (section 12 of the API reference).
const INSIDE: &[&str] = &[
    "InputSerialization",
    "OutputSerialization",
    "csv",
    "FileHeaderInfo",
    "Comments",
    "QuoteFields",
    "QuoteEscapeCharacter",
    "RecordDelimiter",
    "FieldDelimiter",
    "QuoteCharacter",
    "ExpressionType",
    "Expression",
    "S3",
    "BucketName",
    "Prefix",
    "Encryption",
    "EncryptionType",
    "KMSKeyId",
    "KMSContext",
    "CannedACL",
    "AccessControlList",
    "Grantee",
    "Type",
    "DisplayName",
    "URI",
    "ID",
    "EmailAddress",
    "Permission",
    "Tagging",
    "UserMetadata",
    "StorageClass",
];

fn modelled(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(modelled).collect(),
        Value::Object(members) => {
            let known = members.into_iter().filter(|(name, value)| INSIDE.contains(&name.as_str()) && !value.is_null());
            // Maps of any keys stay as they are.
            let inner = |name: &str, value| if matches!(name, "Tagging" | "UserMetadata") { value } else { modelled(value) };
            Value::Object(known.map(|(name, value)| (name.clone(), inner(&name, value))).collect())
        }
        other => other,
    }
}

impl ToModel for () {
    fn to_model(&self) -> Output {
        Ok(json!({}))
    }
}

impl ToModel for CreateVaultOutput<'_> {
    fn to_model(&self) -> Output {
        Ok(object([("location", self.location.into())]))
    }
}

impl ToModel for Vault<'_> {
    fn to_model(&self) -> Output {
        Ok(object([
            ("VaultARN", text(self.arn)),
            ("VaultName", text(self.vault_name)),
            ("CreationDate", text(self.creation_date)),
            ("LastInventoryDate", text(self.last_inventory_date)),
            ("NumberOfArchives", self.number_of_archives.into()),
            ("SizeInBytes", self.size_in_bytes.into()),
        ]))
    }
}

impl ToModel for Tag<'_> {
    fn to_model(&self) -> Output {
        Ok(json!({ self.key.to_string(): text(self.value) }))
    }
}

impl ToModel for Notifications<'_> {
    fn to_model(&self) -> Output {
        let events = match self.events.clone() {
            None => Value::Null,
            Some(events) => events.map(|event| Ok(text(event?.text()?))).collect::<Result<Vec<_>, DecodeError>>()?.into(),
        };
        Ok(json!({ "vaultNotificationConfig": object([("SNSTopic", text(self.sns_topic)), ("Events", events)]) }))
    }
}

impl ToModel for UploadArchiveOutput<'_> {
    fn to_model(&self) -> Output {
        Ok(object([
            ("location", self.location.into()),
            ("checksum", shown(self.tree_hash)),
            ("archiveId", shown(self.archive_id().ok())),
        ]))
    }
}

impl ToModel for InitiateMultipartUploadOutput<'_> {
    fn to_model(&self) -> Output {
        Ok(object([("location", self.location.into()), ("uploadId", shown(self.upload_id().ok()))]))
    }
}

impl ToModel for UploadMultipartPartOutput {
    fn to_model(&self) -> Output {
        Ok(object([("checksum", shown(self.tree_hash))]))
    }
}

impl ToModel for Part<'_> {
    fn to_model(&self) -> Output {
        Ok(object([("RangeInBytes", text(self.range_in_bytes)), ("SHA256TreeHash", text(self.sha256_tree_hash))]))
    }
}

impl ToModel for MultipartUpload<'_> {
    fn to_model(&self) -> Output {
        Ok(object([
            ("MultipartUploadId", text(self.multipart_upload_id)),
            ("VaultARN", text(self.vault_arn)),
            ("ArchiveDescription", text(self.archive_description)),
            ("PartSizeInBytes", self.part_size_in_bytes.into()),
            ("CreationDate", text(self.creation_date)),
        ]))
    }
}

impl ToModel for InitiateJobOutput<'_> {
    fn to_model(&self) -> Output {
        Ok(object([
            ("location", self.location.into()),
            ("jobId", shown(self.job_id().ok())),
            ("jobOutputPath", self.job_output_path.into()),
        ]))
    }
}

impl ToModel for Job<'_> {
    fn to_model(&self) -> Output {
        Ok(object([
            ("JobId", text(self.job_id)),
            ("JobDescription", text(self.job_description)),
            ("Action", text(self.action)),
            ("ArchiveId", text(self.archive_id)),
            ("VaultARN", text(self.vault_arn)),
            ("CreationDate", text(self.creation_date)),
            ("Completed", self.completed.into()),
            ("StatusCode", text(self.status_code)),
            ("StatusMessage", text(self.status_message)),
            ("ArchiveSizeInBytes", self.archive_size_in_bytes.into()),
            ("InventorySizeInBytes", self.inventory_size_in_bytes.into()),
            ("SNSTopic", text(self.sns_topic)),
            ("CompletionDate", text(self.completion_date)),
            ("SHA256TreeHash", text(self.sha256_tree_hash)),
            ("ArchiveSHA256TreeHash", text(self.archive_sha256_tree_hash)),
            ("RetrievalByteRange", text(self.retrieval_byte_range)),
            ("Tier", text(self.tier)),
            ("InventoryRetrievalParameters", self.inventory_retrieval_parameters.as_ref().map(inventory_parameters).into()),
            ("JobOutputPath", text(self.job_output_path)),
            ("SelectParameters", raw(self.select_parameters)?),
            ("OutputLocation", raw(self.output_location)?),
        ]))
    }
}

fn inventory_parameters(parameters: &InventoryParameters<'_>) -> Value {
    object([
        ("Format", text(parameters.format)),
        ("StartDate", text(parameters.start_date)),
        ("EndDate", text(parameters.end_date)),
        ("Limit", text(parameters.limit)),
        ("Marker", text(parameters.marker)),
    ])
}

impl ToModel for AccessPolicy<'_> {
    fn to_model(&self) -> Output {
        Ok(json!({ "policy": object([("Policy", text(self.policy))]) }))
    }
}

impl ToModel for InitiateVaultLockOutput<'_> {
    fn to_model(&self) -> Output {
        Ok(object([("lockId", shown(self.lock_id().ok()))]))
    }
}

impl ToModel for VaultLock<'_> {
    fn to_model(&self) -> Output {
        Ok(object([
            ("Policy", text(self.policy)),
            ("State", text(self.state)),
            ("ExpirationDate", text(self.expiration_date)),
            ("CreationDate", text(self.creation_date)),
        ]))
    }
}

impl ToModel for DataRetrieval<'_> {
    fn to_model(&self) -> Output {
        let Some(policy) = &self.policy else { return Ok(json!({})) };
        let Some(rules) = policy.rules.clone() else { return Ok(json!({ "Policy": {} })) };
        let rules = rules.map(|rule| Ok(rule?.object::<RetrievalRule<'_>>()?.map(|rule| retrieval_rule(&rule))));
        Ok(json!({ "Policy": { "Rules": rules.collect::<Result<Vec<_>, DecodeError>>()? } }))
    }
}

fn retrieval_rule(rule: &RetrievalRule<'_>) -> Value {
    object([("Strategy", text(rule.strategy)), ("BytesPerHour", rule.bytes_per_hour.into())])
}

impl ToModel for PurchaseProvisionedCapacityOutput<'_> {
    fn to_model(&self) -> Output {
        Ok(object([("capacityId", shown(self.capacity_id().ok()))]))
    }
}

impl ToModel for ProvisionedCapacity<'_> {
    fn to_model(&self) -> Output {
        Ok(object([
            ("CapacityId", text(self.capacity_id)),
            ("StartDate", text(self.start_date)),
            ("ExpirationDate", text(self.expiration_date)),
        ]))
    }
}
