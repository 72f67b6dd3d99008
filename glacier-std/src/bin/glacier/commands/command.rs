//! The commands, and which file runs each. To add one: its file, a variant and a line here, a `mod` line.

use clap::Subcommand;
use glacier_core::{ProvideCredentials, Transport};

use super::{archive, fsck, job, policy, restore, serve, treehash, upload, vault};
use crate::run::{CommandError, Context, SharedClient};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Service(ServiceCommand),
    /// Print or check SHA-256 tree hashes of files, like sha256sum
    Treehash(treehash::TreehashArgs),
    /// Test what vault access policies and vault lock policies decide
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Check everything in a directory of vaults; exits with 0 if it is sound, 1 if something is found
    Fsck(fsck::FsckArgs),
    /// Serve the vaults in a directory over HTTP, to this command and to any AWS SDK
    Serve(Box<serve::ServeArgs>),
}

/// The commands that call the service.
#[derive(Debug, Subcommand)]
pub(super) enum ServiceCommand {
    /// Upload a file or standard input as an archive; prints the archive id
    Upload(upload::UploadArgs),
    /// Restore an archive: initiate a retrieval job, wait for it, download the output and verify it
    Restore(restore::RestoreArgs),
    /// Create, list, show and delete vaults
    #[command(subcommand)]
    Vault(vault::VaultCommand),
    /// Delete archives
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// List and show retrieval and inventory jobs
    #[command(subcommand)]
    Job(job::JobCommand),
}

impl ServiceCommand {
    pub(super) async fn run<T: Transport + Clone, C: ProvideCredentials + Clone>(
        &self,
        client: &mut SharedClient<T, C>,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        match self {
            ServiceCommand::Upload(args) => upload::run(args, client, context).await,
            ServiceCommand::Restore(args) => restore::run(args, client, context).await,
            ServiceCommand::Vault(command) => vault::run(command, client, context).await,
            ServiceCommand::Archive(command) => archive::run(command, client, context).await,
            ServiceCommand::Job(command) => job::run(command, client, context).await,
        }
    }
}
