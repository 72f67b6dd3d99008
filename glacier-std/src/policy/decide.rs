//! Whether a request is allowed.
//!
//! A Deny in either policy wins. Principals of the vault's own account are allowed unless a statement denies, since their identity policies
//! are not known here; those of another account need an Allow in one of the policies; who did not sign is never allowed.

use std::fmt;

use super::caller::Caller;
use super::context::ConditionContext;
use super::document::Policy;

/// A request to decide on.
#[derive(Clone, Copy, Debug)]
pub struct AccessRequest<'r> {
    /// The action, such as `glacier:DeleteArchive`; case does not matter.
    pub action: &'r str,
    /// The ARN of the vault.
    pub resource: &'r str,
    /// Who signed the request; `None` if nobody did.
    pub caller: Option<Caller<'r>>,
    /// The id of the account that owns the vault.
    pub owner: &'r str,
    /// What conditions can ask.
    pub context: &'r ConditionContext,
}

/// Which of a vault's policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// The vault access policy.
    Access,
    /// The vault lock policy.
    Lock,
}

/// A statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRef {
    /// Which policy.
    pub policy: PolicyKind,
    /// Its place in the list of statements, from 0.
    pub index: usize,
    /// Its `Sid`, if it has one.
    pub sid: Option<String>,
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policy = match self.policy {
            PolicyKind::Access => "access",
            PolicyKind::Lock => "lock",
        };
        write!(f, "statement {}", self.index)?;
        if let Some(sid) = &self.sid {
            write!(f, " ({sid})")?;
        }
        write!(f, " of the vault {policy} policy")
    }
}

/// What was decided, and by which statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Allowed: by a statement, or as a principal of the vault's own account.
    Allow(Option<StatementRef>),
    /// Denied: by a statement, or because nothing allows it.
    Deny(Option<StatementRef>),
}

impl Decision {
    /// Whether it is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Decision::Allow(_))
    }
}

/// Decides by the access policy and the lock policy of a vault.
#[must_use]
pub fn decide(request: &AccessRequest<'_>, access: Option<&Policy>, lock: Option<&Policy>) -> Decision {
    let first = |allows: bool| {
        let policies = [(PolicyKind::Access, access), (PolicyKind::Lock, lock)];
        policies.into_iter().find_map(|(kind, policy)| {
            let AccessRequest { action, resource, caller, context, .. } = request;
            let mut statements = policy?.statements.iter().enumerate();
            let applies =
                statements.find(|(_, one)| one.allows == allows && one.applies(caller.as_ref(), action, resource, context))?;
            Some(StatementRef { policy: kind, index: applies.0, sid: applies.1.sid.clone() })
        })
    };
    if let Some(denied) = first(false) {
        return Decision::Deny(Some(denied));
    }
    match (request.caller, first(true)) {
        (None, _) => Decision::Deny(None),
        (Some(_), Some(by)) => Decision::Allow(Some(by)),
        (Some(caller), None) if caller.account == request.owner => Decision::Allow(None),
        (Some(_), None) => Decision::Deny(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OWNER: &str = "111122223333";
    const VAULT: &str = "arn:aws:glacier:us-west-2:111122223333:vaults/ledgers";
    const PRINCIPALS: [&str; 4] = [
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"444455556666"}"#,
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/clerk"}"#,
        r#""NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/clerk"]}"#,
    ];
    const ACTIONS: [&str; 3] = [
        r#""Action":"glacier:DeleteArchive""#,
        r#""Action":["glacier:List*","glacier:Get*"]"#,
        r#""NotAction":"glacier:DeleteArchive""#,
    ];
    const CONDITIONS: [&str; 4] = [
        "{}",
        r#"{"NumericLessThan":{"glacier:ArchiveAgeInDays":"365"}}"#,
        r#"{"BoolIfExists":{"aws:SecureTransport":"false"}}"#,
        r#"{"StringNotEquals":{"glacier:ResourceTag/hold":"yes"}}"#,
    ];
    const CALLERS: [Option<&str>; 4] = [
        None,
        Some("arn:aws:iam::111122223333:user/clerk"),
        Some("arn:aws:iam::444455556666:user/auditor"),
        Some("arn:aws:sts::111122223333:assumed-role/backup/nightly"),
    ];

    /// Whether it allows, and the text of a statement.
    fn statement() -> impl Strategy<Value = (bool, String)> {
        (any::<bool>(), 0..PRINCIPALS.len(), 0..ACTIONS.len(), 0..CONDITIONS.len()).prop_map(|(allows, who, what, when)| {
            // Only Deny goes with NotPrincipal.
            let allows = allows && who != 3;
            let effect = if allows { "Allow" } else { "Deny" };
            let (who, what, when) = (PRINCIPALS[who], ACTIONS[what], CONDITIONS[when]);
            (allows, format!(r#"{{"Effect":"{effect}",{who},{what},"Resource":"*","Condition":{when}}}"#))
        })
    }

    fn request() -> impl Strategy<Value = (usize, usize, Option<u32>, bool)> {
        (0..CALLERS.len(), 0..2_usize, proptest::option::of(0..730_u32), any::<bool>())
    }

    fn allows(statements: &[(bool, String)], (caller, action, age, hold): (usize, usize, Option<u32>, bool)) -> bool {
        let parse = |statements: &[(bool, String)]| {
            let list: Vec<_> = statements.iter().map(|(_, text)| text.as_str()).collect();
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, list.join(","));
            (!statements.is_empty()).then(|| Policy::parse(&text).unwrap())
        };
        let mut context = ConditionContext::new();
        if let Some(age) = age {
            context = context.with("glacier:ArchiveAgeInDays", [age.to_string()]);
        }
        if hold {
            context = context.with("glacier:ResourceTag/hold", ["yes"]);
        }
        let request = AccessRequest {
            action: ["glacier:DeleteArchive", "glacier:ListJobs"][action],
            resource: VAULT,
            caller: CALLERS[caller].and_then(Caller::from_arn),
            owner: OWNER,
            context: &context,
        };
        // The same statements as an access policy, as a lock policy, and divided between both.
        let half = statements.len() / 2;
        let all = parse(statements);
        let decided = decide(&request, all.as_ref(), None).is_allowed();
        assert_eq!(decide(&request, None, all.as_ref()).is_allowed(), decided);
        let halves = (parse(&statements[..half]), parse(&statements[half..]));
        assert_eq!(decide(&request, halves.0.as_ref(), halves.1.as_ref()).is_allowed(), decided);
        decided
    }

    proptest! {
        #[test]
        fn the_order_of_statements_does_not_matter(
            (some, shuffled) in proptest::collection::vec(statement(), 1..6).prop_flat_map(|some| (Just(some.clone()), Just(some).prop_shuffle())),
            request in request(),
        ) {
            prop_assert_eq!(allows(&some, request), allows(&shuffled, request));
        }

        #[test]
        fn a_deny_more_or_an_allow_less_never_allows_more(
            some in proptest::collection::vec(statement(), 1..6),
            one in statement(),
            request in request(),
        ) {
            let before = allows(&some, request);
            for at in 0..some.len() {
                let mut less = some.clone();
                let (was_allow, _) = less.remove(at);
                let after = allows(&less, request);
                let (fewer, wider) = if was_allow { (after, before) } else { (before, after) };
                prop_assert!(wider || !fewer, "without statement {}", at);
            }
            let mut more = some;
            more.push(one.clone());
            let after = allows(&more, request);
            let (fewer, wider) = if one.0 { (before, after) } else { (after, before) };
            prop_assert!(wider || !fewer);
        }

        #[test]
        fn what_denies_is_named_and_denies_alone(
            some in proptest::collection::vec(statement(), 1..6),
            (caller, action, age, hold) in request(),
        ) {
            let list: Vec<_> = some.iter().map(|(_, text)| text.as_str()).collect();
            let policy = Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, list.join(","))).unwrap();
            let mut context = ConditionContext::new();
            if let Some(age) = age { context = context.with("glacier:ArchiveAgeInDays", [age.to_string()]); }
            if hold { context = context.with("glacier:ResourceTag/hold", ["yes"]); }
            let action_name = ["glacier:DeleteArchive", "glacier:ListJobs"][action];
            let caller_arn = CALLERS[caller].and_then(Caller::from_arn);
            let request = AccessRequest { action: action_name, resource: VAULT, caller: caller_arn, owner: OWNER, context: &context };
            if let Decision::Deny(Some(by)) = decide(&request, Some(&policy), None) {
                prop_assert!(!some[by.index].0);
                prop_assert!(!allows(&some[by.index..=by.index], (caller, action, age, hold)));
            }
        }
    }

    #[test]
    fn a_statement_is_named_for_a_message() {
        let by = StatementRef { policy: PolicyKind::Lock, index: 2, sid: Some("hold".into()) };
        assert_eq!(by.to_string(), "statement 2 (hold) of the vault lock policy");
        assert_eq!(
            StatementRef { policy: PolicyKind::Access, sid: None, ..by }.to_string(),
            "statement 2 of the vault access policy"
        );
    }
}
