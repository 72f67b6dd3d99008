//! The calls of the client library that a hostile service may respond to, and their outcome as text.

use std::time::Duration;

use glacier_core::ops::{
    CreateVault, DeleteArchive, DescribeJob, DescribeVault, GetJobOutput, InitiateJob, JobKind, ListParts, ListVaults,
    UploadArchive,
};
use glacier_core::pages::Pages;
use glacier_core::{Bytes, Client, Credentials, Endpoint, Error, PayloadHasher, Timestamp};
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpError, HttpOptions, HttpTransport};

use crate::peer::Peer;

/// One call of each kind: an object, a list, a list's pages, headers, nothing, an upload, a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    DescribeVault,
    DescribeJob,
    ListParts,
    VaultPages,
    CreateVault,
    DeleteArchive,
    InitiateJob,
    UploadArchive,
    GetJobOutput,
}

/// The body of each upload.
pub(crate) const BODY: &[u8] = b"x";

/// What `printf x | sha256sum` prints, which is the tree hash of so few bytes.
pub(crate) const BODY_HASH: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

/// Long enough for a busy machine, short enough for a test.
const IDLE: Duration = Duration::from_secs(2);

/// Calls the peer once, with buffers of 2 KiB. `Ok` is what the output shows, `Err` the error's text.
pub(crate) fn call(peer: &Peer, call: Call) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let url = BaseUrl::parse(&peer.url).expect("a URL");
    let transport = HttpTransport::new(&url, &HttpOptions::default().with_idle_timeout(IDLE)).expect("a transport");
    let endpoint = Endpoint::new("us-east-1", "localhost").expect("an endpoint");
    let mut client = Client::new(transport, endpoint, Credentials::new("test", "test", None).expect("credentials"));
    runtime.block_on(outcome(&mut client, call)).map_err(|error| error.to_string())
}

async fn outcome(client: &mut Client<HttpTransport, Credentials<'_>>, call: Call) -> Result<String, Error<HttpError>> {
    let (vault, now) = ("v".try_into().expect("a name"), Timestamp::from_unix(1_700_000_000));
    let (mut buf, mut seen) = ([0; 2048], Vec::new());
    match call {
        Call::DescribeVault => Ok(format!("{:?}", client.send(&DescribeVault { vault }, now, &mut buf).await?.vault_name)),
        Call::DescribeJob => {
            let job = "j".try_into().expect("an id");
            Ok(format!("{:?}", client.send(&DescribeJob { vault, job }, now, &mut buf).await?.job_id))
        }
        Call::ListParts => {
            let upload = "u".try_into().expect("an id");
            let mut parts = client.list(&ListParts { vault, upload, limit: None, marker: None }, now, &mut buf).await?;
            while let Some(part) = parts.next().await? {
                seen.push(format!("{:?}", part.range_in_bytes));
            }
            Ok(seen.join(" "))
        }
        Call::VaultPages => {
            let list = ListVaults::default();
            let mut pages = Pages::new(&list);
            while let Some(mut page) = pages.next(client, now, &mut buf).await? {
                while let Some(vault) = page.next().await? {
                    seen.push(format!("{:?}", vault.vault_name));
                }
            }
            Ok(seen.join(" "))
        }
        Call::CreateVault => Ok(format!("{:?}", client.send(&CreateVault { vault }, now, &mut buf).await?.location)),
        Call::DeleteArchive => {
            let archive = "a".try_into().expect("an id");
            client.send(&DeleteArchive { vault, archive }, now, &mut buf).await?;
            Ok(String::new())
        }
        Call::InitiateJob => {
            let kind = JobKind::Archive { id: "a".try_into().expect("an id"), range: None };
            let operation = InitiateJob { vault, kind, tier: None, description: None, sns_topic: None };
            Ok(client.send(&operation, now, &mut buf).await?.job_id()?.as_str().to_owned())
        }
        Call::UploadArchive => {
            let mut hasher = PayloadHasher::new();
            hasher.update(BODY);
            let hashes = hasher.finish().expect("hashes");
            let operation = UploadArchive { vault, description: None, body: hashes.try_into().expect("1 byte") };
            let uploaded = client.upload(&operation, &mut Bytes::new(BODY), now, &mut buf).await;
            Ok(uploaded?.archive_id()?.as_str().to_owned())
        }
        Call::GetJobOutput => {
            let job = "j".try_into().expect("an id");
            let mut download = client.fetch(&GetJobOutput { vault, job, range: None }, now, &mut buf).await?;
            let (mut got, mut piece) = (0, [0; 4096]);
            loop {
                match download.read(&mut piece).await? {
                    0 => return Ok(format!("{got} bytes")),
                    count => got += count,
                }
            }
        }
    }
}
