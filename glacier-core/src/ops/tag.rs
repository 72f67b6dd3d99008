//! Tags of a vault: add, list, remove.

use core::fmt;

use crate::request::{Encode, List, Method, Operation, Payload};
use crate::values::VaultRef;
use crate::wire::json::{Object, Text, Value};
use crate::wire::{DecodeError, Path, Query, Sink};

/// `/{account}/vaults/{name}/tags`
fn tags_path(vault: &VaultRef<'_>, path: &mut Path<'_>) {
    vault.path(path);
    path.segment(&"tags");
}

/// The maximum number of tags in a request.
const MAX_TAGS: usize = 10;

/// 1 to 10 tags for one request: keys of 1 to 128 characters, not beginning with `aws:`, and values of at most 256.
///
/// Which characters a tag may have, and how many tags a vault, is left to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tags<'a>(&'a [(&'a str, &'a str)]);

impl<'a> Tags<'a> {
    /// These keys and values.
    ///
    /// # Errors
    /// [`InvalidTags`], which names the tag and what is wrong with it.
    pub fn new(tags: &'a [(&'a str, &'a str)]) -> Result<Self, InvalidTags> {
        check_count(tags.len())?;
        for (index, (key, value)) in tags.iter().enumerate() {
            check_key(index, key)?;
            let length = value.chars().count();
            if length > 256 {
                return Err(InvalidTags::ValueTooLong { index, length });
            }
        }
        Ok(Tags(tags))
    }
}

/// 1 to 10 keys of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TagKeys<'a>(&'a [&'a str]);

impl<'a> TagKeys<'a> {
    /// These keys.
    ///
    /// # Errors
    /// [`InvalidTags`], which names the tag and what is wrong with it.
    pub fn new(keys: &'a [&'a str]) -> Result<Self, InvalidTags> {
        check_count(keys.len())?;
        keys.iter().enumerate().try_for_each(|(index, key)| check_key(index, key))?;
        Ok(TagKeys(keys))
    }
}

fn check_count(count: usize) -> Result<(), InvalidTags> {
    if (1..=MAX_TAGS).contains(&count) { Ok(()) } else { Err(InvalidTags::Count { count }) }
}

fn check_key(index: usize, key: &str) -> Result<(), InvalidTags> {
    let length = key.chars().count();
    if !(1..=128).contains(&length) {
        return Err(InvalidTags::KeyLength { index, length });
    }
    if key.starts_with("aws:") { Err(InvalidTags::Reserved { index }) } else { Ok(()) }
}

/// Why these tags are not valid in a request. Tags are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidTags {
    /// None, or more than 10.
    Count {
        /// How many there are.
        count: usize,
    },
    /// A key is empty or has more than 128 characters.
    KeyLength {
        /// The index of the tag.
        index: usize,
        /// Characters in the key.
        length: usize,
    },
    /// A value has more than 256 characters.
    ValueTooLong {
        /// The index of the tag.
        index: usize,
        /// Characters in the value.
        length: usize,
    },
    /// A key begins with `aws:`, which is reserved.
    Reserved {
        /// The index of the tag.
        index: usize,
    },
}

impl fmt::Display for InvalidTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count { count } => write!(f, "a request takes 1 to 10 tags, not {count}: send several requests"),
            Self::KeyLength { index, length } => {
                write!(f, "the key of a tag has 1 to 128 characters; that of tag {index} has {length}")
            }
            Self::ValueTooLong { index, length } => {
                write!(f, "the value of a tag has at most 256 characters; that of tag {index} has {length}: shorten it")
            }
            Self::Reserved { index } => write!(f, "keys that begin with aws: are reserved for AWS; rename tag {index}"),
        }
    }
}

impl core::error::Error for InvalidTags {}

/// Adds tags to a vault, and replaces those with the same keys.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-AddTagsToVault.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AddTagsToVault<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The tags.
    pub tags: Tags<'a>,
}

impl Encode for AddTagsToVault<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        tags_path(&self.vault, path);
    }
    fn query(&self, query: &mut Query<'_>) {
        query.pair("operation", &"add");
    }
    fn payload(&self) -> Payload {
        Payload::Json
    }
    fn json(&self, out: &mut dyn Sink) {
        Object::new(out).map("Tags", self.tags.0).end();
    }
}

impl Operation for AddTagsToVault<'_> {
    type Output<'b> = ();
}

/// Removes tags from a vault. Keys that it does not have are ignored.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-RemoveTagsFromVault.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RemoveTagsFromVault<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The keys of the tags.
    pub keys: TagKeys<'a>,
}

impl Encode for RemoveTagsFromVault<'_> {
    fn method(&self) -> Method {
        Method::Post
    }
    fn path(&self, path: &mut Path<'_>) {
        tags_path(&self.vault, path);
    }
    fn query(&self, query: &mut Query<'_>) {
        query.pair("operation", &"remove");
    }
    fn payload(&self) -> Payload {
        Payload::Json
    }
    fn json(&self, out: &mut dyn Sink) {
        Object::new(out).texts("TagKeys", self.keys.0).end();
    }
}

impl Operation for RemoveTagsFromVault<'_> {
    type Output<'b> = ();
}

/// Lists the tags of a vault.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-ListTagsForVault.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListTagsForVault<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
}

impl Encode for ListTagsForVault<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        tags_path(&self.vault, path);
    }
}

impl List for ListTagsForVault<'_> {
    const NAME: &'static str = "Tags";
    const IS_MAP: bool = true;
    type Item<'b> = Tag<'b>;
    fn item<'b>(name: &'b str, value: Value<'b>) -> Result<Tag<'b>, DecodeError> {
        Ok(Tag { key: Text::from_escaped(name).ok_or(DecodeError::Json)?, value: value.text()? })
    }
}

/// A tag of a vault.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
pub struct Tag<'b> {
    /// Its key.
    pub key: Text<'b>,
    /// Its value.
    pub value: Option<Text<'b>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_tags_are_checked() {
        let long = "é".repeat(257);
        assert!(Tags::new(&[("k", &long[..512])]).is_ok());
        assert_eq!(Tags::new(&[("k", ""), ("l", &long)]), Err(InvalidTags::ValueTooLong { index: 1, length: 257 }));
        assert_eq!(Tags::new(&[]), Err(InvalidTags::Count { count: 0 }));
        assert_eq!(TagKeys::new(&["k"; 11]), Err(InvalidTags::Count { count: 11 }));
        assert_eq!(TagKeys::new(&[&long]), Err(InvalidTags::KeyLength { index: 0, length: 257 }));
        assert_eq!(TagKeys::new(&["aws:x"]), Err(InvalidTags::Reserved { index: 0 }));
    }
}
