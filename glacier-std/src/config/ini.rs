//! The text of AWS's shared config and credentials files: sections, properties, and one level of properties within a property.

use zeroize::Zeroizing;

/// A value may be a secret, so all are zeroed when they are dropped.
pub(super) type Value = Zeroizing<String>;

/// A section: its header, without the brackets, and its properties.
pub(super) struct Section {
    pub(super) name: String,
    pub(super) properties: Vec<Property>,
}

/// `key = value`, and what stands indented below it.
pub(super) struct Property {
    /// In lower case.
    pub(super) key: String,
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
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let bad = |reason| BadLine { line: index + 1, reason };
        let indented = line.starts_with([' ', '\t']);
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = content.strip_prefix('[') {
            let (name, _) = rest.split_once(']').ok_or_else(|| bad("a section must end with ]"))?;
            sections.push(Section { name: name.trim().to_owned(), properties: Vec::new() });
            continue;
        }
        let section = sections.last_mut().ok_or_else(|| bad("a property must stand below a [section]"))?;
        match section.properties.last_mut().filter(|_| indented) {
            Some(parent) if parent.value.is_empty() => {
                parent.nested.push(split(content).ok_or_else(|| bad("an indented line must be `key = value`"))?);
            }
            // The value continues; nothing that is read here has several lines.
            Some(_) => {}
            None => {
                let (key, value) = split(content).ok_or_else(|| bad("a line must be `key = value`"))?;
                section.properties.push(Property { key, value, nested: Vec::new() });
            }
        }
    }
    Ok(sections)
}

/// Key and value; a comment after the value begins with white space and `#` or `;`.
fn split(line: &str) -> Option<(String, Value)> {
    let (key, value) = line.split_once('=')?;
    let key = key.trim();
    let comment = value.match_indices(['#', ';']).map(|(at, _)| at).find(|at| value[..*at].ends_with([' ', '\t']));
    let value = comment.map_or(value, |at| &value[..at]).trim();
    (!key.is_empty()).then(|| (key.to_ascii_lowercase(), Zeroizing::new(value.to_owned())))
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
        for (text, line) in
            [("[a\n", 1), ("key = v\n", 1), ("[a]\n\nhush\n", 3), ("[a]\n= v\n", 2), ("[a]\nglacier =\n  hush\n", 3)]
        {
            assert_eq!(parse(text).err().map(|bad| bad.line), Some(line), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]= #;a-z\n\t\r\u{e9}]{0,200}") {
            let lines = text.lines().count();
            if let Err(bad) = parse(&text) {
                proptest::prop_assert!(bad.line <= lines);
            }
        }
    }
}
