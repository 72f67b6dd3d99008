//! Reads a description of any tool.

use super::stored_name::{Damage, Details, Format, StoredName};
use super::{fastglacier, json, mt};

/// Finds the format of a description and the name in it. Never fails for a text without a format's mark: it is a plain name then, verbatim.
///
/// Descriptions from a CSV inventory are unquoted first, by the reader of the inventory.
///
/// # Errors
/// [`Damage`], when the text carries a format's mark and its payload cannot be read.
///
/// ```
/// # #[cfg(feature = "description")] {
/// use glacier_std::description::{Format, read};
///
/// let (format, name) = read("mt2 eyJmaWxlbmFtZSI6ImEvYi5iaW4iLCJtdGltZSI6IjIwMTkwMzExVDEwNTk1OVoifQ");
/// assert_eq!((format, name?.name.as_str()), (Format::Mt2, "a/b.bin"));
/// # }
/// # Ok::<(), glacier_std::description::Damage>(())
/// ```
pub fn read(description: &str) -> (Format, Result<StoredName, Damage>) {
    let text = description.trim_matches(' ');
    // Some tools left the text in quotes, once.
    let unquoted = unquote(text);
    let marked = std::iter::once(text).chain(unquoted.as_deref()).find_map(read_marked);
    marked.unwrap_or_else(|| (Format::Plain, Ok(StoredName::new(description.to_owned(), Details::None))))
}

fn read_marked(text: &str) -> Option<(Format, Result<StoredName, Damage>)> {
    mt::read(text)
        .or_else(|| fastglacier::read(text).map(|result| (Format::FastGlacier, result)))
        .or_else(|| json::read(text).map(|(format, stored)| (format, Ok(stored))))
}

fn unquote(text: &str) -> Option<String> {
    let inside = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    match (inside('"'), inside('\'')) {
        (Some(inside), _) => Some(inside.replace("\\\"", "\"").trim_matches(' ').to_owned()),
        (None, Some(inside)) => Some(inside.trim_matches(' ').to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_are_taken_off_once() {
        assert_eq!(read(r#""{\"path\":\"a\",\"Flags\":1}""#).0, Format::CloudBerry);
        assert_eq!(read("' <m><v>4</v><p>YQ==</p></m> '").0, Format::FastGlacier);
        assert_eq!(read("'\"<m><v>4</v><p>YQ==</p></m>\"'").0, Format::Plain);
        assert_eq!(read("\"my file\"").1.unwrap().name, "\"my file\"");
        assert_eq!(read("\"").1.unwrap().name, "\"");
    }

    proptest! {
        /// Whatever the text and wherever it is cut.
        #[test]
        fn any_text_is_read(text in "\\PC*", mark in prop::sample::select(vec!["mt1 eyJ", "mt2 eyJ", "<m><p>", "{\"Path\":\"+", ""])) {
            let (format, result) = read(&format!("{mark}{text}"));
            if let (Format::Plain, Ok(stored)) = (format, result) {
                prop_assert_eq!(stored.name, format!("{}{}", mark, text));
            }
        }
    }
}
