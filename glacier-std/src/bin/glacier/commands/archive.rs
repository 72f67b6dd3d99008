//! `glacier archive`: deletes archives.

use clap::Subcommand;
use glacier_core::ops::DeleteArchive;
use glacier_core::{ProvideCredentials, Transport};

use crate::run::{CALL_BUFFER, CommandError, Context, SharedClient, given_id};

#[derive(Debug, Subcommand)]
pub(super) enum ArchiveCommand {
    /// Delete an archive permanently; succeeds if it does not exist
    Delete {
        /// Vault name
        vault: String,
        /// Archive id; may begin with -
        #[arg(allow_hyphen_values = true)]
        archive_id: String,
    },
}

pub(super) async fn run<T: Transport, C: ProvideCredentials>(
    command: &ArchiveCommand,
    client: &mut SharedClient<T, C>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let ArchiveCommand::Delete { vault, archive_id } = command;
    let operation = DeleteArchive { vault: context.vault(vault)?, archive: given_id(archive_id)? };
    context.send(client, &operation, vault, &mut vec![0; CALL_BUFFER]).await?;
    Ok(context.stdout.empty()?)
}
