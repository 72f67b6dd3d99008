//! The service under test, in memory, and signed requests to it. Every response is checked for the service's shape.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use embedded_io_async::{ErrorType, Read};
use glacier_core::sign::{Scope, Signer};
use glacier_core::{Buffer, Credentials, LinearHash, Method, Request, Timestamp};
use glacier_std::local::{AccessKey, Clock, Settings, TEST_ACCESS_KEY_ID, TEST_ACCOUNT, TEST_SECRET, TimeFactor, TimeMode, Vaults};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use crate::operations::Time;

/// 2026-01-02T03:04:05.678Z
pub(crate) const THEN: u64 = 1_767_323_045_678;
/// Vault milliseconds in one of the wall clock, with scaled time.
const FACTOR: u32 = 1000;

/// An account in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: &'static str,
    key: &'static str,
    pub(crate) region: &'static str,
    partition: &'static str,
}

const OTHER: (&str, &str) = ("111122223333", "other");
pub(crate) const PLACES: [Place; 4] = [
    Place { account: TEST_ACCOUNT, key: TEST_ACCESS_KEY_ID, region: "us-east-1", partition: "aws" },
    Place { account: TEST_ACCOUNT, key: TEST_ACCESS_KEY_ID, region: "cn-north-1", partition: "aws-cn" },
    Place { account: OTHER.0, key: OTHER.1, region: "us-east-1", partition: "aws" },
    Place { account: OTHER.0, key: OTHER.1, region: "cn-north-1", partition: "aws-cn" },
];

impl Place {
    pub(crate) fn arn(&self, vault: &str) -> String {
        format!("arn:{}:glacier:{}:{}:vaults/{vault}", self.partition, self.region, self.account)
    }
}

/// The clock of the wall.
struct Wall(AtomicU64);

impl Clock for Wall {
    fn unix_millis(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) struct Service {
    vaults: Vaults,
    wall: Arc<Wall>,
    time: Time,
    signers: [Signer; 4],
}

/// A response.
pub(crate) struct Response {
    pub(crate) status: u16,
    /// That of an error; empty for a success.
    pub(crate) code: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Whether the reference expects that a policy denies it.
    pub(crate) is_denied: bool,
}

/// A request: method, path after the account, query, headers, body.
pub(crate) struct Call<'c> {
    pub(crate) method: Method,
    pub(crate) path: &'c str,
    pub(crate) query: &'c str,
    pub(crate) headers: &'c [(&'c str, &'c str)],
    pub(crate) body: &'c [u8],
}

impl Service {
    pub(crate) fn new(time: Time, seed: u64, needs_capacity: bool) -> Self {
        let wall = Arc::new(Wall(AtomicU64::new(THEN)));
        let mode = match time {
            Time::Manual => TimeMode::Manual,
            Time::Scaled => TimeMode::Scaled(TimeFactor::new(FACTOR).unwrap()),
            Time::Instant => TimeMode::Instant,
        };
        let keys =
            vec![AccessKey::new(TEST_ACCESS_KEY_ID, TEST_SECRET), AccessKey::new(OTHER.1, TEST_SECRET).with_account(OTHER.0)];
        let mut settings = Settings::default().with_clock(wall.clone()).with_time(mode).with_seed(seed).with_access_keys(keys);
        settings.expedited_needs_capacity = needs_capacity;
        let vaults = Vaults::in_memory(settings).unwrap();
        Service { vaults, wall, time, signers: std::array::from_fn(|_| Signer::new()) }
    }

    /// Lets so much vault time pass, some of it with the wall clock where vault time follows that.
    pub(crate) fn advance(&self, millis: u64) {
        let (wall, rest) = match self.time {
            Time::Manual => (1000, millis),
            Time::Scaled => (millis / 2 / u64::from(FACTOR), millis - millis / 2 / u64::from(FACTOR) * u64::from(FACTOR)),
            Time::Instant => (millis / 2, millis - millis / 2),
        };
        self.wall.0.fetch_add(wall, Ordering::Relaxed);
        self.vaults.advance(Duration::from_millis(rest));
    }

    pub(crate) fn send(&mut self, runtime: &Runtime, place: usize, account: &str, call: &Call<'_>) -> Result<Response, String> {
        let Place { key, region, .. } = PLACES[place];
        let now = Timestamp::from_unix(self.wall.unix_millis() / 1000);
        let date = now.to_string().replace(['-', ':'], "");
        let path = format!("/{account}{}", call.path);
        let mut headers = call.headers.to_vec();
        headers.extend([("x-amz-date", date.as_str()), ("x-amz-glacier-version", "2012-06-01")]);
        let Call { method, query, body, .. } = *call;
        // Of an upload the hash is signed that is announced, true or not.
        let announced = headers.iter().find(|(name, _)| *name == "x-amz-content-sha256").and_then(|(_, value)| value.parse().ok());
        let payload = announced.unwrap_or_else(|| LinearHash::from_bytes(Sha256::digest(body).into()));
        let request = Request { method, host: "localhost", path: &path, query, headers: &headers };
        let mut room = [0; 1024];
        let mut authorization = Buffer::new(&mut room);
        let credentials = Credentials::new(key, TEST_SECRET, None).unwrap();
        let scope = Scope { region, service: "glacier" };
        self.signers[place].authorization(&scope, &credentials, now, &request, &payload, &mut authorization);
        let authorization = std::str::from_utf8(authorization.finish().unwrap().0).unwrap();
        headers.push(("authorization", authorization));
        let request = Request { method, host: "localhost", path: &path, query, headers: &headers };
        let response = runtime.block_on(async {
            let Ok(outcome) = self.vaults.handle(&request, Some(body.len() as u64), &mut Body(body)).await;
            let response = outcome.into_response().ok_or("there is no response")?;
            let headers = response.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
            let mut response = Response {
                status: response.status(),
                code: String::new(),
                headers,
                body: read(response.into_body()).await?,
                is_denied: false,
            };
            response.code = response.check(now)?;
            Ok::<_, String>(response)
        });
        response.map_err(|problem| format!("{} {path}?{query}: {problem}", method.as_str()))
    }
}

async fn read(mut stream: impl Read) -> Result<Vec<u8>, String> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        match stream.read(&mut piece).await.map_err(|error| format!("the body ends early: {error:?}"))? {
            0 => return Ok(bytes),
            got => bytes.extend_from_slice(&piece[..got]),
        }
    }
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, String> {
        self.header(name).ok_or_else(|| format!("the response has no {name}"))
    }

    /// The document in the body, without the members that are null, which mean the same as absent ones.
    pub(crate) fn json(&self) -> Result<Value, String> {
        let mut value = serde_json::from_slice(&self.body).map_err(|error| format!("not JSON: {error}"))?;
        drop_nulls(&mut value);
        Ok(value)
    }

    /// The shape of every response; the code of an error.
    fn check(&self, now: Timestamp) -> Result<String, String> {
        if self.required("x-amzn-requestid")?.len() != 52 {
            return Err("the request id has another length".into());
        }
        if Timestamp::parse_http(self.required("date")?) != Some(now) {
            return Err(format!("the date {:?} is not wall time", self.header("date")));
        }
        if self.status < 300 {
            return Ok(String::new());
        }
        let json = self.json()?;
        let (code, message) = (json["code"].as_str().unwrap_or_default(), json["message"].as_str().unwrap_or_default());
        let kind = if self.status < 500 { "Client" } else { "Server" };
        if code.is_empty() || message.is_empty() || json["type"] != kind || self.header("x-amzn-errortype") != Some(code) {
            return Err(format!("{} is not the service's shape of an error: {json}", self.status));
        }
        Ok(code.to_owned())
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
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
