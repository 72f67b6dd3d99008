//! The text of AWS's shared config and credentials files: sections, properties, and one level of properties within a property.
//!
//! Lines are told apart as botocore does, which uses Python's configparser: a line continues the property above it only if it is
//! indented deeper than the line on which that property began. Beyond botocore, and as the other SDKs do: a section or a property that
//! occurs twice is not an error, the latter counts; ` #` and ` ;` begin a comment; a byte order mark is ignored.

use zeroize::Zeroizing;

pub(super) use super::ini_line::Value;
use super::ini_line::{Indented, known, lines, property, section_name, without_comment};

/// A section: its header, without the brackets, and its properties.
pub(super) struct Section {
    pub(super) name: String,
    pub(super) properties: Vec<Property>,
}

/// `key = value`, and what stands indented below it.
pub(super) struct Property {
    /// In lower case.
    pub(super) key: String,
    /// Its lines, joined by line breaks.
    pub(super) value: Value,
    /// `key = value` pairs below a key that has no value itself.
    pub(super) nested: Vec<(String, Value)>,
}

/// A line that is not valid. Its text is not shown, as it may be a secret in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    pub(super) line: usize,
    pub(super) reason: &'static str,
}

/// Reads a file's text. Of two properties with one name the latter is used; sections with one name are left to the caller.
pub(super) fn parse(text: &str) -> Result<Vec<Section>, BadLine> {
    let mut sections: Vec<Section> = Vec::new();
    // Of the line on which the last section or property began.
    let mut indent = 0;
    for (index, line) in lines(text.trim_start_matches('\u{feff}')).enumerate() {
        let bad = |reason| BadLine { line: index + 1, reason };
        let Some(Indented { by, content }) = Indented::new(line) else { continue };
        if by > indent
            && let Some(above) = sections.last_mut().and_then(|section| section.properties.last_mut())
        {
            above.continue_with(content).map_err(bad)?;
            continue;
        }
        indent = by;
        if content.starts_with('[') {
            let name = section_name(content).map_err(bad)?.to_owned();
            sections.push(Section { name, properties: Vec::new() });
            continue;
        }
        let section = sections.last_mut().ok_or_else(|| bad("a property must stand below a [section]"))?;
        let (key, value) = property(content).ok_or_else(|| bad("a line must be `key = value`, or begin with # as a comment"))?;
        section.properties.push(Property { key, value, nested: Vec::new() });
    }
    Ok(sections)
}

impl Property {
    /// Takes a line that is indented deeper than this property.
    fn continue_with(&mut self, content: &str) -> Result<(), &'static str> {
        let deeper =
            "it is indented deeper than the line above, so it continues the value there: begin both lines in the same column";
        if known(&self.key) && self.key != "credential_process" {
            return Err(deeper);
        }
        if self.value.is_empty() {
            let (key, value) = content.split_once('=').ok_or("a line below a key without a value must be `key = value`")?;
            self.nested.push((key.trim().to_ascii_lowercase(), without_comment(value, false)));
            return Ok(());
        }
        if content.starts_with('[') || property(content).is_some_and(|(key, _)| known(&key)) {
            return Err(deeper);
        }
        // All at once, so that no shorter copy of a secret stays behind.
        self.value = Zeroizing::new([self.value.as_str(), content].join("\n"));
        Ok(())
    }
}

impl Section {
    /// The value of a property, unless it is empty.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let found = self.properties.iter().rev().find(|property| property.key == key)?;
        Some(&found.value).filter(|value| !value.is_empty())
    }

    /// The value of `key` below `parent`.
    pub(super) fn get_nested(&self, parent: &str, key: &str) -> Option<&Value> {
        let parent = self.properties.iter().rev().find(|property| property.key == parent)?;
        parent.nested.iter().rev().find(|(nested, _)| nested == key).map(|(_, value)| value).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_properties_comments_and_nesting() {
        let text = "\u{feff}# a comment\n; another\n[default]\nregion = eu-west-1 # here\nEmpty =\nregion=eu-west-2\n\n\
                    [ profile a b ] ; comment\r\nkey=a#b;c = d\r\n[services s]\nglacier =\n  endpoint_url = http://h:1\n\t# no\n\
                    \tother = x\ns3 =\n  endpoint_url = http://s3\nlong = one\n  two\nlast = 1\n";
        let sections = parse(text).unwrap_or_else(|bad| panic!("{bad:?}"));
        let names: Vec<_> = sections.iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, ["default", "profile a b", "services s"]);
        let get = |section: usize, key| sections[section].get(key).map(|value| value.as_str());
        assert_eq!(get(0, "region"), Some("eu-west-2"));
        assert_eq!(get(0, "empty"), None);
        assert_eq!(get(1, "key"), Some("a#b;c = d"));
        assert_eq!(get(2, "last"), Some("1"));
        let nested = |parent, key| sections[2].get_nested(parent, key).map(|value| value.as_str());
        assert_eq!(nested("glacier", "endpoint_url"), Some("http://h:1"));
        assert_eq!(nested("glacier", "other"), Some("x"));
        assert_eq!(nested("s3", "endpoint_url"), Some("http://s3"));
        assert_eq!(nested("dynamodb", "endpoint_url"), None);
    }

    #[test]
    fn the_error_names_the_invalid_line() {
        for (text, line) in [
            ("[a\n", 1),
            ("key = v\n", 1),
            ("[a]\n\nhush\n", 3),
            ("[a]\n= v\n", 2),
            ("[a]\nglacier =\n  hush\n", 3),
            ("[a]\rregion = x\r\n\nhush", 4),
            ("[a] region = x", 1),
            ("[]\n", 1),
            // What would continue a value that has one line only.
            ("[a]\nregion = x\n  role_arn = y\n", 3),
            ("[a]\nregion = x\n  z\n", 3),
            ("[a]\nregion =\n  role_arn = y\n", 3),
            ("[a]\ncli_pager = x\n\n # c\n  role_arn = y\n", 5),
            ("[a]\ncli_pager = x\n  [profile b]\n", 3),
        ] {
            assert_eq!(parse(text).err().map(|bad| bad.line), Some(line), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]= #;:a-z\n\t\r\u{e9}\u{a0}]{0,200}") {
            let count = lines(&text).count();
            if let Err(bad) = parse(&text) {
                proptest::prop_assert!(bad.line <= count);
            }
        }
    }
}
