//! A file on a FAT card as an archive body, through embedded-sdmmc.

use core::fmt;

use embassy_futures::yield_now;
use embedded_io_async::{ErrorType, Read};
use embedded_sdmmc::{BlockDevice, Error, File, TimeSource};
use glacier_core::{ByteRange, Source};

use super::extent::{BeyondEnd, Extent};

/// An open file of embedded-sdmmc, or a range of it, as an archive body.
///
/// Its size is taken when the body is created. The file must not be written to while a request sends it. The body moves the file's
/// position, so seek to the end before appending. Several bodies may share one file.
///
/// embedded-sdmmc blocks while it reads, and other tasks run between two reads, so a larger buffer keeps them waiting longer: on a slow SPI
/// bus a block of 512 bytes takes about half a millisecond. With buffers of a multiple of 512 bytes no block is read read_twice. FAT can follow
/// a file's cluster chain only forwards, so seeking back walks the chain from the start and reads one block per 128 clusters.
pub struct CardSource<'f, D, T, const DIRS: usize, const FILES: usize, const VOLUMES: usize>
where
    D: BlockDevice,
    T: TimeSource,
{
    file: &'f File<'f, D, T, DIRS, FILES, VOLUMES>,
    extent: Extent,
}

impl<'f, D, T, const DIRS: usize, const FILES: usize, const VOLUMES: usize> CardSource<'f, D, T, DIRS, FILES, VOLUMES>
where
    D: BlockDevice,
    T: TimeSource,
{
    /// The whole file.
    ///
    /// # Errors
    /// `LockError` inside a callback of embedded-sdmmc, where files cannot be used.
    pub fn new(file: &'f File<'f, D, T, DIRS, FILES, VOLUMES>) -> Result<Self, Error<D::Error>> {
        // `File::length` panics where this returns an error.
        file.seek_from_end(0)?;
        Ok(CardSource { file, extent: Extent::whole(file.offset().into()) })
    }

    /// The whole file, with the size from its directory entry. This takes 5 KB less flash than [`new`](CardSource::new), as
    /// embedded-sdmmc's code for an open file's size can panic, and links what formats the panic.
    pub fn with_size(file: &'f File<'f, D, T, DIRS, FILES, VOLUMES>, size: u32) -> Self {
        CardSource { file, extent: Extent::whole(size.into()) }
    }

    /// A part of this body as a body of its own.
    ///
    /// # Errors
    /// [`BeyondEnd`] if the range ends beyond this body's end.
    pub fn range(&self, range: ByteRange) -> Result<Self, BeyondEnd> {
        Ok(CardSource { file: self.file, extent: self.extent.range(range)? })
    }
}

impl<D, T, const DIRS: usize, const FILES: usize, const VOLUMES: usize> fmt::Debug for CardSource<'_, D, T, DIRS, FILES, VOLUMES>
where
    D: BlockDevice,
    T: TimeSource,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardSource").field("file", self.file).field("extent", &self.extent).finish()
    }
}

impl<D, T, const DIRS: usize, const FILES: usize, const VOLUMES: usize> ErrorType for CardSource<'_, D, T, DIRS, FILES, VOLUMES>
where
    D: BlockDevice,
    T: TimeSource,
{
    type Error = Error<D::Error>;
}

impl<D, T, const DIRS: usize, const FILES: usize, const VOLUMES: usize> Read for CardSource<'_, D, T, DIRS, FILES, VOLUMES>
where
    D: BlockDevice,
    T: TimeSource,
{
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let Some((offset, room)) = self.extent.next(into) else { return Ok(0) };
        yield_now().await;
        // Free of cost if the file is at this position already.
        self.file.seek_from_start(u32::try_from(offset).map_err(|_| Error::InvalidOffset)?)?;
        let got = self.file.read(room)?;
        self.extent.advance(got);
        Ok(got)
    }
}

impl<D, T, const DIRS: usize, const FILES: usize, const VOLUMES: usize> Source for CardSource<'_, D, T, DIRS, FILES, VOLUMES>
where
    D: BlockDevice,
    T: TimeSource,
{
    fn size(&self) -> u64 {
        self.extent.len()
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.extent.rewind();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{read_all, read_twice};
    use super::*;
    use core::cell::RefCell;
    use core::convert::Infallible;
    use embassy_futures::block_on;
    use embedded_io_async::{Error as _, ErrorKind};
    use embedded_sdmmc::{Block, BlockCount, BlockIdx, Mode, Timestamp, VolumeIdx, VolumeManager};
    use std::vec;
    use std::vec::Vec;

    /// Blocks of the FAT16 volume. FAT16 needs at least 4085 clusters, here of one block each.
    const BLOCKS: usize = 4200;
    /// First block of the volume.
    const FIRST: usize = 8;
    /// Blocks of each of its two FATs.
    const TABLE: usize = 17;

    /// A card in memory.
    struct Card(RefCell<Vec<Block>>);

    impl Card {
        /// One empty FAT16 partition, after "FAT: General Overview of On-Disk Format", sections 3 and 4.
        fn formatted() -> Self {
            let mut blocks = vec![Block::new(); FIRST + BLOCKS];
            let mut put = |block: usize, at: usize, bytes: &[u8]| blocks[block][at..at + bytes.len()].copy_from_slice(bytes);
            // Partition table: type 0x0e, first block, block count.
            put(0, 446 + 4, &[0x0e]);
            put(0, 446 + 8, &(FIRST as u32).to_le_bytes());
            put(0, 446 + 12, &(BLOCKS as u32).to_le_bytes());
            put(0, 510, &[0x55, 0xaa]);
            // Bytes per block, blocks per cluster, reserved blocks, FATs, root entries; blocks; media type, blocks per FAT.
            put(FIRST, 0, b"\xeb\x3c\x90TEST    ");
            put(FIRST, 11, &[0, 2, 1, 1, 0, 2, 16, 0]);
            put(FIRST, 19, &(BLOCKS as u16).to_le_bytes());
            put(FIRST, 21, &[0xf8, TABLE as u8, 0]);
            put(FIRST, 38, &[0x29]);
            put(FIRST, 54, b"FAT16   ");
            put(FIRST, 510, &[0x55, 0xaa]);
            for table in [FIRST + 1, FIRST + 1 + TABLE] {
                put(table, 0, &[0xf8, 0xff, 0xff, 0xff]);
            }
            Card(RefCell::new(blocks))
        }
    }

    impl BlockDevice for Card {
        type Error = Infallible;

        fn read(&self, blocks: &mut [Block], start: BlockIdx) -> Result<(), Infallible> {
            let start = start.0 as usize;
            blocks.clone_from_slice(&self.0.borrow()[start..start + blocks.len()]);
            Ok(())
        }
        fn write(&self, blocks: &[Block], start: BlockIdx) -> Result<(), Infallible> {
            let start = start.0 as usize;
            self.0.borrow_mut()[start..start + blocks.len()].clone_from_slice(blocks);
            Ok(())
        }
        fn num_blocks(&self) -> Result<BlockCount, Infallible> {
            Ok(BlockCount(self.0.borrow().len() as u32))
        }
    }

    struct NoTime;

    impl TimeSource for NoTime {
        fn get_timestamp(&self) -> Timestamp {
            Timestamp { year_since_1970: 0, zero_indexed_month: 0, zero_indexed_day: 0, hours: 0, minutes: 0, seconds: 0 }
        }
    }

    type Opened<'f> = File<'f, Card, NoTime, 2, 2, 1>;

    /// Calls `test` with an open file of these bytes.
    fn with_file(bytes: &[u8], test: impl FnOnce(&Opened<'_>)) {
        let manager: VolumeManager<Card, NoTime, 2, 2, 1> = VolumeManager::new_with_limits(Card::formatted(), NoTime, 100);
        let volume = manager.open_volume(VolumeIdx(0)).unwrap();
        let root = volume.open_root_dir().unwrap();
        let file = root.open_file_in_dir("A.BIN", Mode::ReadWriteCreate).unwrap();
        file.write(bytes).unwrap();
        test(&file);
    }

    fn pattern(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn a_file_is_read_whole_and_in_parts_that_share_it() {
        let bytes = pattern(5000);
        with_file(&bytes, |file| {
            let mut whole = CardSource::new(file).unwrap();
            assert_eq!(read_twice(&mut whole), bytes);
            let mut parts: Vec<_> = [0..1000, 1000..4000, 4000..5000]
                .map(|range| whole.range(ByteRange::new(range.start, range.end - 1).unwrap()).unwrap())
                .into();
            let mut read = vec![Vec::new(); 3];
            // Interleaved, so that each part finds the file at another part's position.
            for _ in 0..500 {
                for (part, read) in parts.iter_mut().zip(&mut read) {
                    let mut piece = [0; 7];
                    let got = block_on(part.read(&mut piece)).unwrap();
                    read.extend_from_slice(&piece[..got]);
                }
            }
            assert_eq!(read.concat(), bytes);
            assert!(whole.range(ByteRange::new(4999, 5000).unwrap()).is_err());
        });
    }

    #[test]
    fn with_a_known_size() {
        with_file(b"closed log", |file| assert_eq!(read_twice(&mut CardSource::with_size(file, 10)), b"closed log"));
    }

    #[test]
    fn an_empty_file_is_an_empty_body() {
        with_file(b"", |file| assert_eq!(read_twice(&mut CardSource::new(file).unwrap()), b""));
    }

    #[test]
    fn bytes_appended_later_are_not_part_of_the_body() {
        with_file(b"closed", |file| {
            let mut source = CardSource::new(file).unwrap();
            file.seek_from_end(0).unwrap();
            file.write(b", and more").unwrap();
            assert_eq!(block_on(read_all(&mut source)), b"closed");
        });
    }

    #[test]
    fn an_offset_beyond_32_bits_is_embedded_sdmmc_s_error() {
        with_file(&pattern(600), |file| {
            let beyond_fat = ByteRange::new(1 << 32, 1 << 32).unwrap();
            let mut source = CardSource { file, extent: Extent::whole(1 << 33).range(beyond_fat).unwrap() };
            assert_eq!(block_on(source.read(&mut [0])).unwrap_err().kind(), ErrorKind::InvalidInput);
        });
    }
}
