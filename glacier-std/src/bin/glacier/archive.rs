//! `glacier archive`: delete archives.

use glacier_core::ops::DeleteArchive;
use glacier_core::{ArchiveId, Client, ProvideCredentials, Transport};

use crate::args::{ArchiveCommand, Form};
use crate::context::Context;
use crate::exit::Failure;

pub(crate) async fn run<T: Transport, C: ProvideCredentials>(
    command: &ArchiveCommand,
    client: &mut Client<T, C>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let ArchiveCommand::Delete { vault, archive_id } = command;
    let archive = ArchiveId::try_from(archive_id.as_str()).map_err(Failure::usage)?;
    let operation = DeleteArchive { vault: context.vault(vault)?, archive };
    let mut buf = vec![0; 16 << 10];
    let answer = context.send(client, &operation, &mut buf).await;
    answer.map_err(|error| Failure::call(&error, Some(vault)))?;
    if context.output.form == Form::Json {
        context.output.object(&serde_json::json!({}))?;
    }
    Ok(())
}
