//! `glacier job`: list and show retrieval and inventory jobs.

use glacier_core::ops::{DescribeJob, Job, ListJobs};
use glacier_core::{Client, JobId, ProvideCredentials, Transport};

use crate::args::{Form, JobCommand};
use crate::context::Context;
use crate::exit::Failure;
use crate::list::print_list;
use crate::output::{Output, shown};

pub(crate) async fn run<T: Transport, C: ProvideCredentials>(
    command: &JobCommand,
    client: &mut Client<T, C>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    match command {
        JobCommand::List(args) => {
            let vault = context.vault(&args.vault)?;
            let operation = ListJobs { vault, completed: None, limit: None, marker: None, status: None };
            print_list(&operation, "JobList", client, context, Some(&args.vault), |job, output| match output.form {
                Form::Json => output.value(&job),
                Form::Text => line(&job, output),
            })
            .await
        }
        JobCommand::Info { vault: name, job_id } => {
            let job = JobId::try_from(job_id.as_str()).map_err(Failure::usage)?;
            let operation = DescribeJob { vault: context.vault(name)?, job };
            let mut buf = vec![0; 16 << 10];
            let answer = context.send(client, &operation, &mut buf).await;
            let job = answer.map_err(|error| Failure::call(&error, Some(name)))?;
            match context.output.form {
                Form::Json => context.output.object(&job),
                Form::Text => paragraph(&job, &mut context.output),
            }
        }
    }
}

fn line(job: &Job<'_>, output: &mut Output) -> Result<(), Failure> {
    let (date, action, status) = (shown(job.creation_date), shown(job.action), shown(job.status_code));
    output.line(format_args!("{date}  {action:<18}  {status:<10}  {}  {}", shown(job.job_id), shown(job.archive_id)))
}

fn paragraph(job: &Job<'_>, output: &mut Output) -> Result<(), Failure> {
    output.line(format_args!("JobId                {}", shown(job.job_id)))?;
    output.line(format_args!("Action               {}", shown(job.action)))?;
    output.line(format_args!("ArchiveId            {}", shown(job.archive_id)))?;
    output.line(format_args!("JobDescription       {}", shown(job.job_description)))?;
    output.line(format_args!("VaultARN             {}", shown(job.vault_arn)))?;
    output.line(format_args!("CreationDate         {}", shown(job.creation_date)))?;
    output.line(format_args!("CompletionDate       {}", shown(job.completion_date)))?;
    output.line(format_args!("StatusCode           {}", shown(job.status_code)))?;
    output.line(format_args!("StatusMessage        {}", shown(job.status_message)))?;
    output.line(format_args!("Tier                 {}", shown(job.tier)))?;
    output.line(format_args!("RetrievalByteRange   {}", shown(job.retrieval_byte_range)))?;
    output.line(format_args!("ArchiveSizeInBytes   {}", shown(job.archive_size_in_bytes)))?;
    output.line(format_args!("SHA256TreeHash       {}", shown(job.sha256_tree_hash)))
}
