//! The cases, on one server.

use std::collections::BTreeSet;

use aws_sdk_glacier::Client;
use glacier_core::ops::catalogue::OPERATIONS;

use super::call_log::CallLog;
use super::check::{Failure, Outcome, equal, fails};
use super::server::Server;
use super::{archives, jobs, policies, readme, vaults, waiters};
use crate::report::Report;

pub(crate) async fn run(report: &mut Report) -> Result<(), Failure> {
    let (server, log) = (Server::start()?, CallLog::default());
    let sdk = || server.client(&log);
    report.outcome("served: vaults, listed page by page", vaults::vaults(sdk()).await);
    let waiting = waiters::begin(&server, &sdk()).await?;
    report.outcome("served: tags, 50 at most", vaults::tags(sdk()).await);
    report.outcome("served: notification configurations", vaults::notifications(sdk()).await);
    report.outcome("served: an archive goes up and comes back", archives::archive(sdk()).await);
    report.outcome("served: an upload in parts, out of order", archives::parts(sdk()).await);
    report.outcome("served: jobs and inventories", jobs::jobs(sdk()).await);
    report.outcome("served: access policies", policies::access_policy(sdk()).await);
    report.outcome("served: a lock, aborted and completed", policies::lock(sdk()).await);
    report.outcome("served: the data retrieval policy", policies::retrieval_policy(sdk()).await);
    report.outcome("served: provisioned capacity", policies::capacity(sdk()).await);
    report.outcome("served: wrong keys", wrong_keys(&server).await);
    report.outcome("served: the README's program", readme::program(&server).await);
    report.outcome("served: both waiters", waiters::end(waiting).await);
    report.outcome("served: all 33 operations succeeded", everything(&log));
    Ok(())
}

async fn wrong_keys(server: &Server) -> Outcome {
    let log = CallLog::default();
    let list = |client: Client| async move { client.list_vaults().send().await };
    fails(list(server.client_with_key("test", "wrong", &log)).await, (403, "InvalidSignatureException"))?;
    fails(list(server.client_with_key("AKIDNOBODY", "test", &log)).await, (400, "UnrecognizedClientException"))
}

fn everything(log: &CallLog) -> Outcome {
    let wanted: BTreeSet<String> = OPERATIONS.iter().map(|operation| operation.name.to_owned()).collect();
    equal(log.succeeded(), wanted, "operations")
}
