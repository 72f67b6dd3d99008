//! Names, descriptions, ids and tags: what is accepted follows the rules, and what is rejected has an error text.
#![no_main]
use glacier_core::ops::Tags;
use glacier_core::{AccountId, ArchiveId, Credentials, Description, Endpoint, VaultName};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let name = (1..=255).contains(&text.len()) && text.chars().all(legal) && text != "." && text != "..";
    assert_eq!(VaultName::try_from(text).map_err(|error| error.to_string().len()).is_ok(), name);
    let description = text.len() <= 1024 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    assert_eq!(Description::try_from(text).map_err(|error| error.to_string().len()).is_ok(), description);
    assert_eq!(ArchiveId::try_from(text).is_ok(), !matches!(text, "" | "." | ".."));
    let account = text == "-" || text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    assert_eq!(AccountId::try_from(text).is_ok(), account);
    let pairs: Vec<_> = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let _either = Tags::new(&pairs).map_err(|error| error.to_string());
    let _either = (Endpoint::new(text, text), Credentials::new(text, text, Some(text)).map_err(|error| error.to_string()));
});
