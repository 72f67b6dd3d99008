//! Signing, against a second implementation. The lines of the input are secret, host, path, query and headers.
#![no_main]
use glacier_core::sign::{Scope, Signer};
use glacier_core::{Buffer, Credentials, LinearHash, Timestamp};
use glacier_fuzz::second::Signable;
use sha2::{Digest, Sha256};

libfuzzer_sys::fuzz_target!(|input: (u32, &str)| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let (seconds, text) = input;
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default().to_owned();
    let (secret, host, path, query) = (line(), line(), line(), line());
    let mut headers: Vec<(String, String)> =
        lines.map(|line| line.split_once(':').unwrap_or((line, ""))).map(|(name, value)| (name.into(), value.into())).collect();
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
    let second = Signable { method: "PUT".into(), host, body: path.clone().into(), path, query, headers };
    let Ok(credentials) = Credentials::new("AK", &secret, None) else { return };
    let (payload, now) = (LinearHash::from_bytes(Sha256::digest(&second.body).into()), Timestamp::from_unix(seconds.into()));
    let (mut room, list) = (vec![0; 1 << 16], glacier_fuzz::borrowed(&second.headers));
    let (mut out, request) = (Buffer::new(&mut room), glacier_fuzz::request(&second, &list));
    Signer::new().authorization(&Scope { region: "r", service: "s" }, &credentials, now, &request, &payload, &mut out);
    let stamp = now.to_string().replace(['-', ':'], "");
    assert_eq!(out.finish().unwrap().0, second.authorization("AK", &secret, "r", "s", &stamp).as_bytes());
});
