//! `glacier job`: lists and shows retrieval and inventory jobs.

use clap::Subcommand;
use glacier_core::ops::{DescribeJob, Job, ListJobs};
use glacier_core::{ProvideCredentials, Transport};

use crate::args::{OutputFormat, VaultArgs};
use crate::output::{Stdout, WriteError, shown};
use crate::run::{CALL_BUFFER, CommandError, Context, SharedClient, given_id, print_list};

#[derive(Debug, Subcommand)]
pub(super) enum JobCommand {
    /// List the jobs of a vault
    List(VaultArgs),
    /// Show a job
    Info {
        /// Vault name
        vault: String,
        /// Job id; may begin with -
        #[arg(allow_hyphen_values = true)]
        job_id: String,
    },
}

pub(super) async fn run<T: Transport, C: ProvideCredentials>(
    command: &JobCommand,
    client: &mut SharedClient<T, C>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match command {
        JobCommand::List(args) => {
            let vault = context.vault(&args.vault)?;
            let operation = ListJobs { vault, completed: None, limit: None, marker: None, status: None };
            print_list(&operation, client, context, Some(&args.vault), print_line).await
        }
        JobCommand::Info { vault, job_id } => {
            let operation = DescribeJob { vault: context.vault(vault)?, job: given_id(job_id)? };
            let mut buf = vec![0; CALL_BUFFER];
            let job = context.send(client, &operation, vault, &mut buf).await?;
            match context.stdout.format {
                OutputFormat::Json => context.stdout.object(&job)?,
                OutputFormat::Text => print_members(&job, &mut context.stdout)?,
            }
            Ok(())
        }
    }
}

fn print_line(job: &Job<'_>, stdout: &mut Stdout) -> Result<(), WriteError> {
    let (date, action, status) = (shown(job.creation_date), shown(job.action), shown(job.status_code));
    stdout.line(format_args!("{date}  {action:<18}  {status:<10}  {}  {}", shown(job.job_id), shown(job.archive_id)))
}

fn print_members(job: &Job<'_>, stdout: &mut Stdout) -> Result<(), WriteError> {
    stdout.members(&[
        ("JobId", shown(job.job_id)),
        ("Action", shown(job.action)),
        ("ArchiveId", shown(job.archive_id)),
        ("JobDescription", shown(job.job_description)),
        ("VaultARN", shown(job.vault_arn)),
        ("CreationDate", shown(job.creation_date)),
        ("CompletionDate", shown(job.completion_date)),
        ("StatusCode", shown(job.status_code)),
        ("StatusMessage", shown(job.status_message)),
        ("Tier", shown(job.tier)),
        ("RetrievalByteRange", shown(job.retrieval_byte_range)),
        ("ArchiveSizeInBytes", shown(job.archive_size_in_bytes)),
        ("SHA256TreeHash", shown(job.sha256_tree_hash)),
    ])
}
