//! What the unit tests share.

use crate::request::List;
use crate::wire::DecodeError;
use crate::wire::json::{FromJson, Text, Value};

/// A list of items that have a name.
pub(crate) struct TestList;

#[derive(Debug, Default)]
pub(crate) struct TestItem<'b> {
    pub(crate) name: Text<'b>,
}

impl<'b> FromJson<'b> for TestItem<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        if name == "Name" {
            self.name = value.text()?.unwrap_or_default();
        }
        Ok(())
    }
}

impl List for TestList {
    const NAME: &'static str = "Items";
    type Item<'b> = TestItem<'b>;
    fn item<'b>(_: &'b str, value: Value<'b>) -> Result<TestItem<'b>, DecodeError> {
        Ok(value.object()?.unwrap_or_default())
    }
}
