//! Requests to the local vault: signed or not, through its handler, and as bytes of a connection. It never fails, whatever is asked, and
//! obeys nothing unsigned.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let Some((how, rest)) = data.split_first() else { return };
    match how % 4 {
        0 => glacier_fuzz::service::connection(rest),
        1 => glacier_fuzz::service::request(rest, false),
        _ => glacier_fuzz::service::request(rest, true),
    }
});
