//! Signing, against a second implementation.
#![no_main]
use glacier_core::sign::{Scope, Signer};
use glacier_core::{Buffer, Credentials, LinearHash, Method, Request, Timestamp};
use glacier_fuzz::second::Signable;
use sha2::{Digest, Sha256};

libfuzzer_sys::fuzz_target!(|input: (u32, &str, String, String, String, Vec<(String, String)>)| {
    let (seconds, secret, host, path, query, headers) = input;
    let headers: Vec<_> = headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")).collect();
    let list: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request { method: Method::Put, host: &host, path: &path, query: &query, headers: &list };
    let Ok(credentials) = Credentials::new("AK", secret, None) else { return };
    let (payload, now) = (LinearHash::from_bytes(Sha256::digest(&path).into()), Timestamp::from_unix(seconds.into()));
    let mut room = vec![0; 1 << 16];
    let mut out = Buffer::new(&mut room);
    Signer::new().authorization(&Scope { region: "r", service: "s" }, &credentials, now, &request, &payload, &mut out);
    let stamp = now.to_string().replace(['-', ':'], "");
    let second = Signable {
        method: "PUT".into(),
        host: host.clone(),
        path: path.clone(),
        query: query.clone(),
        body: path.clone().into(),
        headers: headers.clone(),
    };
    assert_eq!(out.finish().unwrap().0, second.authorization("AK", secret, "r", "s", &stamp).as_bytes());
});
