//! Error bodies: status and code are kept, and everything can be shown.
#![no_main]
use glacier_core::{Code, Refusal, RefusalText};
use glacier_fuzz::answer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    answer(data, |response| {
        let (short, whole) = (Refusal::from_response(response), RefusalText::from_response(response));
        assert_eq!(short.status, response.status());
        let name = whole.code.map(|code| code.to_string()).unwrap_or_default();
        assert_eq!(short.code, if short.name.is_whole() { Code::named(&name) } else { Code::Unknown });
        let _asked = (short.is_retryable(), short.is_throttling(), short.is_clock_skew(), short.is_ambiguous());
        assert!(short.to_string().starts_with("the service answered"));
    });
});
