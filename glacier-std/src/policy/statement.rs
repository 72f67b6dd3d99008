//! One statement: whom, what and where it allows or denies, and when.

use super::action::Actions;
use super::caller::Caller;
use super::condition::Conditions;
use super::context::ConditionContext;
use super::error::PolicyError;
use super::json::Json;
use super::principal::Principals;
use super::resource::Resources;

#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) sid: Option<String>,
    pub(super) allows: bool,
    principals: Principals,
    actions: Actions,
    resources: Resources,
    conditions: Conditions,
}

impl Statement {
    pub(super) fn parse(value: &Json, with_variables: bool) -> Result<Self, PolicyError> {
        let Json::Object(members) = value else {
            return Err(PolicyError::new(format_args!("Statement is an object or a list of objects, not of {}", value.kind())));
        };
        const NAMES: [&str; 9] =
            ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
        if let Some((unknown, _)) = members.iter().find(|(name, _)| !NAMES.contains(&name.as_str())) {
            return Err(PolicyError::new(format_args!("{unknown} is no element of a statement: they are {}", NAMES.join(", "))));
        }
        let member = |name: &str| members.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        // One of a pair, and whether it is the one with Not.
        let one_of = |name: &str| match (member(name), member(&format!("Not{name}"))) {
            (Some(value), None) => Ok((value, false)),
            (None, Some(value)) => Ok((value, true)),
            (None, None) => Err(PolicyError::new(format_args!("{name} is missing"))),
            (Some(_), Some(_)) => Err(PolicyError::new(format_args!("{name} and Not{name} exclude each other: give one"))),
        };
        let sid = member("Sid").map(|sid| sid.text("Sid")).transpose()?.map(str::to_owned);
        let allows = match member("Effect").map(|effect| effect.text("Effect")).transpose()? {
            Some("Allow") => true,
            Some("Deny") => false,
            Some(other) => return Err(PolicyError::new(format_args!("Effect is Allow or Deny, not {other}"))),
            None => return Err(PolicyError::new("Effect is missing: give Allow or Deny")),
        };
        let (principals, all_but_these) = one_of("Principal")?;
        if all_but_these && allows {
            return Err(PolicyError::new("NotPrincipal with Allow would allow everyone else: use it with Deny, or Principal"));
        }
        let principals = Principals::parse(principals, all_but_these)?;
        let (actions, all_but_these) = one_of("Action")?;
        let actions = Actions::parse(actions, all_but_these)?;
        let (resources, all_but_these) = one_of("Resource")?;
        let resources = Resources::parse(resources, all_but_these, with_variables)?;
        let conditions = member("Condition").map(|value| Conditions::parse(value, with_variables)).transpose()?.unwrap_or_default();
        Ok(Statement { sid, allows, principals, actions, resources, conditions })
    }

    /// That it can speak of this vault.
    pub(super) fn check_for(&self, vault: &str) -> Result<(), PolicyError> {
        self.resources.check_for(vault)
    }

    /// Whether it speaks of a request.
    pub(super) fn applies(&self, caller: Option<&Caller<'_>>, action: &str, resource: &str, context: &ConditionContext) -> bool {
        self.principals.include(caller)
            && self.actions.include(action)
            && self.resources.include(resource, context)
            && self.conditions.hold(context)
    }
}
