//! What the unit tests share.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use serde::Deserialize;

use crate::encode::{Encode, Method, Path};
use crate::json::Text;
use crate::listing::List;

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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TestItem<'b> {
    #[serde(borrow)]
    pub(crate) name: Text<'b>,
}

impl Encode for TestList {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, _: &mut Path<'_>) {}
}

impl List for TestList {
    const NAME: &'static str = "Items";
    type Item<'b> = TestItem<'b>;
}
