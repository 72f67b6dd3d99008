//! Every decoder of responses, on any headers and any body.
#![no_main]
use glacier_core::ops::*;
use glacier_fuzz::{decode, response};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    response(data, |response| {
        for one in [
            decode::<Vault>,
            decode::<Job>,
            decode::<CreateVaultOutput>,
            decode::<UploadArchiveOutput>,
            decode::<InitiateMultipartUploadOutput>,
        ] {
            one(response);
        }
        for one in [
            decode::<UploadMultipartPartOutput>,
            decode::<InitiateJobOutput>,
            decode::<InitiateVaultLockOutput>,
            decode::<PurchaseProvisionedCapacityOutput>,
        ] {
            one(response);
        }
        for one in [decode::<AccessPolicy>, decode::<VaultLock>, decode::<Notifications>, decode::<DataRetrieval>, decode::<()>] {
            one(response);
        }
    });
});
