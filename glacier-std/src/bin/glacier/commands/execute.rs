//! Runs a command: the runtime, the signals, the client, and the end of the progress line.

use glacier_core::{ProvideCredentials, Transport};
use glacier_std::config::{Config, ConfigError};
use glacier_std::transfer::TransferOptions;
use tokio::runtime::{Builder, Runtime};

use super::cli::Cli;
use super::command::{Command, ServiceCommand};
use super::{fsck, policy, serve, treehash};
use crate::args::{GlobalArgs, ProgressFormat};
use crate::output::{Stdout, print_messages_as_json};
use crate::run::{
    CommandError, Context, Progress, SharedClient, SignalWatch, Signals, control_retries, http_client, interrupted, load_config,
    local_client, output_format, report_file_size_limit,
};

/// Threads of `serve` that wait for the disk. Each costs memory, and the disk does not become faster by more of them.
const DISK_THREADS: usize = 64;

/// Runs the command to its end, or until a signal.
pub(crate) fn execute(cli: &Cli) -> Result<(), CommandError> {
    if cli.global.progress == ProgressFormat::Json {
        print_messages_as_json();
    }
    report_file_size_limit()?;
    let config = load_config(&cli.global);
    let mut stdout = Stdout::new(output_format(&cli.global, &config)?);
    match &cli.command {
        Command::Treehash(args) => {
            treehash::run(args, &mut stdout)?;
            Ok(stdout.flush()?)
        }
        Command::Policy(command) => {
            policy::run(command, &mut stdout)?;
            Ok(stdout.flush()?)
        }
        Command::Fsck(args) => fsck::run(args, &mut stdout),
        Command::Serve(args) => {
            let mut threads = Builder::new_multi_thread();
            threads.max_blocking_threads(DISK_THREADS);
            let runtime = runtime(threads)?;
            let served = runtime.block_on(async {
                let mut signals = Signals::catch()?;
                serve::run(args, &cli.global, &mut stdout, async { _ = signals.next().await }).await
            });
            runtime.shutdown_background();
            served
        }
        Command::Service(command) => call_service(command, &cli.global, config, stdout),
    }
}

fn call_service(
    command: &ServiceCommand,
    global: &GlobalArgs,
    config: Result<Config<'static>, ConfigError>,
    stdout: Stdout,
) -> Result<(), CommandError> {
    let signals = SignalWatch::start()?;
    // One thread for the requests and a few that hash keep memory small.
    let runtime = runtime(Builder::new_current_thread())?;
    let progress = Progress::new(global);
    let options = if global.local.is_some() {
        TransferOptions::without_retries(&progress)
    } else {
        TransferOptions::new(&progress).with_retry_for(global.retry_for.0)
    };
    let context = Context { global, stdout, progress: &progress, options };
    let done = runtime.block_on(async {
        tokio::select! {
            biased;
            signal = signals.signalled() => Err(interrupted(signal)),
            done = open_and_run(command, config, context) => done,
        }
    });
    progress.finish();
    // A read of standard input may never end; do not wait for it.
    runtime.shutdown_background();
    done
}

fn runtime(mut builder: Builder) -> Result<Runtime, CommandError> {
    builder.enable_all().build().map_err(|error| CommandError::other(format_args!("cannot start the async runtime: {error}")))
}

async fn open_and_run(
    command: &ServiceCommand,
    config: Result<Config<'static>, ConfigError>,
    mut context: Context<'_>,
) -> Result<(), CommandError> {
    match &context.global.local {
        Some(directory) => {
            let client = local_client(directory, context.global, config.as_ref().ok())?;
            run(command, client, context).await.map_err(CommandError::of_local_vault)
        }
        None => {
            let config = config.map_err(CommandError::config)?;
            context.options.control = control_retries(context.global, &config)?;
            run(command, http_client(context.global, &config).await?, context).await
        }
    }
}

async fn run<T: Transport + Clone, C: ProvideCredentials + Clone>(
    command: &ServiceCommand,
    mut client: SharedClient<T, C>,
    mut context: Context<'_>,
) -> Result<(), CommandError> {
    command.run(&mut client, &mut context).await?;
    Ok(context.stdout.flush()?)
}
