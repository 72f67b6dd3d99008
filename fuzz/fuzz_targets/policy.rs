//! Policies: a JSON document embedded in JSON is read back unchanged.
#![no_main]
use glacier_core::ops::{AccessPolicy, Policy, SetVaultAccessPolicy};
use glacier_core::{Buffer, Encode, FromResponse, Head, Text};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let _either = Text::from_escaped(text).map(|text| text.to_string());
    let Ok(policy) = Policy::try_from(text) else { return };
    let mut room = vec![0; 8 * text.len() + 32];
    let mut out = Buffer::new(&mut room);
    SetVaultAccessPolicy { vault: "v".try_into().unwrap(), policy }.json(&mut out);
    let (json, _) = out.finish().unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(json).unwrap()["Policy"], text);
    let head = Head::new(&mut []);
    let output = AccessPolicy::from_response(&head.with_body(json)).unwrap();
    assert_eq!(output.policy.unwrap().to_string(), text);
});
