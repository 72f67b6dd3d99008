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
    use crate::testing::block_on;
    use std::string::ToString;

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
}
