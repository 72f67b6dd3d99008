//! The list of objects in a file of access keys, as it is written.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// One object of the list, as it is written.
pub(super) struct Entry<'j>(Vec<(Cow<'j, str>, Value<'j>)>);

/// The value of a member. A text is borrowed from the file, or erased from memory if it had escapes.
enum Value<'j> {
    Text(&'j str),
    Unescaped(Zeroizing<String>),
    Bool(bool),
    Null,
    /// What it is instead of a text.
    Other(&'static str),
}

impl Entry<'_> {
    /// The names of the members, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    /// A member that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, String> {
        self.text(name)?.ok_or_else(|| format!("{name} is missing: add it"))
    }

    /// A member that is a text of at least one character; `None` if it is absent or null.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        let text = match self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Text(text)) => *text,
            Some(Value::Unescaped(text)) => text.as_str(),
            Some(Value::Bool(_)) => return Err(format!("{name} is true or false: write a text in quotation marks")),
            Some(Value::Other(kind)) => return Err(format!("{name} is {kind}: write a text in quotation marks")),
        };
        if text.is_empty() { Err(format!("{name} is empty: write it or leave it out")) } else { Ok(Some(text)) }
    }

    /// A member that is true or false; `None` if it is absent or null.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, String> {
        match self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(format!("{name} is neither true nor false: write one of them without quotation marks")),
        }
    }
}

/// Reads the list, or says what is wrong and with which entry, from 1. The messages of serde_json name no values unless it expects another type, which is why any is accepted here.
pub(super) fn read_entries(json: &[u8]) -> Result<Vec<Entry<'_>>, (Option<usize>, String)> {
    let begun = Cell::new(0);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let entries = ListSeed { begun: &begun }.deserialize(&mut reader).and_then(|entries| reader.end().map(|()| entries));
    entries.map_err(|error| match begun.get() {
        0 => (None, format!("it is not a list of keys in JSON: {error}")),
        entry => (Some(entry), error.to_string()),
    })
}

/// Counts the entries that were begun, so that a mistake is known by its entry too.
struct ListSeed<'c> {
    begun: &'c Cell<usize>,
}

impl<'j> DeserializeSeed<'j> for ListSeed<'_> {
    type Value = Vec<Entry<'j>>;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for ListSeed<'_> {
    type Value = Vec<Entry<'j>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, [{\"accessKeyId\": ...}]")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(E::custom("a text is not a list, [{\"accessKeyId\": ...}]"))
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        loop {
            self.begun.set(entries.len() + 1);
            match list.next_element_seed(EntrySeed)? {
                Some(entry) => entries.push(entry),
                None => break,
            }
        }
        self.begun.set(0);
        Ok(entries)
    }
}

struct EntrySeed;

impl<'j> DeserializeSeed<'j> for EntrySeed {
    type Value = Entry<'j>;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<Entry<'j>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for EntrySeed {
    type Value = Entry<'j>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, {\"accessKeyId\": ...}")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Entry<'j>, E> {
        Err(E::custom("a text is not an object, {\"accessKeyId\": ...}"))
    }

    fn visit_map<A: MapAccess<'j>>(self, mut object: A) -> Result<Entry<'j>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = object.next_key::<Cow<'j, str>>()? {
            members.push((name, object.next_value_seed(ValueSeed)?));
        }
        Ok(Entry(members))
    }
}

struct ValueSeed;

impl<'j> DeserializeSeed<'j> for ValueSeed {
    type Value = Value<'j>;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<Value<'j>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for ValueSeed {
    type Value = Value<'j>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'j str) -> Result<Value<'j>, E> {
        Ok(Value::Text(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'j>, E> {
        Ok(Value::Unescaped(Zeroizing::new(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Value<'j>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'j>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value<'j>, E> {
        Ok(Value::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value<'j>, E> {
        Ok(Value::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value<'j>, E> {
        Ok(Value::Other("a number"))
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut list: A) -> Result<Value<'j>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other("a list"))
    }

    fn visit_map<A: MapAccess<'j>>(self, mut object: A) -> Result<Value<'j>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other("an object"))
    }
}
