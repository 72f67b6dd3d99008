//! Vault access policies and vault lock policies: reading them as strictly as the service does when they are set, and deciding by them.
//! Pure: no input or output, no clock. Who calls and what the conditions may ask comes with the request.
//!
//! Sources: "IAM JSON policy reference" and "Policy evaluation logic" of the AWS IAM user guide; "Vault Access Policies", "Vault Lock
//! Policies" and "Actions, resources, and condition keys" of the Amazon Glacier developer guide.

mod action;
mod arn;
mod caller;
mod condition;
mod context;
mod decide;
mod document;
mod error;
mod json;
mod pattern;
mod principal;
mod resource;
mod statement;
mod variables;

pub use caller::Caller;
pub use context::ConditionContext;
pub use decide::{AccessRequest, Decision, PolicyKind, StatementRef, decide};
pub use document::{MAX_POLICY_BYTES, Policy};
pub use error::PolicyError;
