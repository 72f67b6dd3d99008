//! The cost of signing one upload, relative to aws-sigv4: CPU time of the only thread, the two in turn, medians of the ratios of each round,
//! printed as Markdown.
//!
//! Both sign the same request with the same result, which is checked. Ours is timed in two forms: signing the same headers, and all that a call
//! does, from the operation to the list of headers.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningParams, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use glacier_core::ops::{BodyHashes, UploadArchive};
use glacier_core::sign::Scope;
use glacier_core::{
    Buffer, Credentials, Description, Endpoint, LinearHash, Method, PayloadHashes, Request, SignedRequest, Signer, Timestamp,
    VaultRef,
};

type Failure = Box<dyn std::error::Error>;

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const HOST: &str = "glacier.us-east-1.amazonaws.com";
const PATH: &str = "/-/vaults/examplevault/archives";
const HASH: &str = "5c5cfd40fd037f8da0d11985463d63c894e077cd1602e61c513028a96c134991";
const TREE: &str = "56ba3a1e0bb1d7a5544d171b649a0da5b0c54623f4a305df9bac05316187bd08";
const DATE: &str = "20261122T092629Z";
const NOW: u64 = 1_795_339_589;
/// The headers that are given; the date is added.
const HEADERS: [(&str, &str); 6] = [
    ("host", HOST),
    ("content-length", "4096"),
    ("x-amz-archive-description", "a description"),
    ("x-amz-content-sha256", HASH),
    ("x-amz-glacier-version", "2012-06-01"),
    ("x-amz-sha256-tree-hash", TREE),
];

const ROUNDS: usize = 41;
const CALLS: u32 = 2000;

fn main() -> Result<(), Failure> {
    let parameters = parameters()?;
    let request = request()?;
    let credentials = Credentials::new(KEY, SECRET, None)?;
    let service = Endpoint::new("us-east-1", HOST)?;
    let size = BodyHashes::try_from(PayloadHashes::from_parts(HASH.parse()?, TREE.parse()?, 4096))?;
    let vault = VaultRef::try_from("examplevault")?;
    let upload = UploadArchive { vault, description: Some(Description::try_from("a description")?), body: size };
    let hash: LinearHash = HASH.parse()?;
    let (mut signer, mut whole) = (Signer::new(), Signer::new());

    assert_eq!(theirs(&request, &parameters)?, ours(&mut signer, &credentials, &hash)?, "the two signatures");

    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let their_time = time(|| drop(black_box(theirs(&request, &parameters))));
        let our_time = time(|| drop(black_box(ours(&mut signer, &credentials, &hash))));
        let whole_time = time(|| {
            let mut buf = [0; 1024];
            let now = Timestamp::from_unix(NOW);
            drop(black_box(SignedRequest::new(&upload, &service, &credentials, &mut whole, now, &mut buf)));
        });
        // The cost of the copy of the request that theirs signs.
        let copy_time = time(|| drop(black_box(copy(&request))));
        rounds.push([their_time - copy_time, our_time, whole_time]);
    }
    let median = |of: &dyn Fn(&[f64; 3]) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!("| signing one UploadArchive: 6 headers given, the date added | CPU µs | ratio |");
    println!("| --- | ---: | ---: |");
    for (place, name) in [
        "aws-sigv4: sign and apply",
        "glacier-core: Signer::authorization, cached key",
        "glacier-core: SignedRequest::new, encoding included",
    ]
    .iter()
    .enumerate()
    {
        println!("| {name} | {:.2} | {:.2} |", median(&|round| round[place]), median(&|round| round[place] / round[0]));
    }
    Ok(())
}

/// CPU time of a call in microseconds.
fn time(mut call: impl FnMut()) -> f64 {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
    };
    let start = now();
    (0..CALLS).for_each(|_| call());
    (now() - start) / f64::from(CALLS)
}

fn parameters() -> Result<SigningParams<'static>, Failure> {
    let identity: &'static Identity =
        Box::leak(Box::new(aws_credential_types::Credentials::new(KEY, SECRET, None, None, "bench").into()));
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let settings = SigningSettings::default();
    Ok(v4::SigningParams::builder()
        .identity(identity)
        .region("us-east-1")
        .name("glacier")
        .time(time)
        .settings(settings)
        .build()?
        .into())
}

fn request() -> Result<http::Request<()>, Failure> {
    let builder = http::Request::post(format!("https://{HOST}{PATH}"));
    Ok(HEADERS.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value)).body(())?)
}

fn copy(request: &http::Request<()>) -> http::Request<()> {
    let mut copy = http::Request::new(());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    copy
}

/// The value of the authorization header.
fn theirs(request: &http::Request<()>, parameters: &SigningParams<'_>) -> Result<String, Failure> {
    let mut request = copy(request);
    let uri = request.uri().to_string();
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Precomputed(HASH.into());
    let (instructions, _) = sign(SignableRequest::new("POST", uri, headers, body)?, parameters)?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.headers().get("authorization").ok_or("no signature")?.to_str()?.to_owned())
}

fn ours(signer: &mut Signer, credentials: &Credentials<'_>, hash: &LinearHash) -> Result<String, Failure> {
    let [host, given @ ..] = HEADERS;
    let [length, description, content, version, tree] = given;
    let headers = [length, description, content, ("x-amz-date", DATE), version, tree];
    let request = Request { method: Method::Post, host: host.1, path: PATH, query: "", headers: &headers };
    let scope = Scope { region: "us-east-1", service: "glacier" };
    let mut room = [0; 512];
    let mut out = Buffer::new(&mut room);
    signer.authorization(&scope, credentials, Timestamp::from_unix(NOW), &request, hash, &mut out);
    Ok(std::str::from_utf8(out.finish()?.0)?.to_owned())
}
