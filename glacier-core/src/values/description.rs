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

    /// Whether an archive would keep it. A description of an archive is sent as a header, and HTTP takes blanks at the ends of a header's
    /// value away (RFC 9110, section 5.5); a description of a job is not, and keeps them.
    ///
    /// # Errors
    /// [`InvalidDescription::OuterBlank`]
    pub fn check_for_archive(&self) -> Result<(), InvalidDescription> {
        let blanks = self.0.len() - self.0.trim_ascii_end().len();
        let position = match blanks {
            0 if self.0.starts_with(' ') => 0,
            0 => return Ok(()),
            _ => self.0.len() - blanks,
        };
        Err(InvalidDescription::OuterBlank { position })
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
    /// It begins or ends with a blank, which the archive would not keep.
    OuterBlank {
        /// The byte offset of the first of them.
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
            Self::OuterBlank { position } => write!(
                f,
                "an archive does not keep blanks around its description; this one has a blank at byte {position}: leave it out or encode it"
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

    /// RFC 9110, section 5.5: a field value does not include leading or trailing whitespace.
    #[test]
    fn an_archive_does_not_keep_outer_blanks() {
        let check = |text| Description::try_from(text).unwrap().check_for_archive();
        for (text, position) in [(" x", 0), ("x ", 1), ("x  ", 1), (" x ", 2), (" ", 0), ("   ", 0)] {
            assert_eq!(check(text), Err(InvalidDescription::OuterBlank { position }), "{text:?}");
        }
        assert_eq!((check(""), check("a  b"), check("x")), (Ok(()), Ok(()), Ok(())));
    }

    #[test]
    fn at_most_1024() {
        let text = "x".repeat(1025);
        assert!(Description::try_from(&text[..1024]).is_ok());
        assert_eq!(Description::try_from(text.as_str()), Err(InvalidDescription::TooLong { length: 1025 }));
    }
}
