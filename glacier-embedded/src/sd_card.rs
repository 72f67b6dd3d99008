//! A file on a FAT card as a body, by embedded-sdmmc.

use core::fmt;

use embassy_futures::yield_now;
use embedded_io_async::{ErrorType, Read};
use embedded_sdmmc::{BlockDevice, Error, File, TimeSource};
use glacier_core::{ByteRange, Source};

use crate::extent::{BeyondEnd, Extent};

/// An open file of embedded-sdmmc, or a range of it, as a body.
///
/// Its size is that of the moment it was made. The file must not be written to while it is the body of a request; whoever writes to it
/// afterwards has to seek to its end first, as the body leaves the file standing where it was read last. Several bodies may share a file.
///
/// embedded-sdmmc blocks while it reads. Other tasks run between two reads, so a large buffer keeps them waiting longer: a block of 512
/// bytes takes a card on a slow SPI bus about half a millisecond. Buffers of a multiple of 512 bytes read no block twice. A file is a
/// chain of clusters that can only be followed forwards, so going back to a part far behind its beginning costs a walk along the chain,
/// one block for each 128 clusters.
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
    /// `LockError` inside of a callback of embedded-sdmmc, where its files cannot be used.
    pub fn new(file: &'f File<'f, D, T, DIRS, FILES, VOLUMES>) -> Result<Self, Error<D::Error>> {
        // `length` would panic where this is an error.
        file.seek_from_end(0)?;
        Ok(CardSource { file, extent: Extent::whole(file.offset().into()) })
    }

    /// The whole file, whose directory entry has said that it has `bytes` bytes. It costs 5 KB of flash less than [`new`](CardSource::new):
    /// embedded-sdmmc tells a file's size only by code that can panic with a debug output.
    pub fn with_size(file: &'f File<'f, D, T, DIRS, FILES, VOLUMES>, bytes: u32) -> Self {
        CardSource { file, extent: Extent::whole(bytes.into()) }
    }

    /// A range of this body as a body of its own: a part.
    ///
    /// # Errors
    /// [`BeyondEnd`].
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
        let Some((place, room)) = self.extent.next(into) else { return Ok(0) };
        yield_now().await;
        // Costs nothing where the file stands already.
        self.file.seek_from_start(u32::try_from(place).map_err(|_| Error::InvalidOffset)?)?;
        let got = self.file.read(room)?;
        self.extent.took(got);
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
    use super::*;
    use crate::test_support::{read_all, twice};
    use core::cell::RefCell;
    use core::convert::Infallible;
    use embassy_futures::block_on;
    use embedded_io_async::{Error as _, ErrorKind};
    use embedded_sdmmc::{Block, BlockCount, BlockIdx, Mode, Timestamp, VolumeIdx, VolumeManager};
    use std::vec;
    use std::vec::Vec;

    /// Blocks of a volume of FAT16, which has at least 4085 clusters; here, of one block each.
    const BLOCKS: usize = 4200;
    /// Where it begins, and how long each of its two tables is.
    const FIRST: usize = 8;
    const TABLE: usize = 17;

    /// A card in memory.
    struct Card(RefCell<Vec<Block>>);

    impl Card {
        /// One partition of FAT16 without a file, by "FAT: General Overview of On-Disk Format", sections 3 and 4.
        fn formatted() -> Self {
            let mut blocks = vec![Block::new(); FIRST + BLOCKS];
            let mut put = |block: usize, at: usize, bytes: &[u8]| blocks[block][at..at + bytes.len()].copy_from_slice(bytes);
            // The table of partitions: type 0x0e, first block, count.
            put(0, 446 + 4, &[0x0e]);
            put(0, 446 + 8, &(FIRST as u32).to_le_bytes());
            put(0, 446 + 12, &(BLOCKS as u32).to_le_bytes());
            put(0, 510, &[0x55, 0xaa]);
            // Bytes a block, blocks a cluster, reserved blocks, tables, entries of the root, blocks, kind, blocks a table.
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

    /// A card with one file of these bytes, for `test` to read.
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
    fn whole_and_in_parts_that_share_the_file() {
        let bytes = pattern(5000);
        with_file(&bytes, |file| {
            let mut whole = CardSource::new(file).unwrap();
            assert_eq!(twice(&mut whole), bytes);
            let mut parts: Vec<_> = [0..1000, 1000..4000, 4000..5000]
                .map(|range| whole.range(ByteRange::new(range.start, range.end - 1).unwrap()).unwrap())
                .into();
            let mut read = vec![Vec::new(); 3];
            // In turns, so that each finds the file where another left it.
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
    fn of_a_size_that_is_known() {
        with_file(b"closed log", |file| assert_eq!(twice(&mut CardSource::with_size(file, 10)), b"closed log"));
    }

    #[test]
    fn an_empty_file() {
        with_file(b"", |file| assert_eq!(twice(&mut CardSource::new(file).unwrap()), b""));
    }

    #[test]
    fn what_is_written_afterwards_is_not_part_of_it() {
        with_file(b"closed", |file| {
            let mut source = CardSource::new(file).unwrap();
            file.seek_from_end(0).unwrap();
            file.write(b", and more").unwrap();
            assert_eq!(block_on(read_all(&mut source)), b"closed");
        });
    }

    #[test]
    fn the_library_s_own_error() {
        with_file(&pattern(600), |file| {
            let beyond_fat = ByteRange::new(1 << 32, 1 << 32).unwrap();
            let mut source = CardSource { file, extent: Extent::whole(1 << 33).range(beyond_fat).unwrap() };
            assert_eq!(block_on(source.read(&mut [0])).unwrap_err().kind(), ErrorKind::InvalidInput);
        });
    }
}
