//! Writes a name into a description, as mt-aws-glacier's `mt2`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::time;

/// The most characters of a description.
const LONGEST: usize = 1024;

/// Why a name cannot be written into a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CannotWrite {
    /// It is empty, absolute, or has NUL, an empty component, `.` or `..`.
    Name,
    /// The time is not of the years 1000 to 9999.
    Mtime,
    /// The description would be longer than 1,024 characters.
    Length {
        /// What it would have.
        characters: usize,
    },
}

impl fmt::Display for CannotWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CannotWrite::Name => {
                f.write_str("the name is empty, absolute, or has NUL, // or a component . or ..: give a relative name without them")
            }
            CannotWrite::Mtime => f.write_str("the time is not of the years 1000 to 9999: give another"),
            CannotWrite::Length { characters } => write!(
                f,
                "the description would have {characters} characters, of at most {LONGEST}: the name may have 723 bytes, each quote, backslash and control character counted as escaped"
            ),
        }
    }
}

impl std::error::Error for CannotWrite {}

/// The description for a file with this relative name, `/` between its components, last modified at `mtime`, seconds since 1970.
///
/// # Errors
/// [`CannotWrite`].
pub fn write_mt2(name: &str, mtime: i64) -> Result<String, CannotWrite> {
    // A slash at the end marks a folder.
    let components = name.strip_suffix('/').unwrap_or(name);
    if name.contains('\0') || components.split('/').any(|component| matches!(component, "" | "." | "..")) {
        return Err(CannotWrite::Name);
    }
    let time = time::format(mtime).ok_or(CannotWrite::Mtime)?;
    // serde_json escapes exactly what has to be, in small letters.
    let name = serde_json::Value::from(name);
    let description = format!("mt2 {}", URL_SAFE_NO_PAD.encode(format!(r#"{{"filename":{name},"mtime":"{time}"}}"#)));
    match description.len() {
        characters if characters > LONGEST => Err(CannotWrite::Length { characters }),
        _ => Ok(description),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{Format, read};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(name in "[^/\0]{1,60}(/[^/\0]{1,60}){0,3}", mtime in time::RANGE) {
            prop_assume!(name.split('/').all(|component| component != "." && component != ".."));
            match write_mt2(&name, mtime) {
                Ok(description) => {
                    prop_assert!(description.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) && description.len() <= 1024);
                    let (format, stored) = read(&description);
                    let stored = stored.unwrap();
                    prop_assert_eq!((format, stored.name, stored.mtime), (Format::Mt2, name, Some(mtime)));
                }
                Err(error) => {
                    let is_too_long = matches!(error, CannotWrite::Length { .. });
                    prop_assert!(is_too_long && name.len() > 120);
                }
            }
        }
    }
}
