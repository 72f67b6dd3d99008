//! Values that are opaque to the compiler, and sinks for results.

use core::fmt::{self, Write};
use core::hint::black_box;

/// An opaque text.
pub fn text() -> &'static str {
    black_box("a")
}

/// Opaque bytes.
pub fn bytes() -> &'static [u8] {
    black_box(b"a")
}

/// An opaque number.
pub fn number() -> u64 {
    black_box(1)
}

/// An opaque choice.
pub fn either() -> bool {
    black_box(true)
}

/// Uses a value: prints it with `Display` and `Debug`.
pub fn show<T: fmt::Display + fmt::Debug>(value: T) {
    let _ = write!(Drain, "{value} {value:?}");
}

/// Uses a value: prints it with `Debug`.
pub fn debug<T: fmt::Debug>(value: T) {
    let _ = write!(Drain, "{value:?}");
}

/// Uses value or error, and returns the value.
pub fn both<T: fmt::Debug, E: fmt::Display + fmt::Debug>(outcome: Result<T, E>) -> Option<T> {
    match outcome {
        Ok(value) => {
            debug(&value);
            Some(value)
        }
        Err(error) => {
            show(error);
            None
        }
    }
}

struct Drain;

impl Write for Drain {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        if either() { Ok(()) } else { Err(fmt::Error) }
    }
}
