//! The `glacier` command: archives go up, and come back verified.

mod archive;
mod args;
mod context;
mod exit;
mod job;
mod list;
mod output;
mod progress;
mod restore;
mod serve;
mod signals;
mod size;
mod target;
mod treehash;
mod upload;
mod vault;

use std::process::ExitCode;

use clap::Parser;
use glacier_core::{Client, ProvideCredentials, Transport};
use glacier_std::transfer::Manner;
use tokio::runtime::{Builder, Runtime};

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::exit::{Failure, code};
use crate::output::Output;
use crate::progress::{Progress, Unfinished};
use crate::signals::Signals;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results, and nobody may want to read them to the end.
            let _ = error.print();
            return if error.use_stderr() { code::USAGE.into() } else { ExitCode::SUCCESS };
        }
    };
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            failure.code.into()
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    let mut output = Output::new(cli.global.output);
    match &cli.command {
        Command::Treehash(args) => treehash::run(args, &mut output)?,
        Command::Serve(args) => {
            let runtime = runtime(Builder::new_multi_thread())?;
            let served = runtime.block_on(async {
                let signals = Signals::catch()?;
                serve::run(args, &cli.global, &mut output, async { _ = signals.next().await }).await
            });
            runtime.shutdown_background();
            served?;
        }
        command => {
            // One thread for the requests and the few that hash: its memory stays small.
            let runtime = runtime(Builder::new_current_thread())?;
            let progress = Progress::new(&cli.global);
            let manner = if cli.global.local.is_some() { Manner::once(&progress) } else { Manner::new(&progress) };
            let context = Context { global: &cli.global, output, progress: &progress, manner };
            let done = runtime.block_on(async {
                let signals = Signals::catch()?;
                tokio::select! {
                    biased;
                    signal = signals.next() => Err(interrupted(signal, &progress, command)),
                    done = call(command, context) => done,
                }
            });
            progress.finish();
            // A read of standard input that never ends must not hold us up.
            runtime.shutdown_background();
            return done;
        }
    }
    output.flush()
}

fn runtime(mut builder: Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|error| Failure::new(code::OTHER, format_args!("this machine gives no threads: {error}")))
}

/// Opens the service and gives it the command.
async fn call(command: &Command, context: Context<'_>) -> Result<(), Failure> {
    match &context.global.local {
        Some(folder) => {
            let client = target::local(folder, context.global)?;
            work(command, client, context).await.map_err(Failure::of_local_service)
        }
        None => work(command, target::http(context.global).await?, context).await,
    }
}

async fn work<T: Transport + Clone, C: ProvideCredentials + Clone>(
    command: &Command,
    mut client: Client<T, C>,
    mut context: Context<'_>,
) -> Result<(), Failure> {
    let (client, context) = (&mut client, &mut context);
    match command {
        Command::Upload(args) => upload::run(args, client, context).await?,
        Command::Restore(args) => restore::run(args, client, context).await?,
        Command::Vault(command) => vault::run(command, client, context).await?,
        Command::Archive(command) => archive::run(command, client, context).await?,
        Command::Job(command) => job::run(command, client, context).await?,
        // These two call no service.
        Command::Treehash(_) | Command::Serve(_) => {}
    }
    context.output.flush()
}

/// What was dropped half way has removed its temporary files by now; what goes on at the service is told.
fn interrupted(signal: u8, progress: &Progress, command: &Command) -> Failure {
    let failure = Failure::new(signal, "interrupted");
    match (progress.unfinished(), command) {
        (Some(Unfinished::Job(job)), Command::Restore(args)) => failure.and(format_args!(
            "the retrieval job goes on: glacier restore {} {} --job {job} takes it up again",
            args.vault, args.archive_id
        )),
        (Some(Unfinished::Upload(upload)), _) => failure.and(format_args!(
            "what was sent is in multipart upload {upload}, which costs nothing and which the service drops after a day"
        )),
        _ => failure,
    }
}
