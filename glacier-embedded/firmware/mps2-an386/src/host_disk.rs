//! A disk image on the host in place of a card, through semihosting: QEMU's mps2-an386 has SPI buses but cannot attach a card to them.
#![allow(unsafe_code)]

use core::fmt;

use cortex_m_semihosting::{nr, syscall1};
use embedded_sdmmc::{Block, BlockCount, BlockDevice, BlockIdx};

/// The image's name, in QEMU's working directory.
const NAME: &[u8] = b"sd.img\0";

/// An open image.
#[derive(Debug)]
pub struct HostDisk {
    handle: Option<usize>,
}

impl HostDisk {
    /// Opens the image. If there is none, every access is an error.
    pub fn open() -> Self {
        let block = [NAME.as_ptr() as usize, nr::open::RW_BINARY, NAME.len() - 1];
        // SAFETY: SYS_OPEN reads three words, and the zero-terminated name at the address in the first.
        let handle = unsafe { syscall1(nr::OPEN, block.as_ptr() as usize) };
        HostDisk { handle: (handle != usize::MAX).then_some(handle) }
    }

    /// Seeks to a block, and returns the image's handle.
    fn seek(&self, block: BlockIdx) -> Result<usize, DiskError> {
        let handle = self.handle.ok_or(DiskError::Missing)?;
        let offset = block.0.checked_mul(Block::LEN_U32).ok_or(DiskError::Io)? as usize;
        let block = [handle, offset];
        // SAFETY: SYS_SEEK reads two words.
        match unsafe { syscall1(nr::SEEK, block.as_ptr() as usize) } {
            0 => Ok(handle),
            _ => Err(DiskError::Io),
        }
    }
}

impl BlockDevice for HostDisk {
    type Error = DiskError;

    fn read(&self, blocks: &mut [Block], start: BlockIdx) -> Result<(), DiskError> {
        let mut handle = self.seek(start)?;
        for block in blocks {
            let mut arguments = [handle, block.contents.as_mut_ptr() as usize, Block::LEN];
            // SAFETY: SYS_READ reads three words and writes at most as many bytes as the third says to the address in the second, which is
            // exclusively borrowed through `block`; the arguments are passed as a mutable address, so the compiler expects the change.
            if unsafe { syscall1(nr::READ, arguments.as_mut_ptr() as usize) } != 0 {
                return Err(DiskError::Io);
            }
            handle = arguments[0];
        }
        Ok(())
    }

    fn write(&self, blocks: &[Block], start: BlockIdx) -> Result<(), DiskError> {
        let handle = self.seek(start)?;
        for block in blocks {
            let arguments = [handle, block.contents.as_ptr() as usize, Block::LEN];
            // SAFETY: SYS_WRITE reads three words, and as many bytes as the third says at the address in the second, which `block` borrows.
            if unsafe { syscall1(nr::WRITE, arguments.as_ptr() as usize) } != 0 {
                return Err(DiskError::Io);
            }
        }
        Ok(())
    }

    fn num_blocks(&self) -> Result<BlockCount, DiskError> {
        let arguments = [self.handle.ok_or(DiskError::Missing)?];
        // SAFETY: SYS_FLEN reads one word.
        let bytes = unsafe { syscall1(nr::FLEN, arguments.as_ptr() as usize) };
        u32::try_from(bytes / Block::LEN).map(BlockCount).map_err(|_| DiskError::Io)
    }
}

/// Why a block cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskError {
    /// There is no image.
    Missing,
    /// The image has no such block, or the host could not access it.
    Io,
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DiskError::Missing => "there is no sd.img in QEMU's working directory",
            DiskError::Io => "sd.img has no such block, or the host cannot read or write it",
        })
    }
}

impl core::error::Error for DiskError {}
