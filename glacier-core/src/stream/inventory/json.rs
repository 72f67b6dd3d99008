//! Inventories in JSON: an object whose member `ArchiveList` is the list.

use super::item::{Field, InventoryItem};
use crate::request::List;
use crate::stream::listing::Listing;
use crate::wire::DecodeError;
use crate::wire::json::{FromJson, Value};

/// An inventory in JSON: `JsonInventory::new(body, &mut buf)`, then [`next`](Listing::next) until `None`.
///
/// The vault's ARN and the inventory's date are other members of the object; [`next_entry`](Listing::next_entry) returns them too.
pub type JsonInventory<'b, B> = Listing<'b, B, InventoryHead>;

/// The form of an inventory, for [`Listing`].
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InventoryHead {}

impl List for InventoryHead {
    const NAME: &'static str = "ArchiveList";
    const IS_INVENTORY: bool = true;
    type Item<'b> = InventoryItem<'b>;
    fn item<'b>(_: &'b str, value: Value<'b>) -> Result<InventoryItem<'b>, DecodeError> {
        Ok(value.object()?.unwrap_or_default())
    }
}

impl<'b> FromJson<'b> for InventoryItem<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        let field = |value: Value<'b>| Ok(value.text()?.map(Field::Json));
        match name {
            "ArchiveId" => self.archive_id = field(value)?,
            "ArchiveDescription" => self.description = field(value)?,
            "CreationDate" => self.creation_date = field(value)?,
            "Size" => self.size = value.number()?,
            "SHA256TreeHash" => self.sha256_tree_hash = field(value)?,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::testing::block_on;
    use embedded_io_async::{ErrorType, Read};
    use std::string::{String, ToString};
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn archives_one_by_one() {
        let body = br#"{"VaultARN":"arn","InventoryDate":"d","ArchiveList":[{"ArchiveId":"-a","ArchiveDescription":"x\\\"y","Size":42949672960000},{"ArchiveId":"b"}]}"#;
        let mut buf = [0; 96];
        let mut inventory = JsonInventory::new(&body[..], &mut buf);
        block_on(async {
            let first = inventory.next().await.unwrap().unwrap();
            assert_eq!(first.archive_id.unwrap().as_plain(), Some("-a"));
            assert_eq!(first.description.unwrap().to_string(), "x\\\"y");
            assert_eq!(first.size, Some(42_949_672_960_000));
            assert_eq!(inventory.next().await.unwrap().unwrap().archive_id.unwrap().to_string(), "b");
            assert!(inventory.next().await.unwrap().is_none());
        });
    }

    /// Reads through `room` bytes in pieces of `piece` bytes; an invalid item is skipped, and its number kept.
    fn ids(body: &[u8], room: usize, piece: usize) -> Result<(Vec<String>, Vec<u64>), DecodeError> {
        let mut buf = vec![0; room];
        let mut pieces = body.chunks(piece);
        let mut inventory = JsonInventory::new(Chunks(&mut pieces), &mut buf);
        let (mut ids, mut invalid) = (Vec::new(), Vec::new());
        block_on(async {
            loop {
                match inventory.next().await {
                    Ok(Some(item)) => ids.push(item.archive_id.unwrap().to_string()),
                    Ok(None) => return Ok((ids, invalid)),
                    Err(Error::Decode(DecodeError::InvalidItem { number })) => invalid.push(number),
                    Err(Error::Decode(error)) => return Err(error),
                    Err(other) => panic!("{other:?}"),
                }
            }
        })
    }

    /// A body in pieces.
    struct Chunks<'a, 'b>(&'a mut core::slice::Chunks<'b, u8>);

    impl ErrorType for Chunks<'_, '_> {
        type Error = core::convert::Infallible;
    }

    impl Read for Chunks<'_, '_> {
        async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
            let piece = self.0.next().unwrap_or_default();
            into[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    #[test]
    fn an_invalid_item_is_named_by_its_number_and_the_others_are_read() {
        let body = br#"{"ArchiveList":[{"ArchiveId":"a"},{"ArchiveId":"b","ArchiveDescription":"\ud83d"},{"ArchiveId":"c"},
            {"ArchiveId":"d","Size":-1},{"ArchiveId":"e","Size":1e3},{"ArchiveId":"f",},5,{"ArchiveId":"g"}]}"#;
        for piece in [1, 7, 4096] {
            let (ids, invalid) = ids(body, 4096, piece).unwrap();
            assert_eq!((ids, invalid), (["a", "c", "g"].map(String::from).to_vec(), [2, 4, 5, 6, 7].to_vec()));
        }
        let message = DecodeError::InvalidItem { number: 2 }.to_string();
        assert!(message.starts_with("item 2 is malformed"), "{message}");
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let body = b"\xef\xbb\xbf{\"ArchiveList\":[{\"ArchiveId\":\"a\"}]}";
        for piece in [1, 2, 3, 4096] {
            assert_eq!(ids(body, 64, piece).unwrap().0, ["a"], "{piece}");
        }
        // Only one, and only at the start.
        assert_eq!(ids(b"\xef\xbb\xbf\xef\xbb\xbf{}", 64, 64), Err(DecodeError::Json));
        assert_eq!(ids(b"\xef\xbb", 64, 64), Err(DecodeError::Json));
    }

    #[test]
    fn what_has_no_list_of_archives_is_no_inventory() {
        for body in [&b""[..], b"\xef\xbb\xbf \r\n"] {
            assert_eq!(ids(body, 64, 64), Err(DecodeError::EmptyBody("ArchiveList")), "{body:?}");
        }
        for body in [&b"{}"[..], br#"{"VaultList":[]}"#] {
            assert_eq!(ids(body, 64, 64), Err(DecodeError::MissingMember("ArchiveList")), "{body:?}");
        }
        assert_eq!(ids(br#"{"ArchiveList":[]}"#, 64, 64), Ok((Vec::new(), Vec::new())));
    }
}
