//! `glacier vault`: creates, lists, shows and deletes vaults.

use clap::Subcommand;
use glacier_core::ops::{CreateVault, DeleteVault, DescribeVault, ListVaults, Vault};
use glacier_core::{ProvideCredentials, Transport};
use serde_json::json;

use crate::args::{OutputFormat, VaultArgs};
use crate::output::{Stdout, WriteError, shown};
use crate::run::{CALL_BUFFER, CommandError, Context, SharedClient, print_list};

#[derive(Debug, Subcommand)]
pub(super) enum VaultCommand {
    /// Create a vault; succeeds if it already exists
    Create(VaultArgs),
    /// List the vaults of the account in the region
    List,
    /// Show a vault; archives and bytes are counted as of the last inventory
    Info(VaultArgs),
    /// Delete an empty vault
    Delete(VaultArgs),
}

pub(super) async fn run<T: Transport, C: ProvideCredentials>(
    command: &VaultCommand,
    client: &mut SharedClient<T, C>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match command {
        VaultCommand::Create(args) => {
            let location = create(&args.vault, client, context).await?;
            match context.stdout.format {
                OutputFormat::Json => context.stdout.object(&json!({ "location": location }))?,
                OutputFormat::Text => context.stdout.line(shown(location))?,
            }
        }
        VaultCommand::List => {
            let operation = ListVaults { account: context.account()?, limit: None, marker: None };
            print_list(&operation, client, context, None, print_line).await?;
        }
        VaultCommand::Info(args) => {
            let operation = DescribeVault { vault: context.vault(&args.vault)? };
            let mut buf = vec![0; CALL_BUFFER];
            let vault = context.send(client, &operation, &args.vault, &mut buf).await?;
            match context.stdout.format {
                OutputFormat::Json => context.stdout.object(&vault)?,
                OutputFormat::Text => print_members(&vault, &mut context.stdout)?,
            }
        }
        VaultCommand::Delete(args) => {
            let operation = DeleteVault { vault: context.vault(&args.vault)? };
            context.send(client, &operation, &args.vault, &mut vec![0; CALL_BUFFER]).await?;
            context.stdout.empty()?;
        }
    }
    Ok(())
}

/// Creates the vault unless it exists, and returns its path.
pub(super) async fn create<T: Transport, C: ProvideCredentials>(
    name: &str,
    client: &mut SharedClient<T, C>,
    context: &Context<'_>,
) -> Result<Option<String>, CommandError> {
    let operation = CreateVault { vault: context.vault(name)? };
    let mut buf = vec![0; CALL_BUFFER];
    let output = context.send(client, &operation, name, &mut buf).await?;
    Ok(output.location.map(Into::into))
}

fn print_line(vault: &Vault<'_>, stdout: &mut Stdout) -> Result<(), WriteError> {
    let (archives, bytes) = (shown(vault.number_of_archives), shown(vault.size_in_bytes));
    stdout.line(format_args!("{}  {:<24}  {archives:>8}  {bytes:>16}", shown(vault.creation_date), shown(vault.vault_name)))
}

fn print_members(vault: &Vault<'_>, stdout: &mut Stdout) -> Result<(), WriteError> {
    stdout.members(&[
        ("VaultName", shown(vault.vault_name)),
        ("VaultARN", shown(vault.arn)),
        ("CreationDate", shown(vault.creation_date)),
        ("LastInventoryDate", shown(vault.last_inventory_date)),
        ("NumberOfArchives", shown(vault.number_of_archives)),
        ("SizeInBytes", shown(vault.size_in_bytes)),
    ])
}
