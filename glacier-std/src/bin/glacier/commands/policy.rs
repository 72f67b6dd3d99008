//! `glacier policy`: what a vault access policy or a vault lock policy says of a request, decided here, without a service.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use glacier_core::ops::catalogue::OPERATIONS;
use glacier_std::policy::{AccessRequest, Caller, ConditionContext, Decision, Policy, StatementRef, decide};
use serde_json::json;

use crate::args::OutputFormat;
use crate::output::{Stdout, print_stderr};
use crate::run::{CommandError, code};

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Decide whether a policy allows a request; exits with 0 for allow, 1 for deny
    Test(TestArgs),
}

// clap does not wrap it.
const TEST_USAGE: &str = "\
glacier policy test [OPTIONS] --action <ACTION> --resource <RESOURCE>
                           --principal <PRINCIPAL> <FILE>";

#[derive(Debug, Args)]
#[command(override_usage = TEST_USAGE)]
pub(super) struct TestArgs {
    /// The policy document
    file: PathBuf,
    /// The action, such as glacier:DeleteArchive
    #[arg(long)]
    action: String,
    /// The vault's ARN, arn:aws:glacier:REGION:ACCOUNT:vaults/NAME
    #[arg(long)]
    resource: String,
    /// The caller's ARN: a user, a role's session or an account's root
    #[arg(long)]
    principal: String,
    /// A condition key and its value, such as glacier:ArchiveAgeInDays=364; may
    /// be repeated, also for one key
    #[arg(long = "condition", value_name = "KEY=VALUE")]
    conditions: Vec<String>,
}

pub(super) fn run(command: &PolicyCommand, stdout: &mut Stdout) -> Result<(), CommandError> {
    let PolicyCommand::Test(args) = command;
    let text = std::fs::read_to_string(&args.file).map_err(|error| CommandError::file(&args.file, &error))?;
    let policy = Policy::parse(&text).and_then(|policy| policy.check_for(&args.resource).map(|()| policy));
    let policy = policy.map_err(|error| CommandError::usage(format_args!("{}: {error}", args.file.display())))?;
    let decision = decide_on(args, &policy)?;
    print(&decision, stdout)?;
    match decision {
        Decision::Allow(_) => Ok(()),
        // What there is to say has been printed.
        Decision::Deny(_) => {
            stdout.flush()?;
            Err(CommandError::new(code::SOME_FAILED, ""))
        }
    }
}

fn decide_on(args: &TestArgs, policy: &Policy) -> Result<Decision, CommandError> {
    let known = |operation: &&str| args.action.eq_ignore_ascii_case(&format!("glacier:{operation}"));
    if !OPERATIONS.iter().map(|operation| operation.name).any(|name| known(&name)) {
        let wrong = format_args!("--action {}: give one action, such as glacier:DeleteArchive", args.action);
        return Err(CommandError::usage(wrong));
    }
    let Some(caller) = Caller::from_arn(&args.principal) else {
        let wrong =
            format_args!("--principal {}: give the ARN of a user, of a role's session or of an account's root", args.principal);
        return Err(CommandError::usage(wrong));
    };
    let Some(owner) = Caller::from_arn(&args.resource) else {
        let wrong = format_args!("--resource {}: give the vault's ARN, arn:aws:glacier:REGION:ACCOUNT:vaults/NAME", args.resource);
        return Err(CommandError::usage(wrong));
    };
    let mut context = ConditionContext::new();
    let mut keys: Vec<&str> = Vec::new();
    let pairs: Vec<(&str, &str)> = args
        .conditions
        .iter()
        .map(|pair| pair.split_once('=').ok_or_else(|| CommandError::usage(format_args!("--condition {pair}: give KEY=VALUE"))))
        .collect::<Result<_, _>>()?;
    for (key, _) in &pairs {
        if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            keys.push(key);
            context = context.with(key, pairs.iter().filter(|(other, _)| other.eq_ignore_ascii_case(key)).map(|(_, value)| *value));
        }
    }
    let request = AccessRequest {
        action: &args.action,
        resource: &args.resource,
        caller: Some(caller),
        owner: owner.account,
        context: &context,
    };
    Ok(decide(&request, Some(policy), None))
}

fn print(decision: &Decision, stdout: &mut Stdout) -> Result<(), CommandError> {
    let (word, by) = match decision {
        Decision::Allow(by) => ("allow", by),
        Decision::Deny(by) => ("deny", by),
    };
    match stdout.format {
        OutputFormat::Json => {
            let statement = by.as_ref().map(|by| by.index);
            let sid = by.as_ref().and_then(|by| by.sid.as_deref());
            let policy = by.as_ref().map(|_| "access");
            stdout.object(&json!({ "decision": word, "policy": policy, "statement": statement, "sid": sid }))?;
        }
        OutputFormat::Text => {
            stdout.line(word)?;
            match by {
                Some(StatementRef { index, sid: Some(sid), .. }) => print_stderr(format_args!("by statement {index} ({sid})")),
                Some(StatementRef { index, .. }) => print_stderr(format_args!("by statement {index}")),
                None if decision.is_allowed() => {
                    print_stderr("to a principal of the vault's own account, as no statement denies it")
                }
                None => print_stderr("to another account, as no statement allows it"),
            }
        }
    }
    Ok(())
}
