//! Which file is at a path: a moved or replaced one is told from the one that was opened.

/// The identity of a file, where the disk has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    number: u64,
}

impl FileId {
    pub(super) fn new(device: u64, number: u64) -> Self {
        FileId { device, number }
    }
}
