//! An inventory of ten million archives is read through a buffer of 4 KiB: nothing is lost, and memory does not grow.

use std::convert::Infallible;

use embedded_io_async::{ErrorType, Read};
use glacier_core::inventory::{CsvInventory, InventoryItem, JsonInventory};
use pollster::block_on;

const ITEMS: u64 = 10_000_000;
/// Archives that are written once and then repeated, so that generating the inventory costs less than reading it.
const BLOCK: u64 = 1_000;

/// `head`, then `block` `blocks` times, then `tail`, in pieces of a TCP segment.
struct Repeated {
    parts: [Vec<u8>; 3],
    /// Blocks left, including the one that is being read.
    blocks: u64,
    part: usize,
    at: usize,
}

impl Repeated {
    fn new(head: String, block: String, blocks: u64, tail: &str) -> Self {
        Repeated { parts: [head.into_bytes(), block.into_bytes(), tail.into()], blocks, part: 0, at: 0 }
    }

    /// Goes on to the next part at the end of this one.
    fn advance(&mut self) {
        while self.part < 3 && self.at == self.parts[self.part].len() {
            self.at = 0;
            if self.part == 1 {
                self.blocks -= 1;
            }
            if self.part != 1 || self.blocks == 0 {
                self.part += 1;
            }
        }
    }
}

impl ErrorType for Repeated {
    type Error = Infallible;
}

impl Read for Repeated {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        self.advance();
        let Some(part) = self.parts.get(self.part) else { return Ok(0) };
        let got = into.len().min(1460).min(part.len() - self.at);
        into[..got].copy_from_slice(&part[self.at..self.at + got]);
        self.at += got;
        Ok(got)
    }
}

fn size(n: u64) -> u64 {
    n * 1_000_003 + 1
}

/// The sums over an inventory.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    items: u64,
    bytes: u64,
    /// Items with a valid tree hash.
    hashed: u64,
}

impl Sum {
    fn expected() -> Self {
        Sum { items: ITEMS, bytes: (0..BLOCK).map(size).sum::<u64>() * (ITEMS / BLOCK), hashed: ITEMS }
    }

    fn add(&mut self, item: &InventoryItem<'_>) {
        self.items += 1;
        self.bytes += item.size.unwrap_or_default();
        self.hashed += u64::from(item.tree_hash().is_some());
    }
}

const HASH: &str = "beb0fe31a1c7ca8c6c04d574ea906e3f97b31fdca7571defb5b44dca89b5af60";

/// Peak memory of this process in KiB, where the system reports it.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// Calls `next` until the end. The peaks after the first block and at the end may differ by 1 MiB, for the test itself.
fn check(mut next: impl FnMut(&mut Sum) -> bool) {
    let (mut sum, mut early) = (Sum::default(), None);
    while next(&mut sum) {
        if sum.items == BLOCK {
            early = peak_kib();
        }
    }
    assert_eq!(sum, Sum::expected());
    if let (Some(early), Some(late)) = (early, peak_kib()) {
        assert!(late <= early + 1024, "memory grew from {early} to {late} KiB");
    }
}

/// One format after the other, as the peak is that of the whole process.
#[test]
fn ten_million_archives_are_read_in_constant_memory() {
    let items: Vec<_> = (0..BLOCK)
        .map(|n| {
            format!(
                r#"{{"ArchiveId":"-{n:0137}","ArchiveDescription":"{{\"path\":\"a/{n}\"}}","CreationDate":"2012-05-15T17:19:46.700Z","Size":{},"SHA256TreeHash":"{HASH}"}}"#,
                size(n)
            )
        })
        .collect();
    let block = items.join(",");
    // Commas stand between items only, so the first block is part of the head.
    let head = format!(r#"{{"VaultARN":"arn:aws:glacier:us-east-1:012345678901:vaults/v","ArchiveList":[{block}"#);
    let body = Repeated::new(head, format!(",{block}"), ITEMS / BLOCK - 1, "]}");
    let mut buf = [0; 4096];
    let mut inventory = JsonInventory::new(body, &mut buf);
    check(|sum| block_on(inventory.next()).unwrap().inspect(|item| sum.add(item)).is_some());

    let rows: String =
        (0..BLOCK).map(|n| format!("-{n:0137},\"a \\\"{n}\\\", b\",2012-05-15T17:19:46.700Z,{},{HASH}\r\n", size(n))).collect();
    let head = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n";
    let body = Repeated::new(head.into(), rows, ITEMS / BLOCK, "");
    let mut buf = [0; 4096];
    let mut inventory = CsvInventory::new(body, &mut buf);
    check(|sum| block_on(inventory.next()).unwrap().inspect(|item| sum.add(item)).is_some());
}
