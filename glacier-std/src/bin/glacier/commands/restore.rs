//! `glacier restore`: an archive becomes a file again, verified before it appears.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use glacier_core::ops;
use glacier_core::values::ids::Job;
use glacier_core::{Error, JobId, ProvideCredentials, Transport};
use glacier_std::transfer::{
    RestoreError, RestoredArchive, RetrievalRequest, RetrievalStatus, check_retrieval, download, initiate_retrieval,
    wait_for_retrieval,
};
use serde::Serialize;

use crate::args::OutputFormat;
use crate::output::WriteError;
use crate::run::{
    CommandError, CommandLine, Context, Destination, SharedClient, code, given_id, other_command, remains, this_command,
};

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

/// Printed as JSON when the job is still in progress, under the names that the API gives to a job's members.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestorePending<'r> {
    archive_id: &'r str,
    job_id: &'r str,
    status: &'static str,
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
    let archive = given_id(&args.archive_id)?;
    // A destination that cannot be written to is found before a job is paid for.
    let mut destination = Destination::open(args.output_file.as_deref(), &args.archive_id).await?;
    let name = destination.name();
    let failed = |error| restore_error(&error, &name, &args.vault);

    let job_id = match &args.job {
        Some(job_id) => given_id::<Job>(job_id)?.as_str().to_owned(),
        None => {
            let mut retrieval = RetrievalRequest::new(vault, archive);
            retrieval.tier = args.tier.map(Tier::to_core);
            let jobs = other_command(&["job", "list", &args.vault]);
            remains(format!("a retrieval job may have been initiated all the same: list the vault's jobs with: {jobs}"));
            initiate_retrieval(client, &retrieval, context.options).await.map_err(failed)?
        }
    };
    let job = JobId::try_from(job_id.as_str()).map_err(CommandError::usage)?;
    context.progress.waits_for(&job_id, format!("retrieval job {job_id} continues: go on with: {}", resumed(&job_id)));

    let ready = if args.no_wait {
        match check_retrieval(client, vault, archive, job, context.options).await {
            Ok(RetrievalStatus::Ready(ready)) => Ok(ready),
            Ok(RetrievalStatus::InProgress(_)) => Err(RestoreError::StillInProgress { job_id: job_id.clone(), attempts: 1 }),
            Err(error) => Err(error),
        }
    } else {
        wait_for_retrieval(client, vault, archive, job, context.options).await
    };
    let ready = match ready {
        Ok(ready) => ready,
        Err(error) => {
            // The error that follows names the job, too, so that it is not lost if standard output fails.
            if matches!(error.cause(), RestoreError::StillInProgress { .. })
                && let Err(unprinted) = print_pending(args, &job_id, context)
            {
                CommandError::from(unprinted).report();
            }
            return Err(failed(error));
        }
    };
    context.progress.expect(ready.size);
    let restored = match &mut destination {
        Destination::File(file, _) => download(client, vault, job, &ready, file, context.options).await,
        Destination::Stream(stream, _) => download(client, vault, job, &ready, stream, context.options).await,
    };
    let restored = restored.map_err(failed)?;
    let done = || context.progress.done("restored", restored.bytes, &restored.checksum);
    match destination {
        Destination::Stream(..) => {
            done();
            Ok(())
        }
        Destination::File(file, path) => {
            file.put_in_place().map_err(|error| CommandError::file(&name, &error).and(go_on_with(&job_id)))?;
            let told = format!("archive {} is restored and verified in {}", args.archive_id, path.display());
            remains(told.clone());
            done();
            print(args, &restored, &path, context).map_err(|error| CommandError::not_printed(told, error))
        }
    }
}

/// A program is told of a job that is still in progress; for people, the message is enough.
fn print_pending(args: &RestoreArgs, job_id: &str, context: &mut Context<'_>) -> Result<(), WriteError> {
    if context.stdout.format == OutputFormat::Json {
        context.stdout.object(&RestorePending { archive_id: &args.archive_id, job_id, status: "InProgress" })?;
    }
    context.stdout.flush()
}

fn print(args: &RestoreArgs, restored: &RestoredArchive, path: &Path, context: &mut Context<'_>) -> Result<(), WriteError> {
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
    context.stdout.flush()
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

/// The command that goes on with a job.
fn resumed(job_id: &str) -> CommandLine {
    this_command().without(&["tier", "no_wait"]).with_option("job", "--job", job_id)
}

/// What to do after an error of a restore whose job can still supply the archive.
fn go_on_with(job_id: &str) -> String {
    format!("retrieval job {job_id} can be used again until a day after its end: go on with: {}", resumed(job_id))
}

/// A failed restore to what the user calls `destination`.
fn restore_error<T: embedded_io_async::Error>(error: &RestoreError<T>, destination: &Path, vault: &str) -> CommandError {
    let jobs = || other_command(&["job", "list", vault]);
    let cause = match error.cause() {
        RestoreError::Call(call) => CommandError::call(call, Some(vault)),
        cause @ RestoreError::MayHaveStarted(call) => {
            let code = if matches!(call, Error::Service(_)) { code::SERVICE } else { code::OTHER };
            CommandError::new(code, cause).and(format_args!("with: {}", jobs()))
        }
        cause @ RestoreError::JobFailed { .. } => {
            let another = this_command().without(&["job"]);
            CommandError::new(code::SERVICE, cause).and(format_args!("initiate another with: {another}"))
        }
        cause @ RestoreError::OtherJob { .. } => CommandError::usage(cause).and(format_args!("list the jobs with: {}", jobs())),
        RestoreError::StillInProgress { job_id, .. } => {
            let pending = CommandError::new(code::NOT_READY, format_args!("the retrieval job {job_id} is still in progress"));
            return pending.and(format_args!("go on with: {}", resumed(job_id)));
        }
        RestoreError::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            CommandError::new(code::PIPE, format_args!("{}: whoever read it is gone", destination.display()))
        }
        RestoreError::Write(error) => CommandError::file(destination, error),
        cause => CommandError::other(cause),
    };
    match error.job_to_go_on_with() {
        Some(job_id) => cause.and(go_on_with(job_id)),
        None => cause,
    }
}
