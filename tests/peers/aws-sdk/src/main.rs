//! For each of the 33 operations the request of the AWS SDK for Rust and ours, from the same inputs, credentials and time, as a socket
//! receives them. A difference is a failure unless the README's table explains it; an explained difference that does not occur
//! is a failure too. Then the SDK performs all 33 operations with `glacier serve`.

mod archive;
mod compare;
mod job;
mod pair;
mod policy;
mod recorder;
mod report;
mod served;
mod vault;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use glacier_core::{AccountId, VaultName, VaultRef};

use pair::Pair;
use report::Report;

/// A run takes seconds; a hang is a failure.
const LIMIT: Duration = Duration::from_secs(120);

const ACCOUNT: &str = "111122223333";
const VAULT: &str = "my_vault.2012-06-01";
/// An id with the unusual characters of real ids: a leading dash, underscores.
const ID: &str = "-NkbByEejwEggmBz2fTHgJrg0XBoDfjP4q6iu87-TjhqG6eGoOY9Z8i1_AUyUsuhPAdTqLHy8pTl5nfCFJmDl2yEZONi5L26Omw12vcs01MNGntHEQL8MBfGlqrEXAMPLEArchiveId";

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run()));
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}\n0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool, Box<dyn Error>> {
    let mut pair = Pair::new(Report::new(include_str!("../README.md")))?;
    let all = async {
        vault::all(&mut pair).await?;
        archive::all(&mut pair).await?;
        job::all(&mut pair).await?;
        policy::all(&mut pair).await
    };
    let timed_out = |_| format!("timed out after {} s", LIMIT.as_secs());
    tokio::time::timeout(LIMIT, all).await.map_err(timed_out)??;
    let mut report = pair.into_report();
    let served = tokio::time::timeout(LIMIT, served::run(&mut report)).await.map_err(timed_out)?;
    report.outcome("glacier serve", served);
    Ok(report.close())
}

/// The vault, under the account that signs: what the SDK does when no account is given.
fn vault() -> Result<VaultRef<'static>, Box<dyn Error>> {
    Ok(VaultRef { account: AccountId::SIGNER, name: VaultName::try_from(VAULT)? })
}
