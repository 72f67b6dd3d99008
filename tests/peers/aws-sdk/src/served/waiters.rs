//! The waiters. They look every 3 seconds, which is time for other cases.

use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::client::Waiters;
use tokio::task::JoinHandle;

use super::call_log::CallLog;
use super::check::{Failure, Outcome, equal};
use super::server::Server;

/// Longer than a waiter needs for its second look.
const PATIENCE: Duration = Duration::from_secs(60);

/// Both waiters, each of which has looked once in vain; what they wait for has happened since.
pub(super) struct Waiting {
    exists: JoinHandle<Outcome>,
    not_exists: JoinHandle<Outcome>,
    logs: [CallLog; 2],
}

pub(super) async fn begin(server: &Server, sdk: &Client) -> Result<Waiting, Failure> {
    sdk.create_vault().vault_name("old").send().await?;
    let logs = [CallLog::default(), CallLog::default()];
    let [late, old] = [server.client(&logs[0]), server.client(&logs[1])];
    let exists = tokio::spawn(async move {
        late.wait_until_vault_exists().vault_name("late").wait(PATIENCE).await?;
        Ok(())
    });
    let not_exists = tokio::spawn(async move {
        old.wait_until_vault_not_exists().vault_name("old").wait(PATIENCE).await?;
        Ok(())
    });
    let waiting = Waiting { exists, not_exists, logs };
    while waiting.logs.iter().any(|log| log.calls().is_empty()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sdk.create_vault().vault_name("late").send().await?;
    sdk.delete_vault().vault_name("old").send().await?;
    Ok(waiting)
}

pub(super) async fn end(waiting: Waiting) -> Outcome {
    let Waiting { exists, not_exists, logs } = waiting;
    exists.await??;
    not_exists.await??;
    for (log, looks) in logs.iter().zip([[false, true], [true, false]]) {
        equal(log.calls(), looks.map(|found| ("DescribeVault".to_owned(), found)).into(), "the looks of a waiter")?;
    }
    Ok(())
}
