//! Response heads: any headers, in an arena of any size; a value is kept whole or not at all.
#![no_main]
use glacier_core::{Head, Header};

libfuzzer_sys::fuzz_target!(|input: (u8, u16, Vec<(bool, Vec<u8>)>)| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let (room, status, values) = input;
    let mut arena = vec![0; room.into()];
    let mut head = Head::new(&mut arena);
    head.start(status);
    let name = |kept: bool| if kept { "X-Amz-Job-Id" } else { "server" };
    let pushed: Vec<bool> = values.iter().map(|(kept, value)| head.push(name(*kept), value).is_ok()).collect();
    let first = values.iter().zip(pushed).find(|((kept, _), ok)| *kept && *ok).map(|((_, value), _)| value.trim_ascii());
    let response = head.with_body(b"");
    assert_eq!(response.header(Header::JobId), first.and_then(|value| std::str::from_utf8(value).ok()));
    assert_eq!((response.status(), response.request_id()), (status, None));
});
