//! Standard input, output and error as the process was given them.
//!
//! Before `main`, Rust opens /dev/null in place of each of the descriptors 0 to 2 that is closed, and from then on it cannot be told
//! from a /dev/null that the user chose: results would vanish, and the command would succeed. A write to a descriptor that is open for
//! reading only also succeeds in Rust. So they are looked at before Rust's runtime begins.

#[cfg(unix)]
use std::sync::atomic::{AtomicU8, Ordering};

use super::error::CommandError;

/// Fails unless results and messages can be written.
pub(crate) fn check_output() -> Result<(), CommandError> {
    check(1, "standard output", "writing", "to discard what is printed, use >/dev/null")?;
    check(2, "standard error", "writing", "to discard messages, use 2>/dev/null")
}

/// Fails unless standard input can be read.
pub(crate) fn check_input() -> Result<(), CommandError> {
    check(0, "standard input", "reading", "connect it to a file or a pipe with the bytes")
}

#[cfg(unix)]
fn check(descriptor: u8, name: &str, purpose: &str, fix: &str) -> Result<(), CommandError> {
    match AT_START[usize::from(descriptor)].load(Ordering::Relaxed) {
        OPEN => Ok(()),
        CLOSED => Err(CommandError::usage(format_args!("{name} is closed: {fix}"))),
        _ => Err(CommandError::usage(format_args!("{name} is not open for {purpose}: {fix}"))),
    }
}

/// Elsewhere a process is given handles or none, and a write without one fails.
#[cfg(not(unix))]
fn check(_: u8, _: &str, _: &str, _: &str) -> Result<(), CommandError> {
    Ok(())
}

#[cfg(unix)]
const OPEN: u8 = 0;
#[cfg(unix)]
const CLOSED: u8 = 1;
#[cfg(unix)]
const OTHER_DIRECTION: u8 = 2;

/// The state of the descriptors 0 to 2 when the process began.
#[cfg(unix)]
static AT_START: [AtomicU8; 3] = [const { AtomicU8::new(OPEN) }; 3];

#[cfg(unix)]
ctor::declarative::ctor! {
    // Sound before `main`: three system calls and three atomic stores, nothing of std's that its runtime prepares.
    #[ctor(unsafe)]
    fn look_at_descriptors() {
        use rustix::fs::{OFlags, fcntl_getfl};
        use rustix::stdio::{stderr, stdin, stdout};
        let [input, output, error] = &AT_START;
        for (state, descriptor, unusable) in
            [(input, stdin(), OFlags::WRONLY), (output, stdout(), OFlags::RDONLY), (error, stderr(), OFlags::RDONLY)]
        {
            state.store(
                match fcntl_getfl(descriptor) {
                    Err(_) => CLOSED,
                    Ok(flags) if flags & OFlags::RWMODE == unusable => OTHER_DIRECTION,
                    Ok(_) => OPEN,
                },
                Ordering::Relaxed,
            );
        }
    }
}
