//! The local vault as a target: one folder for all inputs, in memory where that is possible.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use embedded_io_async::{ErrorType, Read};
use glacier_core::sign::{Scope, Signer};
use glacier_core::{Buffer, Credentials, LinearHash, Method, Request, Timestamp};
use glacier_std::local::serve::serve_connection;
use glacier_std::local::{Clock, Settings, TEST_ACCESS_KEY_ID, TEST_SECRET, Vaults};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};

/// 2026-01-02T03:04:05Z
const NOW: Timestamp = Timestamp::from_unix(1_767_323_045);
const DATE: &str = "20260102T030405Z";

/// A clock that stands still, so that a signature in the corpus stays valid.
struct Still;

impl Clock for Still {
    fn unix_millis(&self) -> u64 {
        NOW.unix() * 1000
    }
}

struct Service {
    runtime: Runtime,
    vaults: Vaults,
    _folder: tempfile::TempDir,
}

static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let memory = tempfile::tempdir_in("/dev/shm");
    let folder = memory.or_else(|_| tempfile::tempdir()).expect("a folder for the vaults");
    let vaults = Vaults::open(folder.path(), Settings::default().with_clock(Arc::new(Still))).expect("a new folder");
    let service =
        Service { runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"), vaults, _folder: folder };
    assert_eq!(
        service.send(Method::Put, "/-/vaults/examplevault", "", &[("x-amz-glacier-version", "2012-06-01")], b"", true).0,
        201
    );
    service
});

/// A request in lines: method, path, query, headers; after an empty line the body.
pub fn request(data: &[u8], is_signed: bool) {
    let text = String::from_utf8_lossy(data);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.split('\n');
    let method = match lines.next() {
        Some("PUT") => Method::Put,
        Some("POST") => Method::Post,
        Some("DELETE") => Method::Delete,
        _ => Method::Get,
    };
    let (path, query) = (lines.next().unwrap_or("/"), lines.next().unwrap_or_default());
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let (status, response) = SERVICE.send(method, path, query, &headers, body.as_bytes(), is_signed);
    // Only the last of these would be a fault of the service.
    assert!(matches!(status, 200 | 201 | 202 | 204 | 206 | 400 | 403 | 404 | 408 | 501), "{status}: {response:?}");
    if !is_signed {
        assert!(status >= 400, "obeyed without a signature: {method:?} {path}");
    }
    if status >= 400 {
        let json: serde_json::Value = serde_json::from_slice(&response).expect("an error is JSON");
        assert!(json["code"].is_string() && json["message"].is_string(), "{json}");
    }
}

/// The bytes of a connection.
pub fn connection(bytes: &[u8]) {
    SERVICE.runtime.block_on(async {
        let (ours, theirs) = duplex(1 << 20);
        let (mut reader, mut writer) = tokio::io::split(theirs);
        let talk = async {
            // The server may close its side early.
            let _ = writer.write_all(bytes).await;
            let _ = writer.shutdown().await;
            let mut response = Vec::new();
            let _ = reader.read_to_end(&mut response).await;
            response
        };
        let ((), response) = tokio::join!(serve_connection(&SERVICE.vaults, ours), talk);
        assert!(response.is_empty() || response.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&response));
        assert!(!response.starts_with(b"HTTP/1.1 5"), "{:?}", String::from_utf8_lossy(&response));
    });
}

impl Service {
    fn send(
        &self,
        method: Method,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        is_signed: bool,
    ) -> (u16, Vec<u8>) {
        let mut all = headers.to_vec();
        let mut room = vec![0; 1 << 17];
        let mut authorization = Buffer::new(&mut room);
        if is_signed {
            all.retain(|(name, _)| !matches!(name.to_ascii_lowercase().as_str(), "authorization" | "host" | "x-amz-date"));
            all.push(("x-amz-date", DATE));
            let announced = all.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-content-sha256"));
            let announced = announced.and_then(|(_, value)| value.trim().parse().ok());
            let payload = announced.unwrap_or_else(|| LinearHash::from_bytes(Sha256::digest(body).into()));
            let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).expect("a valid key");
            let request = Request { method, host: "localhost", path, query, headers: &all };
            let scope = Scope { region: "us-east-1", service: "glacier" };
            Signer::new().authorization(&scope, &credentials, NOW, &request, &payload, &mut authorization);
        }
        let value = authorization.finish().map(|(bytes, _)| std::str::from_utf8(bytes).unwrap_or_default()).unwrap_or_default();
        if is_signed {
            all.push(("authorization", value));
        }
        let request = Request { method, host: "localhost", path, query, headers: &all };
        self.runtime.block_on(async {
            let size = Some(body.len() as u64);
            let Ok(response) = self.vaults.handle(&request, size, &mut Body(body)).await;
            let status = response.status();
            let mut stream = response.into_body();
            let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
            loop {
                match stream.read(&mut piece).await.expect("an intact body") {
                    0 => return (status, bytes),
                    got => bytes.extend_from_slice(&piece[..got]),
                }
            }
        })
    }
}

/// A body at hand.
struct Body<'b>(&'b [u8]);

impl ErrorType for Body<'_> {
    type Error = Infallible;
}

impl Read for Body<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let (piece, rest) = self.0.split_at(self.0.len().min(into.len()));
        into[..piece.len()].copy_from_slice(piece);
        self.0 = rest;
        Ok(piece.len())
    }
}
