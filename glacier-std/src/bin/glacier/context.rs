//! What every command is given besides its own arguments.

use glacier_core::{AccountId, Client, Error, Operation, ProvideCredentials, Transport, VaultName, VaultRef};
use glacier_std::transfer::Manner;

use crate::args::Global;
use crate::exit::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// The user's wishes, the way out, and who is told how it goes.
pub(crate) struct Context<'c> {
    pub(crate) global: &'c Global,
    pub(crate) output: Output,
    pub(crate) progress: &'c Progress,
    pub(crate) manner: Manner<'c>,
}

impl<'c> Context<'c> {
    pub(crate) fn account(&self) -> Result<AccountId<'c>, Failure> {
        AccountId::try_from(self.global.account_id.as_str()).map_err(|error| Failure::usage(format_args!("--account-id: {error}")))
    }

    /// The vault called `name`.
    pub(crate) fn vault<'v>(&self, name: &'v str) -> Result<VaultRef<'v>, Failure>
    where
        'c: 'v,
    {
        Ok(VaultRef { account: self.account()?, name: VaultName::try_from(name).map_err(Failure::usage)? })
    }

    /// Does one operation, with repetitions where they do no harm.
    pub(crate) async fn send<'b, T: Transport, C: ProvideCredentials, O: Operation + Sync>(
        &self,
        client: &mut Client<T, C>,
        operation: &O,
        buf: &'b mut [u8],
    ) -> Result<O::Output<'b>, Error<T::Error>> {
        client.send_retrying(operation, self.manner.control, &mut self.manner.pace(), buf).await
    }
}
