//! The local vault as a target, in memory. Each input has vaults of its own, so that a finding can be repeated from its input alone.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use embedded_io_async::{ErrorType, Read};
use glacier_core::sign::{Scope, Signer};
use glacier_core::{Buffer, Credentials, LinearHash, Method, Request, Timestamp};
use glacier_std::local::serve::serve_connection;
use glacier_std::local::{AccessKey, Clock, Settings, TEST_ACCESS_KEY_ID, TEST_SECRET, TimeMode, Vaults};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};

/// 2026-01-02T03:04:05Z
const NOW: Timestamp = Timestamp::from_unix(1_767_323_045);
const DATE: &str = "20260102T030405Z";
/// The vault that every input begins with.
pub(crate) const VAULT: &str = "examplevault";
/// The key of another account.
const OTHER: &str = "other";

/// A clock that stands still, so that a signature in the corpus stays valid.
struct Still;

impl Clock for Still {
    fn unix_millis(&self) -> u64 {
        NOW.unix() * 1000
    }
}

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signing {
    Right,
    ByAnotherAccount,
    UnknownKey,
    WrongSecret,
    None,
}

/// One for all inputs: its threads are costly to begin.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime"));

pub(crate) struct Service {
    vaults: Vaults,
}

/// A response that has the service's shape.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

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
    let service = Service::new(TimeMode::Instant, false);
    let signing = if is_signed { Signing::Right } else { Signing::None };
    service.send(method, path, query, &headers, body.as_bytes(), signing);
    service.still_works();
}

/// The bytes of a connection.
pub fn connection(bytes: &[u8]) {
    let service = Service::new(TimeMode::Instant, false);
    RUNTIME.block_on(async {
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
        let ((), response) = tokio::join!(serve_connection(&service.vaults, ours), talk);
        assert!(response.is_empty() || response.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&response));
        assert!(!response.starts_with(b"HTTP/1.1 5"), "{:?}", String::from_utf8_lossy(&response));
    });
    service.still_works();
}

impl Service {
    pub(crate) fn new(time: TimeMode, needs_capacity: bool) -> Self {
        let keys =
            vec![AccessKey::new(TEST_ACCESS_KEY_ID, TEST_SECRET), AccessKey::new(OTHER, TEST_SECRET).with_account("111122223333")];
        let mut settings = Settings::default().with_clock(Arc::new(Still)).with_time(time).with_seed(1).with_access_keys(keys);
        settings.expedited_needs_capacity = needs_capacity;
        let vaults = Vaults::in_memory(settings).expect("valid settings");
        let service = Service { vaults };
        let headers = [("x-amz-glacier-version", "2012-06-01")];
        assert_eq!(service.send(Method::Put, &format!("/-/vaults/{VAULT}"), "", &headers, b"", Signing::Right).status, 201);
        service
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.vaults.advance(by);
    }

    /// The vault is there, unless the input deleted it.
    pub(crate) fn still_works(&self) {
        let headers = [("x-amz-glacier-version", "2012-06-01")];
        for (path, statuses) in [(format!("/-/vaults/{VAULT}"), &[200, 404][..]), ("/-/vaults".to_owned(), &[200])] {
            let status = self.send(Method::Get, &path, "", &headers, b"", Signing::Right).status;
            assert!(statuses.contains(&status), "{path}: {status}");
        }
    }

    /// Sends a request, signed as is said, and checks the shape of the response.
    pub(crate) fn send(
        &self,
        method: Method,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        signing: Signing,
    ) -> Answer {
        let mut all = headers.to_vec();
        let mut room = vec![0; 1 << 17];
        let mut authorization = Buffer::new(&mut room);
        let (key, secret) = match signing {
            Signing::ByAnotherAccount => (OTHER, TEST_SECRET),
            Signing::UnknownKey => ("nobody", TEST_SECRET),
            Signing::WrongSecret => (TEST_ACCESS_KEY_ID, "wrong"),
            Signing::Right | Signing::None => (TEST_ACCESS_KEY_ID, TEST_SECRET),
        };
        if signing != Signing::None {
            all.retain(|(name, _)| !matches!(name.to_ascii_lowercase().as_str(), "authorization" | "host" | "x-amz-date"));
            all.push(("x-amz-date", DATE));
            let announced = all.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-content-sha256"));
            let announced = announced.and_then(|(_, value)| value.trim().parse().ok());
            let payload = announced.unwrap_or_else(|| LinearHash::from_bytes(Sha256::digest(body).into()));
            let credentials = Credentials::new(key, secret, None).expect("a valid key");
            let request = Request { method, host: "localhost", path, query, headers: &all };
            let scope = Scope { region: "us-east-1", service: "glacier" };
            Signer::new().authorization(&scope, &credentials, NOW, &request, &payload, &mut authorization);
        }
        let value = authorization.finish().map(|(bytes, _)| std::str::from_utf8(bytes).unwrap_or_default()).unwrap_or_default();
        if signing != Signing::None {
            all.push(("authorization", value));
        }
        let request = Request { method, host: "localhost", path, query, headers: &all };
        let (answer, bytes) = RUNTIME.block_on(async {
            let Ok(outcome) = self.vaults.handle(&request, Some(body.len() as u64), &mut Body(body)).await;
            let response = outcome.into_response().expect("without faults every request has a response");
            let headers = response.headers().map(|(name, value)| (name, value.to_owned())).collect();
            let answer = Answer { status: response.status(), headers };
            let mut stream = response.into_body();
            let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
            loop {
                match stream.read(&mut piece).await.expect("an intact body") {
                    0 => return (answer, bytes),
                    got => bytes.extend_from_slice(&piece[..got]),
                }
            }
        });
        check(&answer, &bytes, &format!("{method:?} {path}?{query}"));
        if !matches!(signing, Signing::Right | Signing::ByAnotherAccount) {
            assert!(answer.status >= 400, "obeyed without a signature: {method:?} {path}");
        }
        answer
    }
}

/// The shape of a response, and a status that the documents know.
fn check(answer: &Answer, body: &[u8], request: &str) {
    let shown = || String::from_utf8_lossy(body);
    // 500 would be a fault of the service; 503 is a lack of capacity only.
    let status = answer.status;
    assert!(matches!(status, 200 | 201 | 202 | 204 | 206 | 400 | 403 | 404 | 408 | 501 | 503), "{request}: {status} {}", shown());
    assert_eq!(answer.header("x-amzn-RequestId").map(str::len), Some(52), "{request}");
    if status < 300 {
        return;
    }
    let json: serde_json::Value = serde_json::from_slice(body).expect("an error is JSON");
    let code = json["code"].as_str().expect("a code");
    assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()), "{request}: {json}");
    assert_eq!(json["type"], if status < 500 { "Client" } else { "Server" }, "{request}: {json}");
    assert_eq!(answer.header("x-amzn-ErrorType"), Some(code), "{request}: {json}");
    assert!(status < 500 || status == 501 || code == "InsufficientCapacityException", "{request}: {json}");
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
