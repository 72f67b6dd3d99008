//! Inventories in CSV: the same archives however the body is split, one for each line.
#![no_main]
use glacier_core::inventory::CsvInventory;
use glacier_fuzz::pieces::Pieces;
use pollster::block_on;

fn read(body: &[u8], sizes: &[usize], room: usize) -> Vec<String> {
    let mut buf = vec![0; room];
    let mut inventory = CsvInventory::new(Pieces::<std::convert::Infallible>::new(body, sizes), &mut buf);
    std::iter::from_fn(|| Some(format!("{:?}", block_on(inventory.next()).ok()??))).collect()
}

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, u8, String)| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let (sizes, less, rows) = input;
    let sizes: Vec<usize> = sizes.into_iter().map(usize::from).collect();
    let body = format!("ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n{rows}");
    let whole = read(body.as_bytes(), &[body.len()], body.len() + 1);
    assert_eq!(read(body.as_bytes(), &sizes, body.len() + 1), whole);
    assert!(whole.len() <= rows.split(['\n', '\r']).count() && read(body.as_bytes(), &sizes, less.into()).len() <= whole.len());
});
