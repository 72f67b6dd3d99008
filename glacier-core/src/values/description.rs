//! The description of an archive or a job.

use core::fmt;

use crate::wire::{Sink, Wire};

/// A description: at most 1,024 printable ASCII characters (0x20 to 0x7E). The default is the empty one.
///
/// The service rejects anything else, often as a wrong signature; the error here names the character and its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Description<'a>(&'a str);

impl<'a> Description<'a> {
    /// The longest description, in characters.
    pub const MAX_LEN: usize = 1024;

    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for Description<'a> {
    type Error = InvalidDescription;

    fn try_from(text: &'a str) -> Result<Self, InvalidDescription> {
        if let Some((position, character)) = text.char_indices().find(|(_, c)| !matches!(c, ' '..='~')) {
            return Err(InvalidDescription::Character { character, position });
        }
        if text.len() > Self::MAX_LEN {
            return Err(InvalidDescription::TooLong { length: text.len() });
        }
        Ok(Description(text))
    }
}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl Wire for Description<'_> {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(self.0.as_bytes());
    }
}

/// Why a text is not a valid description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidDescription {
    /// It has more than 1,024 characters.
    TooLong {
        /// The characters in it.
        length: usize,
    },
    /// It has a character outside printable ASCII.
    Character {
        /// The first such character.
        character: char,
        /// Its byte offset.
        position: usize,
    },
}

impl fmt::Display for InvalidDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length } => {
                write!(f, "a description has at most {} characters; this one has {length}: shorten it", Description::MAX_LEN)
            }
            Self::Character { character, position } => write!(
                f,
                "a description has only printable ASCII (0x20 to 0x7E); this one has {character:?} at byte {position}: replace or encode it"
            ),
        }
    }
}

impl core::error::Error for InvalidDescription {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_ascii_only() {
        assert!(Description::try_from(" dev=1 ~").is_ok());
        assert!(Description::try_from("").is_ok());
        let error = InvalidDescription::Character { character: 'é', position: 3 };
        assert_eq!(Description::try_from("caffé"), Err(InvalidDescription::Character { character: 'é', position: 4 }));
        assert_eq!(Description::try_from("café"), Err(error));
        assert!(Description::try_from("a\tb").is_err());
        assert!(Description::try_from("a\u{7f}").is_err());
    }

    #[test]
    fn at_most_1024() {
        let text = "x".repeat(1025);
        assert!(Description::try_from(&text[..1024]).is_ok());
        assert_eq!(Description::try_from(text.as_str()), Err(InvalidDescription::TooLong { length: 1025 }));
    }
}
