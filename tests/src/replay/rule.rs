//! The rules by which a case may be rejected or skipped, and the checks that a rejection is justified.
//!
//! The checks follow the API reference, not the code under test: a rejection counts only when the value does break the rule.

use std::fmt;

use serde_json::Value;

/// A rule of the vectors' README.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// `useless`
    Useless,
    /// One attempt is right when a quota is reached or capacity is lacking.
    OneAttempt,
    /// What is not idempotent is not retried when the service may have acted (section 10 of the reference).
    NotIdempotent,
    /// A request that was rejected for its time is signed once more, for the service's time.
    ClockSkew,
    /// `required`
    Required,
    /// `rule`
    Rule,
    /// `inexpressible`
    Inexpressible,
    /// A vault or an id named `.` or `..`: HTTP libraries rewrite such a path, so what is sent and what is signed would differ.
    Hazard,
    /// An empty string for an optional member equals an absent member.
    EmptyIsAbsent,
    /// Null equals absent (section 1 of the reference), also where botocore stops at a null.
    NullIsAbsent,
    /// botocore is lenient where an error is right too.
    Leniency,
    /// `not-json`: an error is the better result.
    NotJson,
    /// botocore itself crashes: any error will do.
    Crash,
    /// A response that is not a JSON object has no code: its status, its request id and its body are kept.
    ErrorPage,
    /// A downloaded body has another tree hash than its response says: an error after the last byte.
    WrongChecksum,
    /// Only the cases of the signature suite with normalised paths apply to Glacier.
    NotNormalized,
    /// A case of the signature suite in the old form, without credentials: its canonical request is compared.
    OldForm,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rule::Useless => "useless: an operation with a body is not presigned",
            Rule::OneAttempt => "one-attempt: a reached quota or a lack of capacity is not tried again at once",
            Rule::NotIdempotent => "not-idempotent: what may have happened is not sent again, as it would happen twice",
            Rule::ClockSkew => "clock: a request rejected for its time is signed once more, with the service's",
            Rule::Required => "required: the service needs a member that the case leaves out, or a name or id is empty",
            Rule::Rule => "rule: a value breaks a rule of the service, such as a name's characters or a part's size",
            Rule::Inexpressible => "inexpressible: a value that the typed API cannot hold",
            Rule::Hazard => "hazard: a vault or an id called . or .. is rejected, as HTTP libraries rewrite such a path",
            Rule::EmptyIsAbsent => "empty: an empty text for an optional member is treated as absent",
            Rule::NullIsAbsent => "null: a null code or message is treated as absent, and botocore stops looking at it",
            Rule::Leniency => "leniency: botocore takes it, here it is an error",
            Rule::NotJson => "not-json: a 200 whose body is not JSON is an error",
            Rule::Crash => "crash: botocore itself breaks; here it is an error",
            Rule::ErrorPage => "error-page: an error that is not a JSON object keeps status, request id and body",
            Rule::WrongChecksum => {
                "checksum: the body does not have the tree hash that the case states; reported after its last byte"
            }
            Rule::NotNormalized => "not-normalized: the case asks for a path that is not normalised, as for S3",
            Rule::OldForm => "old-form: the case has no credentials; its canonical request is compared",
        })
    }
}

/// Which rule a vault's name breaks (section 1 of the API reference).
pub(super) fn vault_name(name: &str) -> Option<Rule> {
    let legal = |c: char| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.');
    match name {
        "" => Some(Rule::Required),
        "." | ".." => Some(Rule::Hazard),
        _ if name.chars().count() > 255 || !name.chars().all(legal) => Some(Rule::Rule),
        _ => None,
    }
}

/// Which rule an account id breaks (section 1).
pub(super) fn account(id: &str) -> Option<Rule> {
    match id {
        "" => Some(Rule::Required),
        "-" => None,
        _ if id.len() == 12 && id.chars().all(|c| c.is_ascii_digit()) => None,
        _ => Some(Rule::Rule),
    }
}

/// Which rule an id that the service assigned breaks: only an empty one does, and `.` and `..`, which are a hazard anywhere in a path.
pub(super) fn id(id: &str) -> Option<Rule> {
    match id {
        "" => Some(Rule::Required),
        "." | ".." => Some(Rule::Hazard),
        _ => None,
    }
}

/// Which rule a description breaks (section 11).
pub(super) fn description(text: &str) -> Option<Rule> {
    if text.len() > 1024 || text.bytes().any(|byte| !(0x20..=0x7e).contains(&byte)) { Some(Rule::Rule) } else { None }
}

/// Which rule a part size breaks (section 11).
pub(super) fn part_size(bytes: u64) -> Option<Rule> {
    let legal = (0..=12).any(|n| bytes == 1_048_576 * 2u64.pow(n));
    if legal { None } else { Some(Rule::Rule) }
}

/// Which rule a tree hash breaks (section 5.1).
pub(super) fn tree_hash(text: &str) -> Option<Rule> {
    let digits = text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    match text {
        "" => Some(Rule::Required),
        _ if digits => None,
        _ => Some(Rule::Rule),
    }
}

/// Which rule a body of one request breaks (section 11).
pub(super) fn body_size(bytes: u64) -> Option<Rule> {
    if (1..=4_294_967_296).contains(&bytes) { None } else { Some(Rule::Rule) }
}

/// Which rule the bytes of a part break: no archive is larger than 10,000 parts of 4 GiB (section 11).
pub(super) fn part(first: u64, bytes: u64) -> Option<Rule> {
    let end = first.checked_add(bytes).filter(|end| *end <= 42_949_672_960_000);
    body_size(bytes).or(if end.is_some() { None } else { Some(Rule::Rule) })
}

/// Which rule the tags of one request break (section 11); a key alone has an empty value.
pub(super) fn tags<'a>(count: usize, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Rule> {
    let legal = |(key, value): (&str, &str)| {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        (1..=128).contains(&key_length) && value_length <= 256 && !key.starts_with("aws:")
    };
    let mut pairs = pairs;
    if (1..=10).contains(&count) && pairs.all(legal) { None } else { Some(Rule::Rule) }
}

/// Which rule a policy's text breaks (section 11).
pub(super) fn policy(text: &str) -> Option<Rule> {
    match text.len() {
        0 => Some(Rule::Required),
        1..=20_480 => None,
        _ => Some(Rule::Rule),
    }
}

/// Which rule a retrieval rate breaks (section 11).
pub(super) fn bytes_per_hour(bytes: u64) -> Option<Rule> {
    if (1..=9_223_372_036_854_775_807).contains(&bytes) { None } else { Some(Rule::Rule) }
}

/// The operations that are not safe to repeat (section 10).
const NOT_IDEMPOTENT: [&str; 5] =
    ["InitiateJob", "InitiateMultipartUpload", "InitiateVaultLock", "PurchaseProvisionedCapacity", "UploadArchive"];

/// Whether sending an operation twice has the same effect as sending it once.
pub(super) fn is_idempotent(operation: &str) -> bool {
    !NOT_IDEMPOTENT.contains(&operation)
}

/// Whether the service may have acted: a server error, unless its code says that the service did not.
pub(super) fn may_have_acted(status: u16, code: Option<&str>) -> bool {
    let not_acted = ["ServiceUnavailableException", "InsufficientCapacityException", "ThrottlingException"];
    status >= 500 && !code.is_some_and(|code| not_acted.contains(&code))
}

/// Whether retrying within seconds is pointless: a fixed quota, or capacity that is lacking (section 10).
pub(super) fn is_pointless(code: Option<&str>) -> bool {
    matches!(code, Some("LimitExceededException" | "InsufficientCapacityException"))
}

/// Whether an error says that the request's time was wrong.
pub(super) fn is_clock_skew(code: Option<&str>, message: &str) -> bool {
    match code {
        Some("RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture") => true,
        Some("InvalidSignatureException") => {
            message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
        }
        _ => false,
    }
}

/// The code of an error as section 2 finds it: the header, else `code` or `Code`, else `__type`, without what stands before `#` and
/// after `:`. Null and empty are absent.
pub(super) fn code<'a>(header: Option<&'a str>, body: &'a Value) -> Option<&'a str> {
    let texts = [header, body["code"].as_str(), body["Code"].as_str(), body["__type"].as_str()];
    let found = texts.into_iter().flatten().find(|text| !text.is_empty())?;
    let found = found.split(':').next().unwrap_or_default();
    Some(found.rsplit('#').next().unwrap_or_default())
}

/// Bytes of the longest marker that a [`Marker`](glacier_core::Marker) holds; those of the service have at most 312.
pub(super) const LONGEST_MARKER: usize = 512;

/// The type of a response's member in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Flag,
    List,
    Object,
    /// A map of texts.
    Texts,
}

/// The type of a member with this name, in whichever response of the model it is.
pub(super) fn type_of(name: &str) -> Type {
    match name {
        "NumberOfArchives" | "SizeInBytes" | "PartSizeInBytes" | "ArchiveSizeInBytes" | "InventorySizeInBytes" | "BytesPerHour" => {
            Type::Number
        }
        "Completed" => Type::Flag,
        "VaultList"
        | "JobList"
        | "UploadsList"
        | "Parts"
        | "ProvisionedCapacityList"
        | "Events"
        | "Rules"
        | "AccessControlList" => Type::List,
        "InventoryRetrievalParameters"
        | "SelectParameters"
        | "OutputLocation"
        | "S3"
        | "Encryption"
        | "Grantee"
        | "InputSerialization"
        | "OutputSerialization"
        | "csv" => Type::Object,
        "Tags" | "Tagging" | "UserMetadata" => Type::Texts,
        _ => Type::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_checked_against_the_reference() {
        assert_eq!((vault_name("a.b-C_9"), vault_name(""), vault_name("..")), (None, Some(Rule::Required), Some(Rule::Hazard)));
        assert_eq!(
            (vault_name("..."), vault_name("a b"), vault_name(&"v".repeat(256))),
            (None, Some(Rule::Rule), Some(Rule::Rule))
        );
        assert_eq!((account("-"), account("012345678901"), account("1111-2222-3333")), (None, None, Some(Rule::Rule)));
        assert_eq!((id("-x"), id(" "), id("...")), (None, None, None));
        assert_eq!((id(""), id(".."), id(".")), (Some(Rule::Required), Some(Rule::Hazard), Some(Rule::Hazard)));
        assert_eq!((description("~ "), description("\t"), description("é")), (None, Some(Rule::Rule), Some(Rule::Rule)));
        assert_eq!((part_size(1 << 20), part_size(1 << 32), part_size(1 << 33)), (None, None, Some(Rule::Rule)));
        assert_eq!((part_size(3 << 20), part_size(0)), (Some(Rule::Rule), Some(Rule::Rule)));
    }

    #[test]
    fn what_is_retried() {
        assert!(is_idempotent("UploadMultipartPart") && !is_idempotent("UploadArchive"));
        assert!(may_have_acted(503, None) && may_have_acted(500, Some("InternalFailure")));
        assert!(!may_have_acted(500, Some("ServiceUnavailableException")) && !may_have_acted(408, Some("RequestTimeoutException")));
        assert!(is_pointless(Some("LimitExceededException")) && !is_pointless(Some("ThrottlingException")));
        assert!(
            is_clock_skew(Some("InvalidSignatureException"), "Signature expired: ...") && !is_clock_skew(None, "Signature expired")
        );
    }

    #[test]
    fn codes() {
        assert_eq!(code(None, &json!({ "code": "X", "__type": "Y" })), Some("X"));
        assert_eq!(code(None, &json!({ "code": null, "Code": "a#b#X:y#z" })), Some("X"));
        assert_eq!(code(Some("H:http://x"), &json!({ "code": "X" })), Some("H"));
        assert_eq!((code(Some(""), &json!({ "code": "X" })), code(None, &json!([]))), (Some("X"), None));
    }
}
