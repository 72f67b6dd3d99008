//! JSON objects only: what serde derives for a struct takes a list of its members, too.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// A value that is written as an object.
pub(crate) struct JsonObject<T>(pub(crate) T);

impl<'j, T: Deserialize<'j>> Deserialize<'j> for JsonObject<T> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

impl<'j, T: Deserialize<'j>> Visitor<'j> for Members<T> {
    type Value = JsonObject<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object in braces")
    }

    fn visit_map<A: MapAccess<'j>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(JsonObject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Pair {
        one: u8,
        two: Option<u8>,
    }

    #[test]
    fn a_list_is_no_object() {
        let read = |text: &str| serde_json::from_str::<JsonObject<Pair>>(text).map(|JsonObject(Pair { one, two })| (one, two));
        assert_eq!(read(r#"{"two":2,"one":1}"#).unwrap(), (1, Some(2)));
        assert_eq!(read(r#"{"one":1}"#).unwrap(), (1, None));
        for text in ["[1, 2]", "[1]", "1", "null", r#""one""#] {
            assert!(read(text).unwrap_err().to_string().contains("expected an object in braces"), "{text}");
        }
    }
}
