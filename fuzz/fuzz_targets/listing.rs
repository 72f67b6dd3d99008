//! The list scanner: the same items however the body is split, with any buffer that is large enough.
#![no_main]
use glacier_core::ops::{ListJobs, ListParts, ListProvisionedCapacity, ListTagsForVault, ListVaults};
use glacier_fuzz::list;

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, u8, String)| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let (sizes, less, body) = input;
    let sizes: Vec<usize> = sizes.into_iter().map(usize::from).collect();
    let (body, room) = (body.as_bytes(), body.len() + 1);
    assert_eq!(list::<ListVaults>(body, &sizes, room), list::<ListVaults>(body, &[room], room));
    assert_eq!(list::<ListTagsForVault>(body, &sizes, room), list::<ListTagsForVault>(body, &[room], room));
    let _short = (list::<ListJobs>(body, &sizes, less.into()), list::<ListParts>(body, &sizes, room));
    let _short = list::<ListProvisionedCapacity>(body, &sizes, less.into());
});
