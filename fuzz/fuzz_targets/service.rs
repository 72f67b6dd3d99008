//! Requests to the local vault: signed or not, one or a sequence with advances of time, through its handler, and as bytes of a connection. It
//! never fails, whatever is asked, obeys nothing unsigned, and works afterwards.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let Some((how, rest)) = data.split_first() else { return };
    match how % 8 {
        0 => glacier_fuzz::service::connection(rest),
        1 => glacier_fuzz::service::request(rest, false),
        2 => glacier_fuzz::service::request(rest, true),
        _ => glacier_fuzz::sequence::perform(rest),
    }
});
