//! An id that the user gives: what came along when it was copied is named, before the service is asked about an id that it never made.
//!
//! Ids of the service have the characters `A-Z a-z 0-9 _ -` and may begin with `-`. Those of an emulator may have others, so only what
//! is certainly not part of an id is rejected: blanks, line ends, quotes, commas, whatever is not visible ASCII, and a path around it.

use glacier_core::values::Id;
use glacier_core::values::ids::Kind;

use super::error::CommandError;

/// The id, unless something came along with it.
pub(crate) fn given_id<K: Kind>(text: &str) -> Result<Id<'_, K>, CommandError> {
    let id = Id::try_from(text).map_err(CommandError::usage)?;
    let foreign = text.char_indices().find(|(_, character)| is_foreign(*character));
    let (what, at) = match foreign {
        Some((at, character)) => (format!("{character:?}"), at),
        None if text.contains("vaults/") => ("a path".into(), 0),
        None => return Ok(id),
    };
    let fix = match alone(text) {
        Some(id) => format!("give only {id}"),
        None => "copy it again".into(),
    };
    Err(CommandError::usage(format_args!("the {} id has {what} at byte {at}, and no id has that: {fix}", K::NAME)))
}

fn is_foreign(character: char) -> bool {
    !character.is_ascii_graphic() || matches!(character, '"' | '\'' | '`' | ',' | '\\')
}

/// The id in what was copied, if there is one.
fn alone(text: &str) -> Option<&str> {
    let trimmed = text.trim_matches(is_foreign);
    let last = trimmed.rsplit('/').next()?;
    (!last.is_empty() && !last.contains(is_foreign)).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::values::ids::{Archive, Job};

    fn error(text: &str) -> String {
        given_id::<Archive>(text).unwrap_err().to_string()
    }

    #[test]
    fn ids_of_the_service_and_of_emulators() {
        for id in ["-x", "--", "_", "NkbByEejwEggmBz2fTHgJrg0XBoDfjP4q6iu87-", "a.b:c+d/e=", "~", "{0}"] {
            assert_eq!(given_id::<Job>(id).unwrap().as_str(), id);
        }
    }

    #[test]
    fn what_was_copied_with_an_id_is_named_with_its_place_and_the_fix() {
        for (text, named) in [
            ("-id ", "' ' at byte 3"),
            (" -id", "' ' at byte 0"),
            ("-id\r", r"'\r' at byte 3"),
            ("-id\n", r"'\n' at byte 3"),
            ("\"-id\"", "'\"' at byte 0"),
            ("'-id',", r"'\'' at byte 0"),
            ("“-id”", "'“' at byte 0"),
            ("-id\u{200b}", r"'\u{200b}' at byte 3"),
            ("/111122223333/vaults/photos/archives/-id", "a path at byte 0"),
            (" /-/vaults/v/jobs/-id\n", "' ' at byte 0"),
        ] {
            assert_eq!(error(text), format!("the archive id has {named}, and no id has that: give only -id"));
        }
        assert_eq!(error("a b"), "the archive id has ' ' at byte 1, and no id has that: copy it again");
        assert_eq!(error("\" \""), "the archive id has '\"' at byte 0, and no id has that: copy it again");
        assert!(error("").contains("archive id is empty"));
    }
}
