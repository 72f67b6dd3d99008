//! The reader of vault policies, and what they decide: nothing fails, who did not sign is never allowed, a second policy with the same text
//! changes nothing, and a Deny is not taken back by another policy.
#![no_main]
use glacier_std::policy::{AccessRequest, Caller, ConditionContext, MAX_POLICY_BYTES, Policy, decide};

const OWNER: &str = "111122223333";
const VAULT: &str = "arn:aws:glacier:us-west-2:111122223333:vaults/examplevault";
const ACTIONS: [&str; 4] =
    ["glacier:DeleteArchive", "glacier:InitiateJob", "glacier:ListTagsForVault", "glacier:CompleteVaultLock"];
const CALLERS: [&str; 4] = [
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/clerk",
    "arn:aws:iam::444455556666:user/auditor",
    "arn:aws:sts::111122223333:assumed-role/backup/nightly",
];
const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"glacier:*","Resource":"arn:aws:glacier:us-west-2:111122223333:vaults/examplevault"}]}"#;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(text.len() <= MAX_POLICY_BYTES);
    let _either = policy.check_for(VAULT);
    let all = Policy::parse(ALL).expect("a policy");
    let contexts = [
        ConditionContext::new(),
        ConditionContext::new()
            .with("glacier:ArchiveAgeInDays", ["364"])
            .with("aws:SecureTransport", ["true"])
            .with("aws:SourceIp", ["127.0.0.1"])
            .with("aws:CurrentTime", ["2026-01-02T03:04:05Z"])
            .with("glacier:ResourceTag/hold", ["yes"]),
    ];
    for context in &contexts {
        for action in ACTIONS {
            for arn in CALLERS.map(Some).into_iter().chain([None]) {
                let caller = arn.and_then(Caller::from_arn);
                assert_eq!(caller.is_some(), arn.is_some());
                let request = AccessRequest { action, resource: VAULT, caller, owner: OWNER, context };
                let by_access = decide(&request, Some(&policy), None).is_allowed();
                assert_eq!(decide(&request, Some(&policy), Some(&policy)).is_allowed(), by_access);
                assert_eq!(decide(&request, None, Some(&policy)).is_allowed(), by_access);
                assert!(!by_access || caller.is_some(), "allowed without a signature");
                // The vault's own account is allowed unless a statement denies.
                if caller.is_some_and(|caller| caller.account == OWNER) {
                    assert_eq!(decide(&request, Some(&policy), Some(&all)).is_allowed(), by_access, "a Deny was taken back");
                }
            }
        }
    }
});
