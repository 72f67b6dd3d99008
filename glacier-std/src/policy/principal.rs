//! Whom a statement speaks of.
//!
//! Source: "AWS JSON policy elements: Principal" and "NotPrincipal", IAM user guide.

use super::arn::{is_account, parts};
use super::caller::Caller;
use super::error::PolicyError;
use super::json::Json;

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub(super) struct Principals {
    entries: Vec<Entry>,
    all_but_these: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Everyone,
    /// An account's id or root ARN.
    Account(String),
    /// A role: all of its sessions.
    Role {
        account: String,
        name: String,
        arn: String,
    },
    /// A user, a session of a role or of a federated user.
    Single(String),
    /// A service or another kind of principal, which no caller is here.
    Other,
}

impl Principals {
    pub(super) fn parse(value: &Json, all_but_these: bool) -> Result<Self, PolicyError> {
        let name = if all_but_these { "NotPrincipal" } else { "Principal" };
        let entries = match value {
            Json::Text(text) if text == "*" => vec![Entry::Everyone],
            Json::Text(text) => {
                let wrong = format_args!("{name} {text}: a string can only be \"*\"; write {{\"AWS\": \"{text}\"}}");
                return Err(PolicyError::new(wrong));
            }
            Json::Object(members) if members.is_empty() => {
                return Err(PolicyError::new(format_args!("{name} names nobody: write \"*\" or {{\"AWS\": ...}}")));
            }
            Json::Object(members) => {
                let mut entries = Vec::new();
                for (kind, values) in members {
                    for text in values.texts(&format!("{name} {kind}"))? {
                        entries.push(Entry::parse(kind, text).map_err(|error| error.within(name))?);
                    }
                }
                entries
            }
            other => return Err(PolicyError::new(format_args!("{name} is \"*\" or an object, not {}", other.kind()))),
        };
        Ok(Principals { entries, all_but_these })
    }

    /// Whether the statement speaks of the caller; `None` is one who did not sign.
    pub(super) fn include(&self, caller: Option<&Caller<'_>>) -> bool {
        if self.entries.contains(&Entry::Everyone) {
            return !self.all_but_these;
        }
        let Some(caller) = caller else { return self.all_but_these };
        if self.all_but_these {
            !self.exempt(caller)
        } else {
            self.lists_account(caller) || self.lists_role(caller) || self.lists_itself(caller)
        }
    }

    /// `NotPrincipal` exempts a caller only if every level of it is listed: account, role if any, and the caller.
    fn exempt(&self, caller: &Caller<'_>) -> bool {
        let resource = parts(caller.arn).map_or("", |parts| parts[5]);
        let is_session = resource.starts_with("assumed-role/");
        let itself = resource == "root" || self.lists_itself(caller) || !is_session && self.lists_role(caller);
        self.lists_account(caller) && itself && (!is_session || self.lists_role(caller))
    }

    fn lists_account(&self, caller: &Caller<'_>) -> bool {
        self.entries.iter().any(|entry| matches!(entry, Entry::Account(account) if account == caller.account))
    }

    fn lists_role(&self, caller: &Caller<'_>) -> bool {
        let session_of = parts(caller.arn).filter(|parts| parts[2] == "sts").and_then(|parts| {
            let (role, _) = parts[5].strip_prefix("assumed-role/")?.split_once('/')?;
            Some((parts[4], role))
        });
        self.entries.iter().any(|entry| match entry {
            Entry::Role { account, name, arn } => arn == caller.arn || session_of == Some((account.as_str(), name.as_str())),
            _ => false,
        })
    }

    fn lists_itself(&self, caller: &Caller<'_>) -> bool {
        self.entries.iter().any(|entry| matches!(entry, Entry::Single(arn) if arn == caller.arn))
    }
}

impl Entry {
    fn parse(kind: &str, text: &str) -> Result<Self, PolicyError> {
        match kind {
            "AWS" if text == "*" => Ok(Entry::Everyone),
            "AWS" if is_account(text) => Ok(Entry::Account(text.into())),
            "AWS" if text.contains(['*', '?']) => {
                Err(PolicyError::new(format_args!("{text}: a principal has no wildcards but for a lone \"*\"; name each in full")))
            }
            "AWS" => Entry::from_arn(text).ok_or_else(|| {
                PolicyError::new(format_args!(
                    "{text} is no principal: give an account's id of 12 digits, or the ARN of an account's root, a user, a role or a session"
                ))
            }),
            "Service" | "Federated" | "CanonicalUser" if text.is_empty() => Err(PolicyError::new(format_args!("{kind} is empty"))),
            "Service" | "Federated" | "CanonicalUser" => Ok(Entry::Other),
            other => Err(PolicyError::new(format_args!("{other}: the kinds of principals are AWS, Service, Federated and CanonicalUser"))),
        }
    }

    fn from_arn(arn: &str) -> Option<Self> {
        let [_, partition, service, region, account, resource] = parts(arn)?;
        if !partition.starts_with("aws") || !region.is_empty() || !is_account(account) || arn.contains(char::is_whitespace) {
            return None;
        }
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let last = name.rsplit('/').next().unwrap_or("");
        match (service, kind) {
            ("iam", "root") if resource == "root" => Some(Entry::Account(account.into())),
            ("iam", "user") if !last.is_empty() => Some(Entry::Single(arn.into())),
            // A session's ARN has the role's name without its path.
            ("iam", "role") if !last.is_empty() => {
                Some(Entry::Role { account: account.into(), name: last.into(), arn: arn.into() })
            }
            ("sts", "assumed-role")
                if name.split_once('/').is_some_and(|(role, session)| !role.is_empty() && !session.is_empty()) =>
            {
                Some(Entry::Single(arn.into()))
            }
            ("sts", "federated-user") if !name.is_empty() => Some(Entry::Single(arn.into())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/backup/nightly";

    fn principals(list: &str, all_but_these: bool) -> Principals {
        Principals::parse(&Json::parse(&format!(r#"{{"AWS":{list}}}"#)).unwrap(), all_but_these).unwrap()
    }

    #[test]
    fn a_role_with_a_path_means_its_sessions() {
        let caller = Caller { arn: SESSION, account: ACCOUNT };
        assert!(principals(r#""arn:aws:iam::111122223333:role/night/backup""#, false).include(Some(&caller)));
        assert!(!principals(r#""arn:aws:iam::111122223333:role/back""#, false).include(Some(&caller)));
        assert!(!principals(r#""arn:aws:iam::444455556666:role/backup""#, false).include(Some(&caller)));
    }

    #[test]
    fn a_session_is_exempt_only_with_its_account_and_its_role() {
        let caller = Caller { arn: SESSION, account: ACCOUNT };
        let all = [SESSION, "arn:aws:iam::111122223333:role/backup", ACCOUNT];
        for left_out in 0..3 {
            let list: Vec<_> = (0..3).filter(|at| *at != left_out).map(|at| format!("\"{}\"", all[at])).collect();
            assert!(principals(&format!("[{}]", list.join(",")), true).include(Some(&caller)), "without {}", all[left_out]);
        }
        assert!(!principals(&format!("{all:?}"), true).include(Some(&caller)));
        assert!(!principals(r#""*""#, true).include(Some(&caller)));
        assert!(principals(&format!("{all:?}"), true).include(None), "who does not sign is not exempt");
    }

    #[test]
    fn what_is_no_principal_is_named() {
        for bad in [
            "arn:aws:iam::111122223333:group/admins",
            "arn:aws:iam::1111:root",
            "arn:aws:iam::111122223333:user/",
            "11112222333",
            "arn:aws:sts::111122223333:assumed-role/backup",
            "arn:aws:s3:::bucket",
            "bob",
            "",
        ] {
            let error = Principals::parse(&Json::parse(&format!(r#"{{"AWS":"{bad}"}}"#)).unwrap(), false).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
    }
}
