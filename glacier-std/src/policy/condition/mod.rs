//! The condition of a statement: operators, keys and values, and what they say of a request.
//!
//! Source: "IAM JSON policy elements: Condition operators", IAM user guide.

mod address;
mod block;
mod date;
mod number;
mod operator;
mod test;

pub(super) use block::Conditions;
