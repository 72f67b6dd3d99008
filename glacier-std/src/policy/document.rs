//! A policy document.

use super::error::PolicyError;
use super::json::Json;
use super::statement::Statement;

/// The most bytes that a policy may have: 20 KB.
pub const MAX_POLICY_BYTES: usize = 20_480;

/// A policy that the service accepts.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) statements: Vec<Statement>,
}

impl Policy {
    /// Reads a policy as it is sent, at most [`MAX_POLICY_BYTES`] of JSON.
    ///
    /// # Errors
    /// What the grammar of policies forbids, actions, condition keys and operators that do not exist, and values that do not fit their
    /// operator. That the policy is for a certain vault, [`check_for`](Policy::check_for) says.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY_BYTES {
            let wrong = format_args!("a policy has at most 20 KB ({MAX_POLICY_BYTES} bytes); this one has {}", text.len());
            return Err(PolicyError::new(wrong));
        }
        let document = Json::parse(text)?;
        let (mut version, mut statements) = (None, None);
        for (name, value) in document.members("a policy")? {
            match name.as_str() {
                "Version" => version = Some(value.text("Version")?),
                "Id" => _ = value.text("Id")?,
                "Statement" => statements = Some(value),
                unknown => {
                    return Err(PolicyError::new(format_args!(
                        "{unknown} is no element of a policy: they are Version, Id and Statement"
                    )));
                }
            }
        }
        let with_variables = match version {
            Some("2012-10-17") => true,
            Some("2008-10-17") | None => false,
            Some(other) => return Err(PolicyError::new(format_args!("Version is 2012-10-17 or 2008-10-17, not {other}"))),
        };
        let Some(statements) = statements else { return Err(PolicyError::new("Statement is missing")) };
        let statements = statements.items("Statement")?.iter().enumerate();
        let statements = statements
            .map(|(index, value)| {
                Statement::parse(value, with_variables).map_err(|error| error.within(format_args!("statement {index}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Policy { statements })
    }

    /// That the policy can be that of the vault with this ARN.
    ///
    /// # Errors
    /// A statement's `Resource` names something else.
    pub fn check_for(&self, vault: &str) -> Result<(), PolicyError> {
        let mut statements = self.statements.iter().enumerate();
        statements.try_for_each(|(index, statement)| {
            statement.check_for(vault).map_err(|error| error.within(format_args!("statement {index}")))
        })
    }
}
