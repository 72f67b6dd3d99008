//! The 33 operations through a client.

use core::fmt::{Debug, Display};

use dummy::{DummyBody, DummyCredentials, DummyTransport, now};
use glacier_core::ops::*;
use glacier_core::values::Range;
use glacier_core::{
    AccountId, ArchiveId, Bytes, Client, Credentials, Description, Encode, Endpoint, Entry, Fetch, JobId, List, Operation,
    PayloadHashes, Upload, UploadId, VaultRef, hash_source,
};

use crate::runtime::{both, bytes, debug, either, number, show, text};

struct Session {
    client: Client<DummyTransport, DummyCredentials>,
    buf: [u8; 512],
}

impl Session {
    async fn send<O: Operation + Sync>(&mut self, operation: O, use_it: impl FnOnce(O::Output<'_>)) {
        match self.client.send(&operation, now(), &mut self.buf).await {
            Ok(output) => use_it(output),
            Err(error) => show(error),
        }
    }

    async fn upload<O: Upload + Sync>(&mut self, operation: O, use_it: impl Fn(O::Output<'_>)) {
        match self.client.upload(&operation, &mut DummyBody::default(), now(), &mut self.buf).await {
            Ok(output) => use_it(output),
            Err(error) => show(error),
        }
        match self.client.upload(&operation, &mut Bytes::new(bytes()), now(), &mut self.buf).await {
            Ok(output) => use_it(output),
            Err(error) => show(error),
        }
    }

    async fn list<L: List + Encode + Sync>(&mut self, operation: L)
    where
        for<'i> L::Item<'i>: Debug,
    {
        let mut page = match self.client.list(&operation, now(), &mut self.buf).await {
            Ok(page) => page,
            Err(error) => return show(error),
        };
        while let Ok(Some(item)) = page.next().await {
            debug(item);
        }
        match page.next_entry().await {
            Ok(Some(Entry::Item(item))) => debug(item),
            Ok(Some(Entry::Member(name, value))) => {
                debug((name, value, value.raw(), value.is_null()));
                both(value.text());
                both(value.number());
                both(value.flag());
                both(value.items());
                both(value.object::<Vault<'_>>().map(|vault| vault.map(|vault| vault.vault_name)));
            }
            Ok(None) => {}
            Err(error) => show(error),
        }
        debug(page.marker().map(|marker| (marker.as_str().len(), marker.clone())));
    }

    async fn fetch<O: Fetch + Sync>(&mut self, operation: O) {
        let mut download = match self.client.fetch(&operation, now(), &mut self.buf).await {
            Ok(download) => download,
            Err(error) => return show(error),
        };
        debug(download.output());
        let mut piece = [0; 32];
        loop {
            match download.read(&mut piece).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return show(error),
            }
        }
        debug((download.tree_hash(), download.position()));
    }
}

fn optional() -> Option<&'static str> {
    either().then(text)
}

fn id<T: Debug>(outcome: Result<T, impl Display + Debug>) {
    both(outcome);
}

/// Calls every operation.
pub async fn all() {
    let Some(endpoint) = both(Endpoint::new(text(), text()).and_then(|endpoint| endpoint.with_base_path(text()))) else { return };
    debug((endpoint.region(), endpoint.host(), endpoint.base_path()));
    let Some(credentials) = both(Credentials::new(text(), text(), optional())) else { return };
    let client = Client::new(DummyTransport::default(), endpoint, DummyCredentials(credentials));
    let mut session = Session { client, buf: [0; 512] };
    debug(session.client.endpoint());
    let Some(vault) = both(VaultRef::try_from(text())) else { return };
    let Some(account) = both(AccountId::try_from(text())) else { return };
    let vault = VaultRef { account, ..vault };
    vaults(&mut session, vault).await;
    archives(&mut session, vault).await;
    multipart(&mut session, vault).await;
    jobs(&mut session, vault).await;
    configuration(&mut session, vault).await;
    tags(&mut session, vault).await;
    account_wide(&mut session, account).await;
}

async fn vaults(session: &mut Session, vault: VaultRef<'_>) {
    session.send(CreateVault { vault }, |output| debug(output)).await;
    session.send(DescribeVault { vault }, |vault| debug(vault)).await;
    let (limit, marker) = (either().then(number), optional());
    session.list(ListVaults { account: vault.account, limit, marker }).await;
    session.send(DeleteVault { vault }, drop).await;
}

async fn hashes() -> Option<PayloadHashes> {
    if either() {
        return both(hash_source(&mut DummyBody::default(), &mut [0; 64]).await);
    }
    both(hash_source(&mut Bytes::new(bytes()), &mut [0; 64]).await)
}

fn description() -> Option<Description<'static>> {
    optional().and_then(|text| both(Description::try_from(text)))
}

async fn archives(session: &mut Session, vault: VaultRef<'_>) {
    let Some(body) = hashes().await.and_then(|hashes| both(BodyHashes::try_from(hashes))) else { return };
    debug(body.hashes());
    let upload = UploadArchive { vault, description: description(), body };
    session
        .upload(upload, |output| {
            id(output.archive_id());
            debug(output);
        })
        .await;
    let Some(archive) = both(ArchiveId::try_from(text())) else { return };
    session.send(DeleteArchive { vault, archive }, drop).await;
}

async fn multipart(session: &mut Session, vault: VaultRef<'_>) {
    let Some(part_size) = both(glacier_core::PartSize::from_bytes(number())) else { return };
    let initiate = InitiateMultipartUpload { vault, part_size, description: description() };
    session
        .send(initiate, |output| {
            id(output.upload_id());
            debug(output);
        })
        .await;
    let Some(upload) = both(UploadId::try_from(text())) else { return };
    let Some(body) = hashes().await else { return };
    let Some(part) = both(UploadMultipartPart::new(vault, upload, number(), body)) else { return };
    debug(part.range());
    session.upload(part, |output| debug(output)).await;
    let (limit, marker) = (either().then(number), optional());
    session.list(ListParts { vault, upload, limit, marker }).await;
    session.list(ListMultipartUploads { vault, limit, marker }).await;
    let complete = CompleteMultipartUpload { vault, upload, archive_size: number(), tree_hash: body.tree };
    session.send(complete, |output| id(output.archive_id())).await;
    session.send(AbortMultipartUpload { vault, upload }, drop).await;
}

fn kind<'a>(select: Option<&'a SelectJob<'a>>) -> Option<JobKind<'a>> {
    let id = both(ArchiveId::try_from(text()))?;
    let range = either().then(|| both(glacier_core::ByteRange::new(number(), number()))).flatten();
    let filter = InventoryFilter { start_date: optional(), end_date: optional(), limit: either().then(number), marker: optional() };
    let format = either().then(|| if either() { InventoryFormat::Csv } else { InventoryFormat::Json });
    let inventory = InventoryRetrieval { format, filter: either().then_some(filter) };
    Some(match number() {
        0 => JobKind::Archive { id, range },
        1 => JobKind::Inventory(inventory),
        _ => JobKind::Select(select?.into()),
    })
}

fn select() -> SelectParameters<'static> {
    let marks = CsvMarks {
        quote_escape_character: optional(),
        record_delimiter: optional(),
        field_delimiter: optional(),
        quote_character: optional(),
    };
    let input = CsvInput { file_header_info: optional(), comments: optional(), marks };
    let output = CsvOutput { quote_fields: optional(), marks };
    SelectParameters {
        input: either().then_some(input),
        expression_type: optional(),
        expression: optional(),
        output: either().then_some(output),
    }
}

fn location() -> S3Location<'static> {
    let grantee =
        Grantee { grantee_type: "Group", display_name: Some("a"), uri: Some("a"), id: Some("a"), email_address: Some("a") };
    const NOBODY: Grantee<'static> =
        Grantee { grantee_type: "Group", display_name: None, uri: None, id: None, email_address: None };
    debug(grantee);
    S3Location {
        bucket_name: optional(),
        prefix: optional(),
        encryption: either().then_some(Encryption { encryption_type: Some("a"), kms_key_id: Some("a"), kms_context: None }),
        canned_acl: optional(),
        access_control_list: either().then(|| core::hint::black_box(&[Grant { grantee: Some(NOBODY), permission: None }][..])),
        tagging: either().then(|| core::hint::black_box(&[("a", "b")][..])),
        user_metadata: either().then(|| core::hint::black_box(&[("a", "b")][..])),
        storage_class: optional(),
    }
}

async fn jobs(session: &mut Session, vault: VaultRef<'_>) {
    let archive = both(ArchiveId::try_from(text())).filter(|_| either());
    let select = archive.map(|id| SelectJob { id, parameters: select(), output: location() });
    let Some(kind) = kind(select.as_ref()) else { return };
    let tier = either().then(|| if either() { Tier::Bulk } else { Tier::Expedited });
    let initiate = InitiateJob { vault, kind, tier, description: description(), sns_topic: optional() };
    session
        .send(initiate, |output| {
            id(output.job_id());
            debug(output);
        })
        .await;
    let Some(job) = both(JobId::try_from(text())) else { return };
    session.send(DescribeJob { vault, job }, |job| debug((job.status(), job.action(), job))).await;
    let completed = either().then(either);
    let status = either().then_some(StatusCode::Failed);
    session.list(ListJobs { vault, completed, limit: either().then(number), marker: optional(), status }).await;
    let Some(bytes) = both(glacier_core::ByteRange::with_length(number(), number())) else { return };
    let range = either().then(|| if either() { Range::From(number()) } else { Range::Bytes(bytes) });
    session.fetch(GetJobOutput { vault, job, range }).await;
}

async fn configuration(session: &mut Session, vault: VaultRef<'_>) {
    let Some(policy) = both(Policy::try_from(text())) else { return };
    debug(policy.as_str());
    session.send(SetVaultAccessPolicy { vault, policy }, drop).await;
    session.send(GetVaultAccessPolicy { vault }, |policy| debug(policy)).await;
    session.send(DeleteVaultAccessPolicy { vault }, drop).await;
    let events = either().then_some(core::hint::black_box(&[NotificationEvent::ArchiveRetrievalCompleted][..]));
    session.send(SetVaultNotifications { vault, sns_topic: optional(), events }, drop).await;
    session
        .send(GetVaultNotifications { vault }, |output| {
            for event in output.events.into_iter().flatten() {
                both(event.and_then(|event| event.text()));
            }
        })
        .await;
    session.send(DeleteVaultNotifications { vault }, drop).await;
    session
        .send(InitiateVaultLock { vault, policy }, |output| {
            id(output.lock_id());
            debug(output);
        })
        .await;
    session.send(GetVaultLock { vault }, |lock| debug(lock)).await;
    session.send(AbortVaultLock { vault }, drop).await;
    let Some(lock) = both(glacier_core::values::ids::LockId::try_from(text())) else { return };
    session.send(CompleteVaultLock { vault, lock }, drop).await;
}

async fn tags(session: &mut Session, vault: VaultRef<'_>) {
    if let Some(tags) = both(Tags::new(core::hint::black_box(&[("a", "b")]))) {
        session.send(AddTagsToVault { vault, tags }, drop).await;
    }
    if let Some(keys) = both(TagKeys::new(core::hint::black_box(&["a"]))) {
        session.send(RemoveTagsFromVault { vault, keys }, drop).await;
    }
    session.list(ListTagsForVault { vault }).await;
}

async fn account_wide(session: &mut Session, account: AccountId<'_>) {
    session
        .send(PurchaseProvisionedCapacity { account }, |output| {
            id(output.capacity_id());
            debug(output);
        })
        .await;
    session.list(ListProvisionedCapacity { account }).await;
    let Some(rate) = both(BytesPerHour::try_from(number())) else { return };
    let limit = if either() { RetrievalLimit::BytesPerHour(rate) } else { RetrievalLimit::Unlimited };
    session.send(SetDataRetrievalPolicy { account, limit }, drop).await;
    session
        .send(GetDataRetrievalPolicy { account }, |output| {
            for rule in output.policy.and_then(|policy| policy.rules).into_iter().flatten() {
                both(rule.and_then(|rule| rule.object::<RetrievalRule<'_>>()));
            }
        })
        .await;
}
