//! What every command is given besides its own arguments.

use glacier_core::{AccountId, Client, Operation, ProvideCredentials, Transport, VaultName, VaultRef};
use glacier_std::SharedState;
use glacier_std::transfer::TransferOptions;

use super::error::CommandError;
use super::operation_name::operation_name;
use super::progress::Progress;
use crate::args::GlobalArgs;
use crate::output::Stdout;

/// A client whose clones share their state: the parts of an upload each have one.
pub(crate) type SharedClient<T, C> = Client<T, C, SharedState>;

/// Room for a request and its response.
pub(crate) const CALL_BUFFER: usize = 16 << 10;

/// The global options, standard output, and progress.
pub(crate) struct Context<'c> {
    pub(crate) global: &'c GlobalArgs,
    pub(crate) stdout: Stdout,
    pub(crate) progress: &'c Progress,
    pub(crate) options: TransferOptions<'c>,
}

impl<'c> Context<'c> {
    pub(crate) fn account(&self) -> Result<AccountId<'c>, CommandError> {
        let account = AccountId::try_from(self.global.account_id.as_str());
        account.map_err(|error| CommandError::usage(format_args!("--account-id: {error}")))
    }

    /// The account's vault of this name.
    pub(crate) fn vault<'v>(&self, name: &'v str) -> Result<VaultRef<'v>, CommandError>
    where
        'c: 'v,
    {
        let name = VaultName::try_from(name).map_err(|error| match VaultName::within(name) {
            Some(only) => CommandError::usage(format_args!("a vault name is neither an ARN nor a path: give only {only}")),
            None => CommandError::usage(error),
        })?;
        Ok(VaultRef { account: self.account()?, name })
    }

    /// Sends an operation, retrying where that is safe. `vault` is the one that it names.
    pub(crate) async fn send<'b, T: Transport, C: ProvideCredentials, O: Operation + Sync>(
        &self,
        client: &mut SharedClient<T, C>,
        operation: &O,
        vault: &str,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, CommandError> {
        let mut environment = self.options.environment().calling(operation_name::<O>(), None);
        let output = client.send_retrying(operation, self.options.control, &mut environment, buf).await;
        output.map_err(|error| CommandError::call(&error, Some(vault)))
    }
}
