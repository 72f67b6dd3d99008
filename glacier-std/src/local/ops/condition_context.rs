//! What the conditions of a vault's policies can ask of a request.
//!
//! Sources: "AWS global condition context keys" and "Principal key values" of the IAM user guide; "Actions, resources, and condition keys"
//! of the Amazon Glacier developer guide.

use crate::local::model::{ArchiveRecord, DAY, Tags};
use crate::local::request::ApiRequest;
use crate::policy::ConditionContext;

/// The condition keys of a request. `tags` are those of the vault where conditions can ask for them, `archive` is the one that the request
/// is for. What is not known is absent, such as `aws:TokenIssueTime`.
pub(super) fn condition_context(request: &ApiRequest, tags: &Tags, archive: Option<&ArchiveRecord>) -> ConditionContext {
    let now = request.now();
    let caller = &request.caller;
    let one = |value: &str| [value.to_owned()];
    let mut context = ConditionContext::new()
        .with("aws:CurrentTime", [now.timestamp().to_string()])
        .with("aws:EpochTime", [now.timestamp().unix().to_string()])
        .with("aws:SecureTransport", [request.origin.is_secure.to_string()])
        .with("aws:SourceIp", [request.origin.address.to_canonical().to_string()])
        .with("aws:RequestedRegion", one(&request.region))
        .with("aws:PrincipalAccount", one(&caller.account))
        .with("aws:PrincipalArn", one(&caller.policy_arn()))
        .with("aws:PrincipalType", one(caller.principal_type()))
        .with("aws:PrincipalIsAWSService", one("false"))
        .with("aws:ViaAWSService", one("false"));
    let known = [
        ("aws:userid", caller.user_id()),
        ("aws:username", caller.user_name().map(str::to_owned)),
        ("aws:UserAgent", request.headers.get("user-agent").map(str::to_owned)),
        ("aws:MultiFactorAuthPresent", caller.session_mfa.map(|mfa| mfa.to_string())),
        ("glacier:ArchiveAgeInDays", archive.map(|archive| (now.0.saturating_sub(archive.created.0) / DAY).to_string())),
    ];
    for (key, value) in known {
        if let Some(value) = value {
            context = context.with(key, [value]);
        }
    }
    tags.iter().fold(context, |context, (key, value)| context.with(&format!("glacier:ResourceTag/{key}"), one(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ops::catalogue::OperationInfo;
    use glacier_core::{PartSize, TreeHash};
    use serde_json::{Value, json};

    use crate::local::model::{BodyId, Moment, Times};
    use crate::local::request::{Identity, Origin, QueryParameters, RequestHeaders};
    use crate::policy::{AccessRequest, Caller, Policy, decide};

    const OWNER: &str = "111122223333";
    const USER: &str = "arn:aws:iam::111122223333:user/night/clerk";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/backup/nightly";

    /// A request of a principal of the owner, at 2026-01-02T03:04:05Z in vault time.
    fn request(operation: &str, principal: &str) -> ApiRequest {
        ApiRequest {
            operation: OperationInfo::of(operation).unwrap(),
            caller: Identity { account: OWNER.into(), principal: principal.into(), session_mfa: None },
            origin: Origin::IN_PROCESS,
            owner: OWNER.into(),
            region: "us-west-2".into(),
            vault: "ledgers".into(),
            id: String::new(),
            query: QueryParameters::parse("").unwrap(),
            headers: RequestHeaders::new(&[("User-Agent", "tape-robot/1")]),
            body: Vec::new(),
            times: Times { vault: Moment(1_767_323_045_999), wall: Moment(0) },
            request_id: String::new(),
            job_failure: None,
        }
    }

    fn archive(created: u64) -> ArchiveRecord {
        ArchiveRecord {
            sequence: 1,
            created: Moment(created),
            description: String::new(),
            size: 1,
            tree: TreeHash::from_bytes([0; 32]),
            body: BodyId(2),
            part_size: PartSize::MAX,
        }
    }

    /// Whether a condition holds.
    fn holds(context: &ConditionContext, condition: &Value) -> bool {
        let statement =
            json!({ "Effect": "Deny", "Principal": "*", "Action": "glacier:*", "Resource": "*", "Condition": condition });
        let policy = Policy::parse(&json!({ "Version": "2012-10-17", "Statement": statement }).to_string()).unwrap();
        let caller = Some(Caller { arn: USER, account: OWNER });
        let asked =
            AccessRequest { action: "glacier:ListJobs", resource: "arn:aws:glacier:r:1:vaults/v", caller, owner: OWNER, context };
        !decide(&asked, Some(&policy), None).is_allowed()
    }

    /// Whether a key has exactly this value, or is absent.
    fn has(context: &ConditionContext, key: &str, value: Option<&str>) -> bool {
        match value {
            Some(value) => holds(context, &json!({ "StringEquals": { key: value } })),
            None => holds(context, &json!({ "Null": { key: "true" } })),
        }
    }

    #[test]
    fn times_are_those_of_the_vault() {
        let context = condition_context(&request("ListJobs", USER), &Tags::default(), None);
        assert!(has(&context, "aws:CurrentTime", Some("2026-01-02T03:04:05Z")));
        // From `date -u -d 2026-01-02T03:04:05Z +%s`.
        assert!(has(&context, "aws:EpochTime", Some("1767323045")));
        assert!(holds(&context, &json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-01-02T03:04:04Z" } })));
        assert!(has(&context, "aws:TokenIssueTime", None));
    }

    #[test]
    fn an_age_is_in_whole_days() {
        let day = 86_400_000;
        let now = request("DeleteArchive", USER).now().0;
        for (created, age) in [(now, "0"), (now - day + 1, "0"), (now - day, "1"), (now - 365 * day, "365"), (now + day, "0")] {
            let context = condition_context(&request("DeleteArchive", USER), &Tags::default(), Some(&archive(created)));
            assert!(has(&context, "glacier:ArchiveAgeInDays", Some(age)), "{age}");
        }
        let none = condition_context(&request("DeleteArchive", USER), &Tags::default(), None);
        assert!(has(&none, "glacier:ArchiveAgeInDays", None));
    }

    #[test]
    fn tags_have_their_keys_in_the_name() {
        let mut tags = Tags::default();
        tags.add([("LegalHold".into(), "true".into()), ("unit".into(), String::new())].into()).unwrap();
        let context = condition_context(&request("DeleteArchive", USER), &tags, None);
        assert!(has(&context, "glacier:ResourceTag/LegalHold", Some("true")));
        assert!(has(&context, "glacier:ResourceTag/unit", Some("")) && has(&context, "glacier:ResourceTag/x", None));
    }

    /// "Principal key values" of the IAM user guide.
    #[test]
    fn principals_have_the_values_of_their_type() {
        let root = "arn:aws:iam::111122223333:root";
        let federated = "arn:aws:sts::111122223333:federated-user/bob";
        let role = "arn:aws:iam::111122223333:role/night/backup";
        for (principal, arn, kind, name, id) in [
            (root, root, "Account", None, Some(OWNER)),
            (USER, USER, "User", Some("clerk"), None),
            (federated, federated, "FederatedUser", None, Some("111122223333:bob")),
            (SESSION, "arn:aws:iam::111122223333:role/backup", "AssumedRole", None, None),
            ("arn:aws-cn:sts::111122223333:assumed-role/r/s", "arn:aws-cn:iam::111122223333:role/r", "AssumedRole", None, None),
            (role, role, "AssumedRole", None, None),
        ] {
            let context = condition_context(&request("ListJobs", principal), &Tags::default(), None);
            let keys = [("Arn", Some(arn)), ("Type", Some(kind)), ("Account", Some(OWNER))];
            for (key, value) in keys {
                assert!(has(&context, &format!("aws:Principal{key}"), value), "{principal} {key}");
            }
            assert!(has(&context, "aws:username", name) && has(&context, "aws:userid", id), "{principal}");
        }
    }

    #[test]
    fn only_a_session_says_whether_there_was_a_second_factor() {
        for (session_mfa, value) in [(None, None), (Some(false), Some("false")), (Some(true), Some("true"))] {
            let mut request = request("ListJobs", SESSION);
            request.caller.session_mfa = session_mfa;
            assert!(has(&condition_context(&request, &Tags::default(), None), "aws:MultiFactorAuthPresent", value), "{value:?}");
        }
    }

    #[test]
    fn a_connection_has_an_address_and_tls_or_none() {
        for (address, shown, is_secure) in [
            ("203.0.113.9", "203.0.113.9", true),
            ("::ffff:203.0.113.9", "203.0.113.9", false),
            ("2001:db8::1", "2001:db8::1", true),
        ] {
            let origin = Origin { address: address.parse().unwrap(), is_secure };
            let context = condition_context(&ApiRequest { origin, ..request("ListJobs", USER) }, &Tags::default(), None);
            assert!(has(&context, "aws:SourceIp", Some(shown)) && has(&context, "aws:UserAgent", Some("tape-robot/1")));
            assert!(has(&context, "aws:SecureTransport", Some(if is_secure { "true" } else { "false" })), "{address}");
            assert!(holds(&context, &json!({ "Bool": { "aws:SecureTransport": is_secure } })));
            assert_eq!(holds(&context, &json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } })), shown == "203.0.113.9");
            assert!(has(&context, "aws:RequestedRegion", Some("us-west-2")));
        }
    }
}
