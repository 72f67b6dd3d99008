//! Inventories in JSON: the same archives however the body is split.
#![no_main]
use glacier_core::inventory::{InventoryHead, JsonInventory};
use glacier_fuzz::{list, pieces::Pieces};
use pollster::block_on;

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, String)| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let (sizes, body) = input;
    let sizes: Vec<usize> = sizes.into_iter().map(usize::from).collect();
    let (body, room) = (body.as_bytes(), body.len() + 1);
    assert_eq!(list::<InventoryHead>(body, &sizes, room), list::<InventoryHead>(body, &[room], room));
    let mut buf = [0; 256];
    let mut inventory = JsonInventory::new(Pieces::<std::convert::Infallible>::new(body, &sizes), &mut buf);
    while let Ok(Some(item)) = block_on(inventory.next()) {
        let _shown = (item.archive_id.map(|id| id.to_string()), item.description.map(|text| text.to_string()), item.tree_hash());
    }
});
