//! `glacier restore`: an archive becomes a file again, verified before it appears.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use glacier_core::ops;
use glacier_core::{ArchiveId, Error, JobId, ProvideCredentials, Transport};
use glacier_std::transfer::{
    RestoreError, RestoredArchive, RetrievalRequest, RetrievalStatus, check_retrieval, download, initiate_retrieval,
    wait_for_retrieval,
};
use serde::Serialize;

use crate::args::OutputFormat;
use crate::run::{CommandError, Context, Destination, SharedClient, code};

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// Vault name
    vault: String,
    /// Archive id; may begin with -
    #[arg(allow_hyphen_values = true)]
    pub(super) archive_id: String,
    /// Where to write the archive. An existing FILE is replaced once the whole archive is verified. With -, the bytes go to standard
    /// output as they arrive, and only exit code 0 says that they are verified [default: archive-ID in the current directory, ID
    /// being the first 16 characters of the archive id; it must not exist]
    #[arg(short, long, value_name = "FILE|-")]
    pub(super) output_file: Option<PathBuf>,
    /// Speed and cost of the retrieval: Expedited takes minutes, Standard 3 to 5 hours, Bulk 5 to 12 hours
    #[arg(long, value_enum, ignore_case = true, value_name = "TIER")]
    pub(super) tier: Option<Tier>,
    /// Wait for this job, which an earlier restore of the archive initiated, instead of paying for another
    #[arg(long, value_name = "JOB_ID", allow_hyphen_values = true, conflicts_with = "tier")]
    pub(super) job: Option<String>,
    /// If the job is still in progress, do not wait: print how to resume and exit with code 75
    #[arg(long)]
    no_wait: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Tier {
    #[value(name = "Expedited")]
    Expedited,
    #[value(name = "Standard")]
    Standard,
    #[value(name = "Bulk")]
    Bulk,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreResult<'r> {
    archive_id: &'r str,
    checksum: String,
    bytes: u64,
    path: String,
}

pub(super) async fn run<T: Transport, C: ProvideCredentials>(
    args: &RestoreArgs,
    client: &mut SharedClient<T, C>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let vault = context.vault(&args.vault)?;
    let archive = ArchiveId::try_from(args.archive_id.as_str()).map_err(CommandError::usage)?;
    // A destination that cannot be written to is found before a job is paid for.
    let mut destination = Destination::open(args.output_file.as_deref(), &args.archive_id)?;
    let name = destination.name();
    let failed = |error| restore_error(&error, &name, &args.vault);

    let job_id = match &args.job {
        Some(job_id) => job_id.clone(),
        None => {
            let mut retrieval = RetrievalRequest::new(vault, archive);
            retrieval.tier = args.tier.map(Tier::to_core);
            initiate_retrieval(client, &retrieval, context.options).await.map_err(failed)?
        }
    };
    let job = JobId::try_from(job_id.as_str()).map_err(CommandError::usage)?;
    let resume = format!("glacier restore {} {} --job {job_id}", args.vault, args.archive_id);
    context.progress.waits_for(&job_id, format!("the retrieval job continues: resume with {resume}"));

    let ready = if args.no_wait {
        match check_retrieval(client, vault, archive, job, context.options).await {
            Ok(RetrievalStatus::Ready(ready)) => Ok(ready),
            Ok(RetrievalStatus::InProgress(_)) => {
                let error = CommandError::new(code::NOT_READY, "the retrieval job is still in progress");
                return Err(error.and(format_args!("resume with {resume}")));
            }
            Err(error) => Err(error),
        }
    } else {
        wait_for_retrieval(client, vault, archive, job, context.options).await
    };
    let ready = ready.map_err(|error| match error {
        RestoreError::StillInProgress { .. } => failed(error).and(format_args!("resume with {resume}")),
        error => failed(error),
    })?;
    context.progress.expect(ready.size);
    let again = format!("the job's output is available for a day: try again with {resume}");
    let restored = match &mut destination {
        Destination::File(file, _) => download(client, vault, job, &ready, file, context.options).await,
        Destination::Stream(stream, _) => download(client, vault, job, &ready, stream, context.options).await,
    };
    let restored = restored.map_err(|error| failed(error).and(&again))?;
    let done = || context.progress.done("restored", restored.bytes, &restored.checksum);
    match destination {
        Destination::Stream(..) => {
            done();
            Ok(())
        }
        Destination::File(file, path) => {
            file.put_in_place().map_err(|error| CommandError::file(&name, &error).and(&again))?;
            done();
            print(args, &restored, &path, context)
        }
    }
}

fn print(args: &RestoreArgs, restored: &RestoredArchive, path: &Path, context: &mut Context<'_>) -> Result<(), CommandError> {
    let path = path.display().to_string();
    match context.stdout.format {
        OutputFormat::Text => context.stdout.line(path)?,
        OutputFormat::Json => context.stdout.object(&RestoreResult {
            archive_id: &args.archive_id,
            checksum: restored.checksum.to_string(),
            bytes: restored.bytes,
            path,
        })?,
    }
    Ok(())
}

impl Tier {
    fn to_core(self) -> ops::Tier {
        match self {
            Tier::Expedited => ops::Tier::Expedited,
            Tier::Standard => ops::Tier::Standard,
            Tier::Bulk => ops::Tier::Bulk,
        }
    }
}

/// A failed restore to what the user calls `destination`.
fn restore_error<T: embedded_io_async::Error>(error: &RestoreError<T>, destination: &Path, vault: &str) -> CommandError {
    match error.cause() {
        RestoreError::Call(call) => CommandError::call(call, Some(vault)),
        RestoreError::MayHaveStarted(Error::Service(_)) => CommandError::new(code::SERVICE, error.cause()),
        RestoreError::JobFailed { .. } => CommandError::new(code::SERVICE, error),
        RestoreError::StillInProgress { .. } => CommandError::new(code::NOT_READY, error),
        RestoreError::OtherJob { .. } => CommandError::usage(error),
        RestoreError::Write(error) => CommandError::file(destination, error),
        _ => CommandError::other(error),
    }
}
