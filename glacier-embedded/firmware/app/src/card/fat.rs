//! What embedded-sdmmc lacks on FAT32: renaming a file by writing one block, deleting one with its clusters, and finding out that the card
//! is full.
//!
//! embedded-sdmmc's own deletion never frees the clusters, and on a full card it allocates clusters that do not exist. All functions here
//! run while no volume is open, so that no count that embedded-sdmmc keeps in memory becomes stale.
//!
//! Source: "FAT: General Overview of On-Disk Format" (Microsoft, 2000).

use embedded_sdmmc::{Block, BlockDevice, BlockIdx, DirEntry, Error};

use super::log_name::LogName;

/// Bytes of a directory entry, which starts with the file's name.
const ENTRY: usize = 32;
const DELETED: u8 = 0xE5;
/// The bits of a FAT entry that are the cluster number; the upper four are reserved.
const CLUSTER: u32 = 0x0FFF_FFFF;
const ENTRIES: u32 = Block::LEN_U32 / 4;
/// Clusters kept in reserve: embedded-sdmmc cannot use the very last one, and a directory may need one.
const RESERVE: u32 = 4;

/// Renames the file to a log's name. A power cut leaves the old name or the new one, as only one block is written.
pub(super) fn rename<D: BlockDevice>(device: &D, entry: &DirEntry, name: LogName) -> Result<(), Error<D::Error>> {
    change(device, entry, |entry| {
        for (place, byte) in entry.iter_mut().zip(name.in_directory()) {
            *place = byte;
        }
    })
}

/// Deletes the file: first its entry, then its clusters. A power cut in between leaves lost clusters, but no broken file.
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

/// Bytes by which a file can grow; stops counting at `enough`.
pub(super) fn room<D: BlockDevice>(device: &D, enough: u32) -> Result<u32, Error<D::Error>> {
    let table = Table::read(device)?;
    let wanted = enough.div_ceil(table.cluster_bytes).saturating_add(RESERVE);
    let free = table.count_free(device, wanted)?;
    Ok(free.saturating_sub(RESERVE).saturating_mul(table.cluster_bytes).min(enough))
}

fn change<D: BlockDevice>(device: &D, entry: &DirEntry, change: impl FnOnce(&mut [u8; ENTRY])) -> Result<(), Error<D::Error>> {
    let mut block = read(device, entry.entry_block.0)?;
    let place = block.contents.get_mut(entry.entry_offset as usize..).and_then(|rest| rest.first_chunk_mut());
    change(place.ok_or(Error::FormatError("directory entry beyond its block"))?);
    write(device, &block, entry.entry_block.0)
}

/// Location and size of the file allocation tables.
struct Table {
    first_block: u32,
    blocks: u32,
    copies: u32,
    info_block: u32,
    /// The number after that of the last cluster; the first is 2.
    end: u32,
    cluster_bytes: u32,
}

impl Table {
    /// Reads them from the boot sector of the first partition.
    fn read<D: BlockDevice>(device: &D) -> Result<Self, Error<D::Error>> {
        let partition = read_u32(&read(device, 0)?, 446 + 8);
        let boot = read(device, partition)?;
        let reserved = u32::from(read_u16(&boot, 14));
        let copies = u32::from(boot.contents[16]);
        let blocks = read_u32(&boot, 36);
        let info = u32::from(read_u16(&boot, 48));
        let cluster_blocks = u32::from(boot.contents[13]);
        let data_blocks = read_u32(&boot, 32).saturating_sub(reserved + copies * blocks);
        if cluster_blocks == 0
            || read_u16(&boot, 11) != 512
            || read_u16(&boot, 22) != 0
            || blocks == 0
            || !(1..=2).contains(&copies)
        {
            return Err(Error::FormatError("not FAT32 with blocks of 512 bytes"));
        }
        Ok(Table {
            first_block: partition + reserved,
            blocks,
            copies,
            info_block: partition + info,
            end: (data_blocks / cluster_blocks).saturating_add(2).min(blocks.saturating_mul(ENTRIES)),
            cluster_bytes: cluster_blocks * Block::LEN_U32,
        })
    }

    /// Counts the free clusters in the table, because the count stored on the card may be stale; stops at `enough`.
    fn count_free<D: BlockDevice>(&self, device: &D, enough: u32) -> Result<u32, Error<D::Error>> {
        let used_blocks = self.end.div_ceil(ENTRIES);
        // The card also stores where to start searching; if that is stale the search only takes longer.
        let hint = read_u32(&read(device, self.info_block)?, 492) / ENTRIES;
        let start = if hint < used_blocks { hint } else { 0 };
        let mut free = 0;
        for block in (start..used_blocks).chain(0..start) {
            let entries = read(device, self.first_block + block)?;
            let first = block * ENTRIES;
            let clusters = first.max(2)..(first + ENTRIES).min(self.end);
            free += clusters.filter(|cluster| read_u32(&entries, (cluster - first) as usize * 4) & CLUSTER == 0).count() as u32;
            if free >= enough {
                break;
            }
        }
        Ok(free)
    }

    /// Frees the chain of clusters that starts with `first`.
    fn free<D: BlockDevice>(&self, device: &D, first: u32) -> Result<(), Error<D::Error>> {
        let (mut cluster, mut freed) = (first, 0);
        // Terminates for a cyclic chain too: the second visit of a cluster finds its entry zeroed.
        while (2..0x0FFF_FFF7).contains(&cluster) {
            let in_table = cluster / ENTRIES;
            if in_table >= self.blocks {
                return Err(Error::FormatError("cluster beyond the table"));
            }
            let mut block = read(device, self.first_block + in_table)?;
            // All entries of the chain that are in this block.
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
        self.add_free(device, freed)
    }

    /// Adds to the count of free clusters, if the card has one.
    fn add_free<D: BlockDevice>(&self, device: &D, freed: u32) -> Result<(), Error<D::Error>> {
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
