//! Laws of requests: percent-encoding is reversible, and every signature is that of a second implementation.

use glacier_core::ops::{DeleteArchive, DescribeJob, InitiateMultipartUpload, ListJobs, StatusCode};
use glacier_core::sign::{Scope, Signer, canonical_request};
use glacier_core::{
    Buffer, Credentials, Description, Encode, Endpoint, LinearHash, Method, PartSize, Request, SignedRequest, Timestamp, VaultRef,
};
use glacier_tests::{
    property_cases,
    second::{self, Signable},
};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// Headers in any order, some more than once, with any whitespace in their values.
fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[A-Za-z][A-Za-z0-9-]{0,3}", "[ -~]{0,12}"), 0..8)
        .prop_map(|list| list.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")).collect())
}

fn signable() -> impl Strategy<Value = Signable> {
    let method = prop::sample::select(vec!["GET", "PUT", "POST", "DELETE"]);
    let path = "(/[a-c.%2~é-]{0,3}){0,6}/?";
    let query = "([a-c%2]{0,2}(=[a-c%2]{0,2})?&?){0,6}";
    let body = prop::collection::vec(any::<u8>(), 0..40);
    (method, "[a-z.:0-9]{1,12}", path, query, headers(), body).prop_map(|(method, host, path, query, headers, body)| Signable {
        method: method.to_string(),
        host,
        path,
        query,
        headers,
        body,
    })
}

fn method(name: &str) -> Method {
    [Method::Get, Method::Put, Method::Post, Method::Delete].into_iter().find(|method| method.as_str() == name).unwrap()
}

fn written(write: impl FnOnce(&mut Buffer<'_>)) -> String {
    let mut room = vec![0; 1 << 14];
    let mut buffer = Buffer::new(&mut room);
    write(&mut buffer);
    String::from_utf8(buffer.finish().unwrap().0.to_vec()).unwrap()
}

/// Valid ids.
fn id(pattern: &'static str) -> impl Strategy<Value = String> {
    pattern.prop_filter(". and .. are not valid ids", |text| !matches!(text.as_str(), "." | ".."))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(property_cases(512)))]

    #[test]
    fn two_signers_agree(
        signable in signable(),
        (key, secret) in ("[A-Z0-9]{1,20}", "[!-~]{1,80}"),
        (region, service) in ("[a-z0-9-]{1,14}", "[a-z]{1,8}"),
        seconds in 0u64..253_402_300_800,
    ) {
        let now = Timestamp::from_unix(seconds);
        let stamp = now.to_string().replace(['-', ':'], "");
        let list: Vec<(&str, &str)> = signable.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request {
            method: method(&signable.method),
            host: &signable.host,
            path: &signable.path,
            query: &signable.query,
            headers: &list,
        };
        let payload = LinearHash::from_bytes(Sha256::digest(&signable.body).into());
        prop_assert_eq!(written(|out| canonical_request(&request, &payload, out)), signable.canonical().0);
        let credentials = Credentials::new(&key, &secret, None).unwrap();
        let scope = Scope { region: &region, service: &service };
        let ours = written(|out| Signer::new().authorization(&scope, &credentials, now, &request, &payload, out));
        prop_assert_eq!(ours, signable.authorization(&key, &secret, &region, &service, &stamp));
    }

    /// A signer that is used for many requests caches a key, and never uses the wrong one.
    #[test]
    fn the_cached_key_is_the_right_one(
        calls in prop::collection::vec((0u64..4, prop::sample::select(vec!["s", "t"]), prop::sample::select(vec!["eu-west-1", "us-east-1"])), 1..12)
    ) {
        let mut signer = Signer::new();
        for (day, secret, region) in calls {
            let now = Timestamp::from_unix(day * 86_400 + 5);
            let credentials = Credentials::new("AK", secret, None).unwrap();
            let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers: &[] };
            let scope = Scope { region, service: "glacier" };
            let sign = |signer: &mut Signer| {
                written(|out| signer.authorization(&scope, &credentials, now, &request, &LinearHash::EMPTY, out))
            };
            prop_assert_eq!(sign(&mut signer), sign(&mut Signer::new()));
        }
    }

    /// Ids and markers of any characters can be decoded from the request.
    #[test]
    fn encoding_is_reversible(id in id("\\PC{1,40}"), marker in any::<String>(), limit in any::<u64>()) {
        let vault = VaultRef::try_from("my-vault").unwrap();
        let path = encoded(&DescribeJob { vault, job: id.as_str().try_into().unwrap() }).0;
        let last = path.rsplit('/').next().unwrap();
        prop_assert_eq!(percent_decode_str(last).decode_utf8().unwrap(), id.as_str());
        prop_assert_eq!(last, second::encode(&id));

        let list = ListJobs { vault, completed: Some(true), limit: Some(limit), marker: Some(&marker), status: Some(StatusCode::Failed) };
        let query = encoded(&list).1;
        let expected = [
            ("completed", "true".to_string()),
            ("limit", limit.to_string()),
            ("marker", marker.clone()),
            ("statuscode", "Failed".to_string()),
        ];
        let pairs: Vec<(&str, String)> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name, percent_decode_str(value).decode_utf8().unwrap().into_owned()))
            .collect();
        prop_assert_eq!(&pairs[..], &expected[..]);
    }

    /// A whole request with a description: the second implementation signs what is sent.
    #[test]
    fn a_whole_request_is_signed_as_sent(text in "[ -~]{0,60}", token in proptest::option::of("[!-~]{1,40}"), base in "(/[a-z]{1,4}){0,2}") {
        let operation = InitiateMultipartUpload {
            vault: VaultRef::try_from("v").unwrap(),
            part_size: PartSize::MIN,
            description: Some(Description::try_from(text.as_str()).unwrap()),
        };
        let service = Endpoint::new("eu-west-1", "localhost:9000").unwrap().with_base_path(&base).unwrap();
        let credentials = Credentials::new("AK", "secret", token.as_deref()).unwrap();
        let mut room = vec![0; 4096];
        let now = Timestamp::parse_iso("20120525T002453Z").unwrap();
        let (signed, _) = SignedRequest::new(&operation, &service, &credentials, &mut Signer::new(), now, &mut room).unwrap();
        let request = signed.as_request();
        prop_assert_eq!(request.path, format!("{base}/-/vaults/v/multipart-uploads"));
        let mut headers: Vec<(String, String)> =
            request.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let place = headers.iter().position(|(name, _)| name == "authorization").unwrap();
        let (_, authorization) = headers.remove(place);
        let expected = if text.is_empty() { None } else { Some(text) };
        let found = headers.iter().find(|(name, _)| name == "x-amz-archive-description").map(|(_, value)| value.clone());
        prop_assert_eq!(found, expected);
        let signable = Signable {
            method: "POST".into(),
            host: request.host.into(),
            path: request.path.into(),
            query: request.query.into(),
            headers,
            body: vec![],
        };
        prop_assert_eq!(authorization, signable.authorization("AK", "secret", "eu-west-1", "glacier", "20120525T002453Z"));
    }

    /// A buffer that is too small is an error with the size that is enough.
    #[test]
    fn a_small_buffer_names_the_size_needed(id in id("[ -~]{1,100}"), room in 0usize..600) {
        let operation = DeleteArchive { vault: VaultRef::try_from("v").unwrap(), archive: id.as_str().try_into().unwrap() };
        let service = Endpoint::new("eu-west-1", "localhost").unwrap();
        let credentials = Credentials::new("AK", "secret", None).unwrap();
        let sign = |room: usize| {
            let mut buffer = vec![0; room];
            SignedRequest::new(&operation, &service, &credentials, &mut Signer::new(), Timestamp::from_unix(0), &mut buffer)
                .map(|_| ())
        };
        // The size needed may take two steps: first that of the request, then that of its signature.
        let mut room = room;
        for _ in 0..2 {
            match sign(room) {
                Ok(()) => return Ok(()),
                Err(glacier_core::EncodeError::Buffer(short)) => {
                    prop_assert_eq!(short.capacity, room);
                    let needed = short.needed.unwrap() as usize;
                    prop_assert!(needed > room);
                    room = needed;
                }
                Err(other) => panic!("{other}"),
            }
        }
        prop_assert!(sign(room).is_ok());
    }
}

fn encoded(operation: &dyn Encode) -> (String, String) {
    let path = written(|out| operation.path(&mut glacier_core::Path::new(out)));
    let query = written(|out| operation.query(&mut glacier_core::Query::new(out)));
    (path, query)
}
