//! Times: a parsed time is written as the same instant.
#![no_main]
use glacier_core::Timestamp;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    for time in [Timestamp::parse_iso(text), Timestamp::parse_http(text)].into_iter().flatten() {
        assert_eq!(Timestamp::parse_iso(&time.to_string()), Some(time));
        assert_eq!(Timestamp::parse_iso(&time.to_string().replace(['-', ':'], "")), Some(time));
        assert_eq!(Timestamp::from_unix(time.unix()), time);
    }
});
