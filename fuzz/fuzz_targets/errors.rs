//! Error bodies: status and code are kept, and every error can be displayed.
#![no_main]
use glacier_core::{ErrorCode, ServiceError, ServiceErrorText};
use glacier_fuzz::response;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    response(data, |response| {
        let (short, whole) = (ServiceError::from_response(response), ServiceErrorText::from_response(response));
        assert_eq!(short.status, response.status());
        let name = whole.code.map(|code| code.to_string()).unwrap_or_default();
        assert_eq!(short.code, if short.name.is_whole() { ErrorCode::from_name(&name) } else { ErrorCode::Unknown });
        let _flags = (short.is_retryable(), short.is_throttling(), short.is_clock_skew(), short.may_have_acted());
        assert!(short.to_string().starts_with("the service returned"));
    });
});
