//! Every operation is written to a connection, parsed there by other crates, and compared with its inputs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;

use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{ErrorType, Read, Write};
use embedded_nal_async::TcpConnect;
use glacier_core::ops::*;
use glacier_core::values::Range;
use glacier_core::{
    AccountId, ByteRange, Bytes, Credentials, Description, Encode, Endpoint, Head, PartSize, Payload, PayloadHashes, SignedRequest,
    Signer, Timestamp, Transport, TreeHash, VaultRef,
};
use glacier_embedded::{HttpTransport, Timeouts};
use glacier_tests::property_cases;
use percent_encoding::percent_decode_str;
use pollster::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A network with one server, which records what it is sent.
#[derive(Default)]
struct Net(RefCell<Vec<u8>>);

struct Connection<'n> {
    net: &'n Net,
    response: &'static [u8],
}

impl TcpConnect for Net {
    type Error = Infallible;
    type Connection<'a> = Connection<'a>;
    async fn connect(&self, _: SocketAddr) -> Result<Connection<'_>, Infallible> {
        Ok(Connection { net: self, response: b"HTTP/1.1 204 No Content\r\n\r\n" })
    }
}

impl ErrorType for Connection<'_> {
    type Error = Infallible;
}

/// Responds when the whole request has arrived, as an early response would end the sending.
impl Read for Connection<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if Received::parse(&self.net.0.borrow()).is_none() {
            return core::future::pending().await;
        }
        self.response.read(into).await
    }
}

impl Write for Connection<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.net.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

struct NoClock;

impl DelayNs for NoClock {
    async fn delay_ns(&mut self, _: u32) {
        core::future::pending().await
    }
}

/// A request as httparse parses it.
#[derive(Debug)]
struct Received {
    method: String,
    /// Segments of the path, decoded.
    path: Vec<String>,
    /// Pairs of the query, decoded.
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Received {
    /// `None` while the request is incomplete.
    fn parse(bytes: &[u8]) -> Option<Received> {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(head) = request.parse(bytes).expect("a request") else { return None };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned();
        let (path, query) = request.path?.split_once('?').unwrap_or((request.path?, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').expect("a pair"));
        let mut names = BTreeMap::new();
        for header in request.headers.iter() {
            let value = std::str::from_utf8(header.value).expect("UTF-8").trim().to_string();
            assert_eq!(names.insert(header.name.to_ascii_lowercase(), value), None, "a header occurs twice");
        }
        let length: usize = names.get("content-length").map_or(0, |length| length.parse().expect("a number"));
        let body = bytes.get(head..)?.get(..length)?.to_vec();
        assert_eq!(bytes.len(), head + length, "there are bytes after the body");
        Some(Received {
            method: request.method?.to_string(),
            path: path.split('/').skip(1).map(decoded).collect(),
            query: pairs.map(|(name, value)| (decoded(name), decoded(value))).collect(),
            headers: names,
            body,
        })
    }
}

/// Sends an operation, with `stream` as its body unless that is JSON.
fn send(operation: &(dyn Encode + Sync), stream: &[u8]) -> Received {
    let (net, mut buf, mut json) = (Net::default(), vec![0; 1 << 14], vec![0; 1 << 14]);
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("token")).unwrap();
    let endpoint = Endpoint::new("eu-west-1", "glacier.test:8080").unwrap();
    let now = Timestamp::from_unix(1_337_905_493);
    let (signed, rest) = SignedRequest::new(operation, &endpoint, &credentials, &mut Signer::new(), now, &mut buf).unwrap();
    let mut written = glacier_core::Buffer::new(&mut json);
    operation.json(&mut written);
    let json = written.finish().unwrap().0;
    let body: &[u8] = if operation.payload() == Payload::Json { json } else { stream };
    let (mut receive, mut send) = (vec![0; 1 << 14], vec![0; 700]);
    let address = "127.0.0.1:80".parse().unwrap();
    let mut transport = HttpTransport::new(&net, address, NoClock, Timeouts::default(), &mut receive, &mut send);
    block_on(transport.send(&signed.as_request(), &mut Bytes::new(body), &mut Head::new(rest))).map(drop).unwrap();
    Received::parse(&net.0.take()).expect("a whole request")
}

/// The expected request of an operation: method, path after the account, query, headers of the operation itself, JSON body.
struct Expected<'e> {
    method: &'static str,
    path: Vec<&'e str>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    json: Option<Value>,
}

fn expect<'e>(method: &'static str, path: &[&'e str]) -> Expected<'e> {
    Expected { method, path: path.to_vec(), query: vec![], headers: vec![], json: None }
}

impl Expected<'_> {
    fn query(mut self, pairs: &[(&'static str, Option<String>)]) -> Self {
        self.query = pairs.iter().filter_map(|(name, value)| Some((*name, value.clone()?))).collect();
        self
    }

    fn headers(mut self, pairs: &[(&'static str, Option<String>)]) -> Self {
        self.headers = pairs.iter().filter_map(|(name, value)| Some((*name, value.clone()?))).collect();
        self
    }

    /// Null members are absent.
    fn json(mut self, mut value: Value) -> Self {
        fn prune(value: &mut Value) {
            if let Value::Object(members) = value {
                members.retain(|_, member| !member.is_null());
                members.values_mut().for_each(prune);
            }
        }
        prune(&mut value);
        self.json = Some(value);
        self
    }

    fn is(self, operation: &(dyn Encode + Sync), stream: &[u8]) {
        let mut received = send(operation, stream);
        assert_eq!(received.method, self.method);
        assert_eq!(received.path, [&["-"], &self.path[..]].concat());
        received.query.sort();
        let mut query: Vec<_> = self.query.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        query.sort();
        assert_eq!(received.query, query);
        match &self.json {
            Some(json) => assert_eq!(&serde_json::from_slice::<Value>(&received.body).unwrap(), json),
            None => assert_eq!(received.body, stream),
        }
        // The headers of all requests, then those of the operation, and no others.
        for (name, value) in [("host", "glacier.test:8080"), ("x-amz-date", "20120525T002453Z"), ("x-amz-security-token", "token")]
        {
            assert_eq!(received.headers.remove(name).as_deref(), Some(value));
        }
        assert_eq!(received.headers.remove("x-amz-glacier-version").as_deref(), Some("2012-06-01"));
        assert!(
            received
                .headers
                .remove("authorization")
                .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"))
        );
        let length = received.headers.remove("content-length");
        assert_eq!(length.is_some(), matches!(self.method, "PUT" | "POST"));
        assert_eq!(received.headers.remove("content-type").as_deref(), self.json.map(|_| "application/json"));
        let own: BTreeMap<String, String> =
            self.headers.into_iter().map(|(name, value)| (name.to_string(), value.trim().to_string())).collect();
        assert_eq!(received.headers, own);
    }
}

/// The inputs of all operations.
#[derive(Clone, Debug)]
struct Inputs {
    vault: String,
    id: String,
    description: Option<String>,
    marker: Option<String>,
    limit: Option<u64>,
    text: Option<String>,
    keys: Vec<String>,
    number: u64,
    flag: Option<bool>,
    body: Vec<u8>,
}

fn inputs() -> impl Strategy<Value = Inputs> {
    let dots = |text: &String| !matches!(text.as_str(), "." | "..");
    let id = any::<String>().prop_filter("an id is not empty, `.` or `..`", move |id| !id.is_empty() && dots(id));
    let vault = "[A-Za-z0-9_.-]{1,60}".prop_filter("`.` and `..` are not names", dots);
    let some = prop::option::of(any::<String>().prop_filter("empty is absent", |text| !text.is_empty()));
    let keys = prop::collection::btree_set("[a-zé]{1,8}", 1..10).prop_map(|keys| keys.into_iter().collect());
    let body = prop::collection::vec(any::<u8>(), 1..2000);
    let description = prop::option::of("[!-~][ -~]{0,100}");
    let numbers = (prop::option::of(1u64..1000), 1u64..1 << 40, any::<Option<bool>>());
    (vault, id, description, some.clone(), some, keys, body, numbers).prop_map(
        |(vault, id, description, marker, text, keys, body, (limit, number, flag))| Inputs {
            vault,
            id,
            description,
            marker,
            limit,
            text,
            keys,
            number,
            flag,
            body,
        },
    )
}

fn vaults(i: &Inputs, v: VaultRef<'_>) {
    let path = ["vaults", i.vault.as_str()];
    expect("PUT", &path).is(&CreateVault { vault: v }, b"");
    expect("GET", &path).is(&DescribeVault { vault: v }, b"");
    expect("DELETE", &path).is(&DeleteVault { vault: v }, b"");
    let list = ListVaults { account: AccountId::default(), limit: i.limit, marker: i.marker.as_deref() };
    expect("GET", &["vaults"]).query(&page(i)).is(&list, b"");
    let tags: Vec<(&str, &str)> = i.keys.iter().map(|key| (key.as_str(), "v ä")).collect();
    let (operation, path) = ("operation", ["vaults", i.vault.as_str(), "tags"]);
    let map: serde_json::Map<String, Value> = tags.iter().map(|(key, value)| (key.to_string(), json!(value))).collect();
    let add = AddTagsToVault { vault: v, tags: Tags::new(&tags).unwrap() };
    expect("POST", &path).query(&[(operation, Some("add".into()))]).json(json!({ "Tags": map })).is(&add, b"");
    let keys: Vec<&str> = i.keys.iter().map(String::as_str).collect();
    let remove = RemoveTagsFromVault { vault: v, keys: TagKeys::new(&keys).unwrap() };
    expect("POST", &path).query(&[(operation, Some("remove".into()))]).json(json!({ "TagKeys": keys })).is(&remove, b"");
    expect("GET", &path).is(&ListTagsForVault { vault: v }, b"");
}

fn page(i: &Inputs) -> [(&'static str, Option<String>); 2] {
    [("limit", i.limit.map(|limit| limit.to_string())), ("marker", i.marker.clone())]
}

fn configuration(i: &Inputs, v: VaultRef<'_>) {
    let at = |name| ["vaults", i.vault.as_str(), name];
    let events = [NotificationEvent::ArchiveRetrievalCompleted];
    let set = SetVaultNotifications { vault: v, sns_topic: i.text.as_deref(), events: i.flag.map(|_| &events[..]) };
    let body = json!({ "SNSTopic": i.text, "Events": i.flag.map(|_| ["ArchiveRetrievalCompleted"]) });
    expect("PUT", &at("notification-configuration")).json(body).is(&set, b"");
    expect("GET", &at("notification-configuration")).is(&GetVaultNotifications { vault: v }, b"");
    expect("DELETE", &at("notification-configuration")).is(&DeleteVaultNotifications { vault: v }, b"");
    let text = json!({ "Id": i.text, "Statement": [i.id] }).to_string();
    let policy = Policy::try_from(text.as_str()).unwrap();
    let body = json!({ "Policy": text });
    expect("PUT", &at("access-policy")).json(body.clone()).is(&SetVaultAccessPolicy { vault: v, policy }, b"");
    expect("GET", &at("access-policy")).is(&GetVaultAccessPolicy { vault: v }, b"");
    expect("DELETE", &at("access-policy")).is(&DeleteVaultAccessPolicy { vault: v }, b"");
    expect("POST", &at("lock-policy")).json(body).is(&InitiateVaultLock { vault: v, policy }, b"");
    expect("GET", &at("lock-policy")).is(&GetVaultLock { vault: v }, b"");
    expect("DELETE", &at("lock-policy")).is(&AbortVaultLock { vault: v }, b"");
    let complete = CompleteVaultLock { vault: v, lock: i.id.as_str().try_into().unwrap() };
    expect("POST", &["vaults", &i.vault, "lock-policy", &i.id]).is(&complete, b"");
}

fn archives(i: &Inputs, v: VaultRef<'_>) {
    let digest: [u8; 32] = Sha256::digest(&i.body).into();
    // Up to 1 MiB, both hashes are the SHA-256 of the body.
    let hashes =
        PayloadHashes::from_parts(glacier_core::LinearHash::from_bytes(digest), TreeHash::from_bytes(digest), i.body.len() as u64);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let both = [("x-amz-content-sha256", Some(hex.clone())), ("x-amz-sha256-tree-hash", Some(hex.clone()))];
    let description = i.description.as_deref().map(|text| Description::try_from(text).unwrap());
    let described = ("x-amz-archive-description", i.description.clone());
    let upload = UploadArchive { vault: v, description, body: hashes.try_into().unwrap() };
    let at = |name| ["vaults", i.vault.as_str(), name];
    expect("POST", &at("archives")).headers(&[both[0].clone(), both[1].clone(), described.clone()]).is(&upload, &i.body);
    let delete = DeleteArchive { vault: v, archive: i.id.as_str().try_into().unwrap() };
    expect("DELETE", &["vaults", &i.vault, "archives", &i.id]).is(&delete, b"");

    let part_size = PartSize::smallest_for(i.number).unwrap();
    let sized = ("x-amz-part-size", Some(part_size.bytes().to_string()));
    let begin = InitiateMultipartUpload { vault: v, part_size, description };
    expect("POST", &at("multipart-uploads")).headers(&[sized, described]).is(&begin, b"");
    let list = ListMultipartUploads { vault: v, limit: i.limit, marker: i.marker.as_deref() };
    expect("GET", &at("multipart-uploads")).query(&page(i)).is(&list, b"");

    let (path, upload) = (["vaults", &i.vault, "multipart-uploads", &i.id], i.id.as_str().try_into().unwrap());
    let first = i.number << 20;
    let range = ("content-range", Some(format!("bytes {first}-{}/*", first + i.body.len() as u64 - 1)));
    if let Ok(part) = UploadMultipartPart::new(v, upload, first, hashes) {
        let [linear, tree] = both;
        expect("PUT", &path).headers(&[range, linear, tree]).is(&part, &i.body);
    }
    let list = ListParts { vault: v, upload, limit: i.limit, marker: i.marker.as_deref() };
    expect("GET", &path).query(&page(i)).is(&list, b"");
    expect("DELETE", &path).is(&AbortMultipartUpload { vault: v, upload }, b"");
    let complete = CompleteMultipartUpload { vault: v, upload, archive_size: i.number, tree_hash: TreeHash::from_bytes(digest) };
    let whole = [("x-amz-archive-size", Some(i.number.to_string())), ("x-amz-sha256-tree-hash", Some(hex))];
    expect("POST", &path).headers(&whole).is(&complete, b"");
}

fn jobs(i: &Inputs, v: VaultRef<'_>) {
    let at = ["vaults", i.vault.as_str(), "jobs"];
    let description = i.description.as_deref().map(|text| Description::try_from(text).unwrap());
    let bytes = ByteRange::new(i.number << 20, (i.number << 21) - 1).unwrap();
    let begin = |kind| InitiateJob { vault: v, kind, tier: Some(Tier::Bulk), description, sns_topic: i.text.as_deref() };
    let archive = JobKind::Archive { id: i.id.as_str().try_into().unwrap(), range: i.flag.map(|_| bytes) };
    let range = i.flag.map(|_| format!("{}-{}", i.number << 20, (i.number << 21) - 1));
    let common = |own: Value| {
        let mut all = json!({ "Tier": "Bulk", "Description": i.description, "SNSTopic": i.text });
        all.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        all
    };
    let body = common(json!({ "Type": "archive-retrieval", "ArchiveId": i.id, "RetrievalByteRange": range }));
    expect("POST", &at).json(body).is(&begin(archive), b"");
    let filter = InventoryFilter { start_date: i.text.as_deref(), end_date: None, limit: i.limit, marker: i.marker.as_deref() };
    let inventory = JobKind::Inventory(InventoryRetrieval { format: Some(InventoryFormat::Csv), filter: Some(filter) });
    let limit = i.limit.map(|limit| limit.to_string());
    let filter = json!({ "StartDate": i.text, "Limit": limit, "Marker": i.marker });
    let body = common(json!({ "Type": "inventory-retrieval", "Format": "CSV", "InventoryRetrievalParameters": filter }));
    expect("POST", &at).json(body).is(&begin(inventory), b"");

    let (completed, status) = (i.flag, i.flag.map(|_| StatusCode::Failed));
    let list = ListJobs { vault: v, completed, limit: i.limit, marker: i.marker.as_deref(), status };
    let [limit, marker] = page(i);
    let filters = [("completed", i.flag.map(|flag| flag.to_string())), ("statuscode", i.flag.map(|_| "Failed".into()))];
    let [completed, status] = filters;
    expect("GET", &at).query(&[limit, marker, completed, status]).is(&list, b"");
    let (path, job) = (["vaults", &i.vault, "jobs", &i.id], i.id.as_str().try_into().unwrap());
    expect("GET", &path).is(&DescribeJob { vault: v, job }, b"");
    let range = i.flag.map(|flag| if flag { Range::Bytes(bytes) } else { Range::From(i.number) });
    let written = i.flag.map(|flag| match flag {
        true => format!("bytes={}-{}", i.number << 20, (i.number << 21) - 1),
        false => format!("bytes={}-", i.number),
    });
    let path = [&path[..], &["output"]].concat();
    expect("GET", &path).headers(&[("range", written)]).is(&GetJobOutput { vault: v, job, range }, b"");
}

fn account_wide(i: &Inputs) {
    let account = AccountId::default();
    expect("POST", &["provisioned-capacity"]).is(&PurchaseProvisionedCapacity { account }, b"");
    expect("GET", &["provisioned-capacity"]).is(&ListProvisionedCapacity { account }, b"");
    expect("GET", &["policies", "data-retrieval"]).is(&GetDataRetrievalPolicy { account }, b"");
    let limit = RetrievalLimit::BytesPerHour(i.number.try_into().unwrap());
    let body = json!({ "Policy": { "Rules": [{ "Strategy": "BytesPerHour", "BytesPerHour": i.number }] } });
    expect("PUT", &["policies", "data-retrieval"]).json(body).is(&SetDataRetrievalPolicy { account, limit }, b"");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(property_cases(256)))]

    #[test]
    fn requests_on_the_wire_have_the_inputs_of_their_operations(inputs in inputs()) {
        let vault = VaultRef::try_from(inputs.vault.as_str()).unwrap();
        vaults(&inputs, vault);
        configuration(&inputs, vault);
        archives(&inputs, vault);
        jobs(&inputs, vault);
        account_wide(&inputs);
    }
}
