//! A web service holds one client: over HTTP in production, to a local vault here. Its code names no type parameter, so its futures
//! can be spawned and its handlers are accepted by axum.
#![cfg(all(feature = "http", feature = "local", feature = "transfer"))]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use glacier_core::ops::{CreateVault, ListVaults, UploadArchive};
use glacier_core::pages::Pages;
use glacier_core::retry::RetryPolicy;
use glacier_core::{ArchiveId, Bytes, Environment as _, JobId, hash_source};
use glacier_std::file::FileSource;
use glacier_std::local::{Settings, Vaults};
use glacier_std::transfer::{
    NewFile, RetrievalRequest, TransferOptions, UploadRequest, download, initiate_retrieval, upload_file, upload_stream,
    wait_for_retrieval,
};
use glacier_std::{HostClient, TokioEnvironment, local_client};

/// The service, the same in production (`client_from_env().await?`) and in tests (`local_client(&vaults)`).
fn service(client: HostClient) -> Router {
    Router::new().route("/vaults", get(list)).route("/vaults/{vault}", post(store)).with_state(client)
}

type Reply = Result<String, (StatusCode, String)>;

fn failed(error: impl std::fmt::Display) -> (StatusCode, String) {
    (StatusCode::BAD_GATEWAY, error.to_string())
}

/// Stores the body as an archive of the vault, and responds with its id.
async fn store(State(mut client): State<HostClient>, Path(vault): Path<String>, body: axum::body::Bytes) -> Reply {
    let (mut environment, mut buf) = (TokioEnvironment::new(), vec![0; 4096]);
    let vault = vault.as_str().try_into().map_err(failed)?;
    let policy = RetryPolicy::default();
    client.send_retrying(&CreateVault { vault }, policy, &mut environment, &mut buf).await.map_err(failed)?;
    let mut body = Bytes::new(&body);
    let hashes = hash_source(&mut body, &mut [0; 1024]).await.map_err(failed)?;
    let upload = UploadArchive { vault, description: None, body: hashes.try_into().map_err(failed)? };
    let output = client.upload_retrying(&upload, &mut body, policy, &mut environment, &mut buf).await.map_err(failed)?;
    Ok(output.archive_id().map_err(failed)?.to_string())
}

/// Responds with the names of the vaults.
async fn list(State(mut client): State<HostClient>) -> Reply {
    let (mut environment, mut buf, mut names) = (TokioEnvironment::new(), vec![0; 4096], String::new());
    let visit = |vault: glacier_core::ops::Vault<'_>| {
        names.extend(vault.vault_name.map(|name| format!("{name}\n")));
        ControlFlow::Continue(())
    };
    let (list, policy) = (ListVaults::default(), RetryPolicy::default());
    Pages::new(&list).for_each(&mut client, policy, &mut environment, &mut buf, visit).await.map_err(failed)?;
    Ok(names)
}

fn vaults() -> (tempfile::TempDir, Vaults) {
    let folder = tempfile::tempdir().unwrap();
    let vaults = Vaults::open(folder.path().join("vaults"), Settings::default()).unwrap();
    (folder, vaults)
}

/// Sends one request, and returns the response's status line and body.
fn ask(address: SocketAddr, request: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{request} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axum_handlers_call_the_client() {
    let (_folder, vaults) = vaults();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, service(local_client(&vaults))).await });
    let responses = tokio::task::spawn_blocking(move || {
        let stored = ask(address, "POST /vaults/photos", "what is to be kept");
        let invalid = ask(address, "POST /vaults/not%20a%20name", "x");
        (stored, invalid, ask(address, "GET /vaults", ""))
    });
    let (stored, invalid, listed) = responses.await.unwrap();
    assert_eq!((stored.0.as_str(), stored.1.len()), ("HTTP/1.1 200 OK", 138));
    assert_eq!(invalid.0, "HTTP/1.1 502 Bad Gateway");
    assert_eq!((listed.0.as_str(), listed.1.as_str()), ("HTTP/1.1 200 OK", "photos\n"));
    server.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_can_be_spawned() {
    let (folder, vaults) = vaults();
    let bytes: Vec<u8> = (0..3 << 20).map(|at: u32| (at % 251) as u8).collect();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, &bytes).unwrap();
    let mut client = local_client(&vaults);
    let stored_to = to.clone();
    let restored = tokio::spawn(async move {
        let (vault, options) = ("photos".try_into().unwrap(), TransferOptions::new(&()));
        let now = options.environment().now().unwrap();
        client.send(&CreateVault { vault }, now, &mut [0; 2048]).await.unwrap();
        let upload = UploadRequest::new(vault).with_part_size(glacier_core::PartSize::MIN);
        let uploaded = upload_file(&mut client, &mut FileSource::open(&from).unwrap(), &upload, options).await.unwrap();
        let archive = ArchiveId::try_from(uploaded.archive_id.as_str()).unwrap();
        let job = initiate_retrieval(&mut client, &RetrievalRequest::new(vault, archive), options).await.unwrap();
        let job = JobId::try_from(job.as_str()).unwrap();
        let retrieved = wait_for_retrieval(&mut client, vault, archive, job, options).await.unwrap();
        let mut file = NewFile::beside(&stored_to, false).unwrap();
        let restored = download(&mut client, vault, job, &retrieved, &mut file, options).await.unwrap();
        file.put_in_place().unwrap();
        assert_eq!(restored.checksum, uploaded.checksum);
    });
    restored.await.unwrap();
    assert!(std::fs::read(&to).unwrap() == bytes);
}

/// Compiles only if the futures are `Send`: a list page by page, a job's output, a waiter, a stream.
#[test]
fn every_kind_of_call_can_be_spawned() {
    use glacier_core::ops::{DescribeJob, GetJobOutput, Tier};
    use glacier_core::waiters::{WaiterConfig, until_job_succeeds};
    fn check(_: impl Future<Output = Result<(), Box<dyn std::error::Error>>> + Send) {}
    let (_folder, vaults) = vaults();
    let mut client = local_client(&vaults);
    check(async move {
        let (mut environment, mut buf, policy) = (TokioEnvironment::new(), vec![0; 4096], RetryPolicy::default());
        let list = ListVaults::default();
        let mut pages = Pages::new(&list);
        while let Some(mut page) = pages.next_retrying(&mut client, policy, &mut environment, &mut buf).await? {
            while page.next().await?.is_some() {}
        }
        let (vault, job) = ("photos".try_into()?, "J".try_into()?);
        let config = WaiterConfig::for_job(Tier::Standard);
        until_job_succeeds(&mut client, &DescribeJob { vault, job }, config, &mut environment, &mut buf).await?;
        let output = GetJobOutput { vault, job, range: None };
        let mut download = client.fetch_retrying(&output, policy, &mut environment, &mut buf).await?;
        while download.read(&mut [0; 1024]).await? > 0 {}
        let upload = UploadRequest::new(vault);
        upload_stream(&mut client, &mut &b"stream"[..], None, &upload, TransferOptions::new(&())).await?;
        Ok(())
    });
}
