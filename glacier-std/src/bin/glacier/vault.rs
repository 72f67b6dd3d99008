//! `glacier vault`: create, list, show and delete vaults.

use glacier_core::ops::{CreateVault, DeleteVault, DescribeVault, ListVaults, Vault};
use glacier_core::{Client, ProvideCredentials, Transport};
use serde_json::json;

use crate::args::{Form, VaultCommand};
use crate::context::Context;
use crate::exit::Failure;
use crate::list::print_list;
use crate::output::{Output, shown};

pub(crate) async fn run<T: Transport, C: ProvideCredentials>(
    command: &VaultCommand,
    client: &mut Client<T, C>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    match command {
        VaultCommand::Create(args) => {
            let location = create(&args.vault, client, context).await?;
            match context.output.form {
                Form::Json => context.output.object(&json!({ "location": location }))?,
                Form::Text => context.output.line(shown(location))?,
            }
        }
        VaultCommand::List => {
            let operation = ListVaults { account: context.account()?, limit: None, marker: None };
            print_list(&operation, "VaultList", client, context, None, |vault, output| match output.form {
                Form::Json => output.value(&vault),
                Form::Text => line(&vault, output),
            })
            .await?;
        }
        VaultCommand::Info(args) => {
            let operation = DescribeVault { vault: context.vault(&args.vault)? };
            let mut buf = vec![0; 16 << 10];
            let answer = context.send(client, &operation, &mut buf).await;
            let vault = answer.map_err(|error| Failure::call(&error, Some(&args.vault)))?;
            match context.output.form {
                Form::Json => context.output.object(&vault)?,
                Form::Text => paragraph(&vault, &mut context.output)?,
            }
        }
        VaultCommand::Delete(args) => {
            let operation = DeleteVault { vault: context.vault(&args.vault)? };
            let mut buf = vec![0; 16 << 10];
            let answer = context.send(client, &operation, &mut buf).await;
            answer.map_err(|error| Failure::call(&error, Some(&args.vault)))?;
            if context.output.form == Form::Json {
                context.output.object(&json!({}))?;
            }
        }
    }
    Ok(())
}

/// Creates the vault, if it is not there, and returns its path.
pub(crate) async fn create<T: Transport, C: ProvideCredentials>(
    name: &str,
    client: &mut Client<T, C>,
    context: &Context<'_>,
) -> Result<Option<String>, Failure> {
    let operation = CreateVault { vault: context.vault(name)? };
    let mut buf = vec![0; 16 << 10];
    let answer = context.send(client, &operation, &mut buf).await;
    let receipt = answer.map_err(|error| Failure::call(&error, Some(name)))?;
    Ok(receipt.location.map(Into::into))
}

fn line(vault: &Vault<'_>, output: &mut Output) -> Result<(), Failure> {
    let (archives, bytes) = (shown(vault.number_of_archives), shown(vault.size_in_bytes));
    output.line(format_args!("{}  {:<24}  {archives:>8}  {bytes:>16}", shown(vault.creation_date), shown(vault.vault_name)))
}

fn paragraph(vault: &Vault<'_>, output: &mut Output) -> Result<(), Failure> {
    output.line(format_args!("VaultName          {}", shown(vault.vault_name)))?;
    output.line(format_args!("VaultARN           {}", shown(vault.arn)))?;
    output.line(format_args!("CreationDate       {}", shown(vault.creation_date)))?;
    output.line(format_args!("LastInventoryDate  {}", shown(vault.last_inventory_date)))?;
    output.line(format_args!("NumberOfArchives   {}", shown(vault.number_of_archives)))?;
    output.line(format_args!("SizeInBytes        {}", shown(vault.size_in_bytes)))
}
