//! The vaults that a statement speaks of.

use super::arn::parts;
use super::context::ConditionContext;
use super::error::PolicyError;
use super::json::Json;
use super::pattern::{Piece, matches, pieces};
use super::variables::expand;

/// `Resource` or `NotResource`: ARNs in which `*` and `?` are wildcards, compared part by part and with case.
#[derive(Clone, Debug)]
pub(super) struct Resources {
    patterns: Vec<String>,
    all_but_these: bool,
    with_variables: bool,
}

impl Resources {
    pub(super) fn parse(value: &Json, all_but_these: bool, with_variables: bool) -> Result<Self, PolicyError> {
        let name = if all_but_these { "NotResource" } else { "Resource" };
        let patterns = value.texts(name)?;
        for pattern in &patterns {
            if *pattern != "*" && parts(pattern).is_none() {
                return Err(PolicyError::new(format_args!(
                    "{name} {pattern}: a resource is * or an ARN of six parts, such as arn:aws:glacier:us-west-2:111122223333:vaults/NAME"
                )));
            }
        }
        Ok(Resources { patterns: patterns.into_iter().map(str::to_owned).collect(), all_but_these, with_variables })
    }

    pub(super) fn include(&self, resource: &str, context: &ConditionContext) -> bool {
        let means = |pattern: &String| part_by_part(pattern, resource, |last| expand(last, self.with_variables, context));
        self.patterns.iter().any(means) != self.all_but_these
    }

    /// That each entry can mean `vault`, for the policy of one vault cannot speak of another; `NotResource` may.
    pub(super) fn check_for(&self, vault: &str) -> Result<(), PolicyError> {
        // A variable may have any value.
        let open = |last: &str| {
            Some(if self.with_variables && last.contains("${") { pieces(&with_stars_for_variables(last)) } else { pieces(last) })
        };
        match self.patterns.iter().find(|pattern| !part_by_part(pattern, vault, open)) {
            Some(other) if !self.all_but_these => {
                Err(PolicyError::new(format_args!("Resource {other} is not the vault that the policy is for: use {vault}")))
            }
            _ => Ok(()),
        }
    }
}

fn part_by_part(pattern: &str, resource: &str, last: impl Fn(&str) -> Option<Vec<Piece>>) -> bool {
    if pattern == "*" {
        return true;
    }
    let (Some(pattern), Some(resource)) = (parts(pattern), parts(resource)) else { return false };
    let like = |at: usize| matches(&pieces(pattern[at]), resource[at]);
    (1..5).all(like) && last(pattern[5]).is_some_and(|last| matches(&last, resource[5]))
}

fn with_stars_for_variables(text: &str) -> String {
    let mut open = String::new();
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once("${") {
        let Some((_, after)) = variable.split_once('}') else { break };
        open += before;
        open.push('*');
        rest = after;
    }
    open + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: &str = "arn:aws:glacier:us-west-2:111122223333:vaults/ledgers";

    fn resources(text: &str) -> Resources {
        Resources::parse(&Json::Text(text.into()), false, true).unwrap()
    }

    #[test]
    fn a_policy_speaks_of_its_own_vault() {
        for own in ["*", VAULT, "arn:aws:glacier:*:*:vaults/led*", "arn:aws:glacier:us-west-2:111122223333:vaults/${aws:username}*"]
        {
            resources(own).check_for(VAULT).unwrap();
        }
        for other in [
            "arn:aws:glacier:us-west-2:111122223333:vaults/films",
            "arn:aws:glacier:us-west-2:111122223333:vaults/x${aws:username}",
        ] {
            assert!(resources(other).check_for(VAULT).unwrap_err().to_string().contains(other));
        }
        let not = Resources::parse(&Json::Text("arn:aws:glacier:eu-west-1:111122223333:vaults/films".into()), true, true).unwrap();
        not.check_for(VAULT).unwrap();
    }

    #[test]
    fn a_star_does_not_cross_a_part() {
        assert!(!resources("arn:aws:glacier:*:vaults/ledgers:").include(VAULT, &ConditionContext::new()));
        assert!(Resources::parse(&Json::Text("arn:aws:*:ledgers".into()), false, true).is_err());
    }
}
