//! The logs on the card, and what is done with them.

use core::ops::ControlFlow;

use embedded_sdmmc::{BlockDevice, Directory, Error, File, Mode, VolumeIdx, VolumeManager};

use super::fat;
use super::log_name::LogName;
use crate::clock::Clock;
use crate::record::Record;

const OPEN_LOG: &str = "SENSOR.LOG";
const BOOT_COUNTER: &str = "BOOT.CNT";

/// An open file of the card.
pub(crate) type CardFile<'m, 'c, D> = File<'m, D, &'c Clock, 1, 1, 1>;
type Root<'m, 'c, D> = Directory<'m, D, &'c Clock, 1, 1, 1>;

/// A card with a FAT32 file system in its first partition.
///
/// Each method closes all files and writes everything to the card. None is inlined: their blocks of 512 bytes would be in the stack frame
/// of the code that awaits the network.
pub(crate) struct Card<'c, D: BlockDevice> {
    manager: VolumeManager<D, &'c Clock, 1, 1, 1>,
}

impl<'c, D: BlockDevice> Card<'c, D> {
    pub(crate) fn new(device: D, clock: &'c Clock) -> Self {
        Card { manager: VolumeManager::new_with_limits(device, clock, 1) }
    }

    /// Increments the boot counter and returns it; the first boot is 1.
    #[inline(never)]
    pub(crate) fn count_boot(&self) -> Result<u16, Error<D::Error>> {
        self.in_root(|root| {
            let mut text = [0; 8];
            let before = match root.open_file_in_dir(BOOT_COUNTER, Mode::ReadOnly) {
                Ok(file) => {
                    let got = file.read(&mut text)?;
                    let text = text.get(..got).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default();
                    text.trim_ascii().parse().unwrap_or(0)
                }
                Err(Error::NotFound) if self.manager.device(|device| fat::room(device, 1))? == 0 => return Err(Error::DiskFull),
                Err(Error::NotFound) => 0u16,
                Err(error) => return Err(error),
            };
            let boot = before.wrapping_add(1);
            // Always the same length, so that the file keeps its cluster.
            let mut digits = [b'0'; 6];
            let mut rest = boot;
            for digit in digits.iter_mut().take(5).rev() {
                *digit += (rest % 10) as u8;
                rest /= 10;
            }
            digits[5] = b'\n';
            let file = root.open_file_in_dir(BOOT_COUNTER, Mode::ReadWriteCreateOrAppend)?;
            file.seek_from_start(0)?;
            file.write(&digits)?;
            file.close()?;
            Ok(boot)
        })
    }

    /// The size of the open log in bytes; 0 if there is none.
    #[inline(never)]
    pub(crate) fn open_log_bytes(&self) -> Result<u32, Error<D::Error>> {
        self.in_root(|root| match root.find_directory_entry(OPEN_LOG) {
            Ok(entry) => Ok(entry.size),
            Err(Error::NotFound) => Ok(0),
            Err(error) => Err(error),
        })
    }

    /// Appends records from `next` to the open log, until there are no more or the log has `most` bytes. Returns the size of the log.
    ///
    /// If the card is full, the log has the records that fitted.
    #[inline(never)]
    pub(crate) fn append(&self, most: u32, next: &mut dyn FnMut() -> Option<Record>) -> Result<u32, Error<D::Error>> {
        let before = self.open_log_bytes()?;
        let room = self.manager.device(|device| fat::room(device, most.saturating_sub(before)))?;
        let limit = before.saturating_add(room);
        self.in_root(|root| {
            let log = root.open_file_in_dir(OPEN_LOG, Mode::ReadWriteCreateOrAppend)?;
            // A power cut can leave a partial record, which the next one follows; its checksum shows that it is not valid.
            let mut length = before;
            let mut block = heapless::Vec::<u8, 512>::new();
            let mut more = true;
            while more {
                let ahead = length + block.len() as u32;
                let record = if ahead < limit { next() } else { None };
                more = record.is_some();
                if let Some(record) = record {
                    // Always fits: full blocks are written below.
                    let _ = block.extend_from_slice(&record.to_bytes());
                }
                if block.is_full() || !more && !block.is_empty() {
                    log.write(&block)?;
                    length += block.len() as u32;
                    block.clear();
                }
            }
            log.close()?;
            if length >= limit && length < most && next().is_some() { Err(Error::DiskFull) } else { Ok(length) }
        })
    }

    /// Renames the open log to the closed log with the next number, and returns its name.
    #[inline(never)]
    pub(crate) fn close_log(&self) -> Result<LogName, Error<D::Error>> {
        let mut highest = 0;
        let entry = self.in_root(|root| {
            root.iterate_dir(|entry| {
                highest = highest.max(LogName::of(entry).map_or(0, LogName::number));
                ControlFlow::Continue(())
            })?;
            root.find_directory_entry(OPEN_LOG)
        })?;
        let name = LogName::new(highest + 1).ok_or(Error::NotEnoughSpace)?;
        self.manager.device(|device| fat::rename(device, &entry, name))?;
        Ok(name)
    }

    /// The closed log with the lowest number after that of `after`.
    #[inline(never)]
    pub(crate) fn next_log(&self, after: Option<LogName>) -> Result<Option<LogName>, Error<D::Error>> {
        self.in_root(|root| {
            let mut lowest: Option<LogName> = None;
            root.iterate_dir(|entry| {
                if let Some(name) = LogName::of(entry)
                    && after.is_none_or(|after| name > after)
                    && lowest.is_none_or(|lowest| name < lowest)
                {
                    lowest = Some(name);
                }
                ControlFlow::Continue(())
            })?;
            Ok(lowest)
        })
    }

    /// Calls `with` with an open closed log and its size.
    pub(crate) async fn with_log<R>(
        &self,
        name: LogName,
        with: impl AsyncFnOnce(&CardFile<'_, 'c, D>, u32) -> R,
    ) -> Result<R, Error<D::Error>> {
        let volume = self.manager.open_volume(VolumeIdx(0))?;
        let root = volume.open_root_dir()?;
        let bytes = root.find_directory_entry(&*name.text())?.size;
        let file = root.open_file_in_dir(&*name.text(), Mode::ReadOnly)?;
        Ok(with(&file, bytes).await)
    }

    /// Deletes a closed log.
    #[inline(never)]
    pub(crate) fn delete(&self, name: LogName) -> Result<(), Error<D::Error>> {
        let entry = self.in_root(|root| root.find_directory_entry(&*name.text()))?;
        self.manager.device(|device| fat::delete(device, &entry))
    }

    fn in_root<R>(&self, with: impl FnOnce(&Root<'_, 'c, D>) -> Result<R, Error<D::Error>>) -> Result<R, Error<D::Error>> {
        let volume = self.manager.open_volume(VolumeIdx(0))?;
        let root = volume.open_root_dir()?;
        let done = with(&root)?;
        root.close()?;
        volume.close()?;
        Ok(done)
    }
}

/// The first and the last record of a log, where they are valid.
type FirstAndLast = (Option<Record>, Option<Record>);

/// Reads the first and the last record of a log of `bytes` bytes.
pub(crate) fn first_and_last<D: BlockDevice>(file: &CardFile<'_, '_, D>, bytes: u32) -> Result<FirstAndLast, Error<D::Error>> {
    let size = Record::SIZE as u32;
    let record_at = |at| -> Result<Option<Record>, Error<D::Error>> {
        let mut bytes = [0; Record::SIZE];
        file.seek_from_start(at)?;
        let mut got = 0;
        while got < bytes.len() {
            match file.read(bytes.get_mut(got..).unwrap_or_default())? {
                0 => return Ok(None),
                more => got += more,
            }
        }
        Ok(Record::from_bytes(&bytes))
    };
    let last = (bytes / size).saturating_sub(1).saturating_mul(size);
    Ok((record_at(0)?, record_at(last)?))
}
