//! What the unit tests share.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use crate::request::List;
use crate::wire::DecodeError;
use crate::wire::json::{FromJson, Text, Value};

/// Runs a future that never waits for anything outside.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("a future of a test waits for ever");
}

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
