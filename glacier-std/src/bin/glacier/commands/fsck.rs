//! `glacier fsck`: reads everything in a directory of vaults, and says what is wrong.

use std::path::PathBuf;

use clap::Args;
use glacier_std::local::{CheckSummary, Finding, check_folder};
use serde_json::json;

use crate::args::OutputFormat;
use crate::output::Stdout;
use crate::run::{CommandError, code};

#[derive(Debug, Args)]
pub(super) struct FsckArgs {
    /// Directory with the vaults, which no other process may use meanwhile
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Move damaged files, and files that no record names, to DIR/lost+found, and put back those that a record names; nothing is deleted
    #[arg(long)]
    repair: bool,
}

/// Prints a line a finding.
pub(super) fn run(args: &FsckArgs, stdout: &mut Stdout) -> Result<(), CommandError> {
    let mut findings = Vec::new();
    let summary = check_folder(&args.directory, args.repair, |finding| findings.push(finding.clone()));
    print(&findings, &summary.map_err(CommandError::other)?, stdout)?;
    stdout.flush()?;
    if findings.iter().any(Finding::needs_action) {
        // What there is to say has been printed.
        return Err(CommandError::new(code::SOME_FAILED, ""));
    }
    Ok(())
}

fn print(findings: &[Finding], summary: &CheckSummary, stdout: &mut Stdout) -> Result<(), CommandError> {
    let CheckSummary { vaults, archives, files, bytes, .. } = *summary;
    match stdout.format {
        OutputFormat::Json => {
            let finding = |finding: &Finding| json!({ "text": finding.to_string(), "needsAction": finding.needs_action() });
            let findings: Vec<_> = findings.iter().map(finding).collect();
            stdout
                .object(&json!({ "findings": findings, "vaults": vaults, "archives": archives, "files": files, "bytes": bytes }))?;
        }
        OutputFormat::Text => {
            for finding in findings {
                stdout.line(finding)?;
            }
            stdout.line(format_args!("{vaults} vaults, {archives} archives, {files} files of {bytes} bytes read"))?;
        }
    }
    Ok(())
}
