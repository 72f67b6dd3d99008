//! What takes more than one call: retries, pages, waiters, inventories; and presigned URLs.

use core::hint::black_box;
use core::ops::ControlFlow;

use dummy::{DummyBody, DummyCredentials, DummyEnvironment, DummyError, DummyTransport, now};
use glacier_core::Paginate;
use glacier_core::inventory::{CsvInventory, Field, InventoryHead, InventoryItem, JsonInventory};
use glacier_core::ops::{
    DescribeJob, DescribeVault, GetJobOutput, ListJobs, ListMultipartUploads, ListParts, ListTagsForVault, ListVaults, Tier,
    UploadArchive,
};
use glacier_core::pages::{Pages, Position};
use glacier_core::retry::{Retry, RetryPolicy, RetryQuota};
use glacier_core::sign::{Expiry, PresignOptions};
use glacier_core::waiters::{WaiterConfig, until_job_succeeds, until_vault_exists, until_vault_not_exists};
use glacier_core::{
    Buffer, Client, Credentials, Description, Endpoint, Error, JobId, Layout, PartSize, ServiceError, Signer, UploadId, VaultRef,
    hash_source,
};

use crate::runtime::{both, bytes, debug, either, number, show, text};

type Caller = Client<DummyTransport, DummyCredentials>;

/// Calls all of it.
pub async fn all() {
    let Some(endpoint) = both(Endpoint::new(text(), text())) else { return };
    let Some(vault) = both(VaultRef::try_from(text())) else { return };
    presigned(&endpoint, vault);
    let Some(credentials) = both(Credentials::new(text(), text(), either().then(text))) else { return };
    let mut client = Client::new(DummyTransport::default(), endpoint, DummyCredentials(credentials));
    let mut buf = [0; 512];
    retries(&mut client, vault, &mut buf).await;
    waits(&mut client, vault, &mut buf).await;
    lists(&mut client, vault, &mut buf).await;
    inventories(&mut buf).await;
    sizes();
}

async fn retries(client: &mut Caller, vault: VaultRef<'_>, buf: &mut [u8]) {
    let policy = if either() { RetryPolicy::default() } else { RetryPolicy::TRANSFER };
    match client.send_retrying(&DescribeVault { vault }, policy, &mut DummyEnvironment, buf).await {
        Ok(vault) => debug(vault),
        Err(error) => show(error),
    }
    let Some(hashes) = both(hash_source(&mut DummyBody::default(), &mut [0; 64]).await) else { return };
    let Some(body) = both(glacier_core::ops::BodyHashes::try_from(hashes)) else { return };
    let upload = UploadArchive { vault, description: either().then_some(Description::default()), body };
    match client.upload_retrying(&upload, &mut DummyBody::default(), policy, &mut DummyEnvironment, buf).await {
        Ok(output) => debug(output),
        Err(error) => failure(error),
    }
}

fn failure(error: Error<DummyError, DummyError>) {
    debug((error.is_retryable(), error.is_throttling(), error.is_clock_skew(), error.may_have_acted()));
    if let Some(service_error) = error.service_error() {
        classified(service_error);
    }
    let mut retry = Retry::new(RetryPolicy::default());
    let mut quota = RetryQuota::default();
    debug(retry.after(&error, either(), either().then_some(number() as u32), number() as u32, &mut quota));
    quota.succeeded(retry.failures());
    show(error);
}

fn classified(error: &ServiceError) {
    debug((error.is_retryable(), error.is_throttling(), error.is_clock_skew(), error.is_expired_token()));
    debug((error.may_have_acted(), error.date));
}

async fn waits(client: &mut Caller, vault: VaultRef<'_>, buf: &mut [u8]) {
    let config =
        if either() { WaiterConfig::VAULT } else { WaiterConfig::for_job(if either() { Tier::Bulk } else { Tier::Standard }) };
    both(until_vault_exists(client, &DescribeVault { vault }, config, &mut DummyEnvironment, buf).await);
    both(until_vault_not_exists(client, &DescribeVault { vault }, config, &mut DummyEnvironment, buf).await);
    let Some(job) = both(JobId::try_from(text())) else { return };
    both(until_job_succeeds(client, &DescribeJob { vault, job }, config, &mut DummyEnvironment, buf).await);
}

async fn lists(client: &mut Caller, vault: VaultRef<'_>, buf: &mut [u8]) {
    let (limit, marker) = (either().then(number), either().then(text));
    let account = vault.account;
    pages(client, &ListVaults { account, limit, marker }, buf).await;
    pages(client, &ListJobs { vault, completed: None, limit, marker, status: None }, buf).await;
    pages(client, &ListMultipartUploads { vault, limit, marker }, buf).await;
    let Some(upload) = both(UploadId::try_from(text())) else { return };
    pages(client, &ListParts { vault, upload, limit, marker }, buf).await;
    let policy = RetryPolicy::default();
    match client.list_retrying(&ListTagsForVault { vault }, policy, &mut DummyEnvironment, buf).await {
        Ok(mut tags) => debug(tags.next().await.is_ok()),
        Err(error) => show(error),
    }
    let Some(job) = both(JobId::try_from(text())) else { return };
    match client.fetch_retrying(&GetJobOutput { vault, job, range: None }, policy, &mut DummyEnvironment, buf).await {
        Ok(download) => debug(download.output()),
        Err(error) => show(error),
    }
}

async fn pages<L: Paginate + Sync>(client: &mut Caller, operation: &L, buf: &mut [u8])
where
    for<'i> L::Item<'i>: core::fmt::Debug,
{
    let position = Position { marker: glacier_core::Marker::try_from(text()).ok(), skip: number() };
    let mut pages = Pages::new(operation).page_size(number()).max_items(number()).from_position(position);
    while let Ok(Some(mut page)) = pages.next(client, now(), buf).await {
        while let Ok(Some(item)) = page.next().await {
            debug(item);
        }
    }
    let (policy, environment) = (RetryPolicy::default(), &mut DummyEnvironment);
    while let Ok(Some(mut page)) = pages.next_retrying(client, policy, environment, buf).await {
        debug(page.next().await.is_ok());
    }
    let visited = pages.for_each(client, policy, environment, buf, |item| {
        debug(item);
        if either() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    both(visited.await);
    debug(pages.position());
}

async fn inventories(buf: &mut [u8]) {
    let mut csv = CsvInventory::new(DummyBody::default(), black_box(&mut *buf));
    while let Ok(Some(archive)) = csv.next().await {
        item(archive);
    }
    let mut json: JsonInventory<'_, DummyBody> =
        glacier_core::Listing::<_, InventoryHead>::new(DummyBody::default(), black_box(&mut *buf));
    while let Ok(Some(archive)) = json.next().await {
        item(archive);
    }
}

fn item(item: InventoryItem<'_>) {
    debug(item.tree_hash());
    for field in [item.archive_id, item.description, item.creation_date].into_iter().flatten() {
        let field: Field<'_> = field;
        show(field);
        debug((field.as_plain(), field.is_empty()));
    }
    debug(item);
}

fn presigned(endpoint: &Endpoint, vault: VaultRef<'_>) {
    let Some(credentials) = both(Credentials::new(text(), text(), either().then(text))) else { return };
    let Some(expiry) = both(Expiry::from_seconds(number() as u32)) else { return };
    let options = PresignOptions { expiry, ..PresignOptions::default() };
    let (mut room, mut url) = ([0; 256], [0; 256]);
    let mut out = Buffer::new(black_box(&mut url));
    let operation = DescribeVault { vault };
    both(Signer::new().presign(&operation, endpoint, &credentials, &options, now(), black_box(&mut room), &mut out));
    both(out.finish());
}

fn sizes() {
    let Some(size) = both(PartSize::smallest_for(bytes().len() as u64)) else { return };
    both(Layout::new(number(), size));
}
