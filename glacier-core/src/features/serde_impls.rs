//! serde for types that do not derive it: outputs with the service's names, and both directions for what a checkpoint stores.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;
use serde::de::{Error, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::{LinearHash, TreeHash};
use crate::stream::inventory::Field;
use crate::values::ids::Kind;
use crate::values::{Id, OwnedId, PartSize, Timestamp};
use crate::wire::json::{Items, Text, Value};

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The JSON of the value as a string, since its structure is up to the service.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = core::str::from_utf8(self.raw()).map_err(|_| serde::ser::Error::custom("a JSON value is not UTF-8"))?;
        serializer.serialize_str(text)
    }
}

/// Texts and numbers as they are, objects as their JSON in a string.
impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for item in self.clone() {
            let value = item.map_err(|_| serde::ser::Error::custom("an array of the response is malformed"))?;
            match value.text() {
                Ok(Some(text)) => sequence.serialize_element(&text)?,
                _ => sequence.serialize_element(&value)?,
            }
        }
        sequence.end()
    }
}

impl<K> Serialize for Id<'_, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<K, const N: usize> Serialize for OwnedId<K, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_id().serialize(serializer)
    }
}

impl<'de, K: Kind, const N: usize> Deserialize<'de> for OwnedId<K, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor<K, const N: usize>(PhantomData<K>);
        impl<K: Kind, const N: usize> Visitor<'_> for IdVisitor<K, N> {
            type Value = OwnedId<K, N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an {} id of 1 to {N} bytes", K::NAME)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<OwnedId<K, N>, E> {
                Id::try_from(text).map_err(E::custom)?.to_owned().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(IdVisitor(PhantomData))
    }
}

impl Serialize for TreeHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for LinearHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TreeHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parse("a hash of 64 hexadecimal digits", PhantomData))
    }
}

impl<'de> Deserialize<'de> for LinearHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parse("a hash of 64 hexadecimal digits", PhantomData))
    }
}

struct Parse<T>(&'static str, PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Parse<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// In bytes.
impl Serialize for PartSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.bytes())
    }
}

impl<'de> Deserialize<'de> for PartSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PartSize::from_bytes(u64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// In seconds since 1970.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.unix())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Timestamp::from_unix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Job, Notifications};
    use crate::response::FromResponse;
    use crate::response::Head;
    use crate::values::UploadId;

    fn output<'b, T: FromResponse<'b>>(body: &'b str, arena: &'b mut [u8]) -> T {
        let head: &'b Head<'b> = std::boxed::Box::leak(std::boxed::Box::new(Head::new(arena)));
        T::from_response(&head.with_body(body.as_bytes())).unwrap()
    }

    #[test]
    fn outputs_have_the_services_names() {
        let body = r#"{"JobId":"a\"b","Completed":true,"VaultARN":"v","ArchiveSHA256TreeHash":"h","OutputLocation":{"S3":{}}}"#;
        let json = serde_json::to_value(output::<Job<'_>>(body, &mut [])).unwrap();
        assert_eq!(json["JobId"], "a\"b");
        assert_eq!((&json["VaultARN"], &json["ArchiveSHA256TreeHash"]), (&"v".into(), &"h".into()));
        assert_eq!((&json["Completed"], &json["Tier"]), (&true.into(), &serde_json::Value::Null));
        assert_eq!(json["OutputLocation"], "{\"S3\":{}}");
        let body = r#"{"SNSTopic":"t","Events":["A","B"]}"#;
        let json = serde_json::to_value(output::<Notifications<'_>>(body, &mut [])).unwrap();
        assert_eq!(json, serde_json::json!({"SNSTopic": "t", "Events": ["A", "B"]}));
    }

    #[test]
    fn a_checkpoint_comes_back() {
        let id: OwnedId<crate::values::ids::Upload> = UploadId::try_from("-u").unwrap().to_owned().unwrap();
        let kept = (id, TreeHash::from_bytes([7; 32]), PartSize::MAX, Timestamp::from_unix(5));
        let json = serde_json::to_string(&kept).unwrap();
        assert!(json.starts_with(r#"["-u","0707"#) && json.ends_with(r#"",4294967296,5]"#), "{json}");
        let back: (OwnedId<crate::values::ids::Upload>, TreeHash, PartSize, Timestamp) = serde_json::from_str(&json).unwrap();
        assert_eq!((back.0.as_id(), back.1, back.2, back.3), (kept.0.as_id(), kept.1, kept.2, kept.3));
        for bad in ["[\"\"]", "3145728"] {
            assert!(serde_json::from_str::<(OwnedId<crate::values::ids::Upload>,)>(bad).is_err());
            assert!(serde_json::from_str::<PartSize>(bad).is_err());
        }
    }
}
