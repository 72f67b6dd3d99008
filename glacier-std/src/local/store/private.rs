//! Files and folders that only their owner can read: folders 0700, files 0600. Where the system has no such modes, its own rules apply.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a file that does not exist yet, to write into.
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    options().write(true).create_new(true).open(path)
}

/// Opens a file that exists, to read and write.
pub(super) fn open(path: &Path) -> io::Result<File> {
    options().read(true).write(true).open(path)
}

/// Opens a file to read and write, or makes an empty one.
pub(super) fn open_or_create(path: &Path) -> io::Result<File> {
    options().read(true).write(true).create(true).truncate(false).open(path)
}

fn options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The bits of a mode that are for others than the owner, if there are any.
pub(super) fn open_to_others(of: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&of.permissions()) & 0o7777;
    #[cfg(not(unix))]
    let mode = {
        let _ = of;
        0
    };
    (mode & 0o077 != 0).then_some(mode)
}

/// Takes a file or folder away from others than its owner.
pub(super) fn close_to_others(path: &Path, of: &Metadata) -> io::Result<()> {
    let mut permissions = of.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(permissions.mode() & 0o700);
    }
    #[cfg(not(unix))]
    permissions.set_readonly(permissions.readonly());
    fs::set_permissions(path, permissions)
}
