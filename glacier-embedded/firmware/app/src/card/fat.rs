//! What embedded-sdmmc lacks on FAT32: renaming a file in one block, deleting one with its clusters, and knowing when the card is full.
//!
//! embedded-sdmmc's own deletion leaves the clusters taken for ever, and on a full card it takes clusters that do not exist. All is done while no volume is open, so that no count that it
//! keeps in memory is stale afterwards.
//!
//! Source: "FAT: General Overview of On-Disk Format" (Microsoft, 2000).

use embedded_sdmmc::{Block, BlockDevice, BlockIdx, DirEntry, Error};

use super::LogName;

/// Bytes of a file's entry in a directory; it begins with the name.
const ENTRY: usize = 32;
const DELETED: u8 = 0xE5;
/// Of the 32 bits of an entry of the table, the upper four are somebody else's.
const CLUSTER: u32 = 0x0FFF_FFFF;
const ENTRIES: u32 = Block::LEN_U32 / 4;
/// Clusters that are kept free: embedded-sdmmc loses the very last one, and a directory may need one.
const KEPT: u32 = 4;

/// Gives the file a log's name: one block is written, or none.
pub(super) fn rename<D: BlockDevice>(device: &D, entry: &DirEntry, name: LogName) -> Result<(), Error<D::Error>> {
    change(device, entry, |entry| {
        for (place, byte) in entry.iter_mut().zip(name.in_directory()) {
            *place = byte;
        }
    })
}

/// Deletes the file: its entry first, then its clusters. A power cut in between leaves clusters that nobody uses.
pub(super) fn delete<D: BlockDevice>(device: &D, entry: &DirEntry) -> Result<(), Error<D::Error>> {
    let table = Table::read(device)?;
    let mut first = 0;
    change(device, entry, |entry| {
        let [.., high_low, high_high, _, _, _, _, low_low, low_high, _, _, _, _] = entry;
        first = u32::from_le_bytes([*low_low, *low_high, *high_low, *high_high]) & CLUSTER;
        entry[0] = DELETED;
    })?;
    table.free(device, first)
}

/// Bytes that a file can still grow by; not counted further than `enough`.
pub(super) fn room<D: BlockDevice>(device: &D, enough: u32) -> Result<u32, Error<D::Error>> {
    let table = Table::read(device)?;
    let wanted = enough.div_ceil(table.cluster_bytes).saturating_add(KEPT);
    let free = table.count_free(device, wanted)?;
    Ok(free.saturating_sub(KEPT).saturating_mul(table.cluster_bytes).min(enough))
}

fn change<D: BlockDevice>(device: &D, entry: &DirEntry, change: impl FnOnce(&mut [u8; ENTRY])) -> Result<(), Error<D::Error>> {
    let mut block = read(device, entry.entry_block.0)?;
    let place = block.contents.get_mut(entry.entry_offset as usize..).and_then(|rest| rest.first_chunk_mut());
    change(place.ok_or(Error::FormatError("an entry beyond its block"))?);
    write(device, &block, entry.entry_block.0)
}

/// Where the tables of clusters are.
struct Table {
    first_block: u32,
    blocks: u32,
    copies: u32,
    info_block: u32,
    /// The number behind that of the last cluster; the first one is 2.
    end: u32,
    cluster_bytes: u32,
}

impl Table {
    /// Reads it from the first partition.
    fn read<D: BlockDevice>(device: &D) -> Result<Self, Error<D::Error>> {
        let partition = read_u32(&read(device, 0)?, 446 + 8);
        let boot = read(device, partition)?;
        let reserved = u32::from(read_u16(&boot, 14));
        let copies = u32::from(boot.contents[16]);
        let blocks = read_u32(&boot, 36);
        let info = u32::from(read_u16(&boot, 48));
        let in_cluster = u32::from(boot.contents[13]);
        let in_files = read_u32(&boot, 32).saturating_sub(reserved + copies * blocks);
        if in_cluster == 0 || read_u16(&boot, 11) != 512 || read_u16(&boot, 22) != 0 || blocks == 0 || !(1..=2).contains(&copies) {
            return Err(Error::FormatError("not FAT32 with blocks of 512 bytes"));
        }
        Ok(Table {
            first_block: partition + reserved,
            blocks,
            copies,
            info_block: partition + info,
            end: (in_files / in_cluster).saturating_add(2).min(blocks.saturating_mul(ENTRIES)),
            cluster_bytes: in_cluster * Block::LEN_U32,
        })
    }

    /// Counts the free clusters in the table, as the count that the card keeps may be stale; not further than `enough`.
    fn count_free<D: BlockDevice>(&self, device: &D, enough: u32) -> Result<u32, Error<D::Error>> {
        let used_blocks = self.end.div_ceil(ENTRIES);
        // A place to begin at is kept too, and does no harm when it is stale.
        let hint = read_u32(&read(device, self.info_block)?, 492) / ENTRIES;
        let begin = if hint < used_blocks { hint } else { 0 };
        let mut free = 0;
        for block in (begin..used_blocks).chain(0..begin) {
            let entries = read(device, self.first_block + block)?;
            let first = block * ENTRIES;
            let of_files = first.max(2)..(first + ENTRIES).min(self.end);
            free += of_files.filter(|cluster| read_u32(&entries, (cluster - first) as usize * 4) & CLUSTER == 0).count() as u32;
            if free >= enough {
                break;
            }
        }
        Ok(free)
    }

    /// Frees the chain of clusters that begins with `first`.
    fn free<D: BlockDevice>(&self, device: &D, first: u32) -> Result<(), Error<D::Error>> {
        let (mut cluster, mut freed) = (first, 0);
        // Each cluster is freed once, so a chain that goes in a circle ends too: its second visit finds a zero.
        while (2..0x0FFF_FFF7).contains(&cluster) {
            let in_table = cluster / ENTRIES;
            if in_table >= self.blocks {
                return Err(Error::FormatError("a cluster beyond the table"));
            }
            let mut block = read(device, self.first_block + in_table)?;
            // As many as lie in this block.
            while (2..0x0FFF_FFF7).contains(&cluster) && cluster / ENTRIES == in_table {
                let at = (cluster % ENTRIES) as usize * 4;
                let entry = read_u32(&block, at);
                cluster = entry & CLUSTER;
                if cluster != 0 {
                    freed += 1;
                }
                write_u32(&mut block, at, entry & !CLUSTER);
            }
            for copy in 0..self.copies {
                write(device, &block, self.first_block + copy * self.blocks + in_table)?;
            }
        }
        self.count_freed(device, freed)
    }

    /// Adds to the count of free clusters, where it is kept.
    fn count_freed<D: BlockDevice>(&self, device: &D, freed: u32) -> Result<(), Error<D::Error>> {
        let mut info = read(device, self.info_block)?;
        let count = read_u32(&info, 488);
        if read_u32(&info, 0) != 0x4161_5252 || count == u32::MAX {
            return Ok(());
        }
        write_u32(&mut info, 488, count.saturating_add(freed));
        write(device, &info, self.info_block)
    }
}

fn read<D: BlockDevice>(device: &D, at: u32) -> Result<Block, Error<D::Error>> {
    let mut block = [Block::new()];
    device.read(&mut block, BlockIdx(at)).map_err(Error::DeviceError)?;
    let [block] = block;
    Ok(block)
}

fn write<D: BlockDevice>(device: &D, block: &Block, at: u32) -> Result<(), Error<D::Error>> {
    device.write(core::slice::from_ref(block), BlockIdx(at)).map_err(Error::DeviceError)
}

fn read_u16(block: &Block, at: usize) -> u16 {
    block.contents.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

fn read_u32(block: &Block, at: usize) -> u32 {
    block.contents.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn write_u32(block: &mut Block, at: usize, value: u32) {
    if let Some(place) = block.contents.get_mut(at..).and_then(|bytes| bytes.first_chunk_mut()) {
        *place = value.to_le_bytes();
    }
}
