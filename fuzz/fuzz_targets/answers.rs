//! Every answer decoder, on any headers and any body.
#![no_main]
use glacier_core::ops::*;
use glacier_fuzz::{answer, decode};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    answer(data, |response| {
        for one in [decode::<Vault>, decode::<Job>, decode::<VaultReceipt>, decode::<ArchiveReceipt>, decode::<UploadReceipt>] {
            one(response);
        }
        for one in [decode::<PartReceipt>, decode::<JobReceipt>, decode::<LockReceipt>, decode::<CapacityReceipt>] {
            one(response);
        }
        for one in [decode::<AccessPolicy>, decode::<VaultLock>, decode::<Notifications>, decode::<DataRetrieval>, decode::<()>] {
            one(response);
        }
    });
});
