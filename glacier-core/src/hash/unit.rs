//! Both hashes of a body, computed by a peripheral.

use core::fmt;

use super::compress::Backend;
use super::digest::{LinearHash, TreeHash};
use super::payload::PayloadHashes;
use super::subtrees::{Subtrees, TooLarge};
use crate::values::LEAF_SIZE;

/// A SHA-256 peripheral whose state can be saved and loaded: the HASH unit of an STM32, for instance.
///
/// A driver's `update` loads the message's state, feeds the bytes and saves the state; whether it waits or sleeps meanwhile is its own
/// affair. What has no whole block yet it keeps in the message too.
///
/// A unit that cannot load a state serves bodies of up to 1 MiB, whose two hashes are one digest: see [`PayloadHashes::from_parts`].
// Send when the driver is, as with `Source`.
#[allow(async_fn_in_trait)]
pub trait HashUnit {
    /// What can go wrong in the unit.
    type Error;
    /// A message on its way through the unit. A copy of it goes its own way.
    type Message: Clone;

    /// A message of no bytes yet.
    fn begin(&mut self) -> Self::Message;

    /// Adds bytes, any number of them.
    ///
    /// # Errors
    /// What the unit says. The message is of no more use then.
    async fn update(&mut self, message: &mut Self::Message, bytes: &[u8]) -> Result<(), Self::Error>;

    /// The SHA-256 of the message.
    ///
    /// # Errors
    /// What the unit says.
    async fn finish(&mut self, message: Self::Message) -> Result<[u8; 32], Self::Error>;
}

impl<U: HashUnit> HashUnit for &mut U {
    type Error = U::Error;
    type Message = U::Message;

    fn begin(&mut self) -> U::Message {
        U::begin(self)
    }
    async fn update(&mut self, message: &mut U::Message, bytes: &[u8]) -> Result<(), U::Error> {
        U::update(self, message, bytes).await
    }
    async fn finish(&mut self, message: U::Message) -> Result<[u8; 32], U::Error> {
        U::finish(self, message).await
    }
}

/// A [`PayloadHasher`](super::PayloadHasher) whose bytes go through a [`HashUnit`]; only the few nodes of the tree are computed here.
///
/// The first 1 MiB goes through the unit once, what is behind it twice.
///
/// ```
/// # use glacier_core::hash::{HashUnit, UnitHasher};
/// # use core::convert::Infallible;
/// # use sha2::{Digest, Sha256};
/// # /// A unit made of software.
/// # #[derive(Default)]
/// # struct Peripheral;
/// # impl HashUnit for Peripheral {
/// #     type Error = Infallible;
/// #     type Message = Sha256;
/// #     fn begin(&mut self) -> Sha256 { Sha256::new() }
/// #     async fn update(&mut self, message: &mut Sha256, bytes: &[u8]) -> Result<(), Infallible> { Ok(message.update(bytes)) }
/// #     async fn finish(&mut self, message: Sha256) -> Result<[u8; 32], Infallible> { Ok(message.finalize().into()) }
/// # }
/// use glacier_core::{Bytes, Prehashed, Source};
///
/// # async fn record(record: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// // Prehashed while it is recorded,
/// let mut hasher = UnitHasher::new(Peripheral::default());
/// for piece in record.chunks(512) {
///     hasher.update(piece).await?;
/// }
/// let hashes = hasher.finish().await??;
/// // it is read only to be sent: this reads nothing.
/// let mut body = Prehashed::new(Bytes::new(record), hashes)?;
/// assert_eq!(body.hashes(&mut []).await?, hashes);
/// # Ok(())
/// # }
/// # let done = std::pin::pin!(record(&[5; 3000])).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// # assert!(matches!(done, std::task::Poll::Ready(Ok(()))));
/// ```
pub struct UnitHasher<U: HashUnit> {
    unit: U,
    size: u64,
    line: U::Message,
    /// The leaf that is being filled, behind the first: that one begins as the line does.
    leaf: Option<U::Message>,
    whole: Subtrees,
}

impl<U: HashUnit> UnitHasher<U> {
    /// A hasher that has seen nothing.
    pub fn new(mut unit: U) -> Self {
        UnitHasher { size: 0, line: unit.begin(), leaf: None, whole: Subtrees::new(), unit }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// The unit's. After one, or when the future was dropped, begin again with a new hasher: part of the bytes may have been taken.
    pub async fn update(&mut self, bytes: &[u8]) -> Result<(), U::Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = usize::try_from(LEAF_SIZE - self.size % LEAF_SIZE).unwrap_or(usize::MAX);
            let (now, behind) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.unit.update(&mut self.line, now).await?;
            if self.size >= LEAF_SIZE {
                let mut leaf = self.leaf.take().unwrap_or_else(|| self.unit.begin());
                self.unit.update(&mut leaf, now).await?;
                self.leaf = Some(leaf);
            }
            self.size = self.size.saturating_add(now.len() as u64);
            if self.size.is_multiple_of(LEAF_SIZE) {
                self.end_leaf().await?;
            }
            rest = behind;
        }
        Ok(())
    }

    async fn end_leaf(&mut self) -> Result<(), U::Error> {
        let leaf = self.leaf.take().unwrap_or_else(|| self.line.clone());
        let leaf = self.unit.finish(leaf).await?;
        self.whole.push(Backend::detect(), 0, leaf);
        Ok(())
    }

    /// Both hashes.
    ///
    /// # Errors
    /// The unit's; and [`TooLarge`] for 64 TiB or more.
    pub async fn finish(mut self) -> Result<Result<PayloadHashes, TooLarge>, U::Error> {
        let linear = self.unit.finish(self.line).await?;
        let last = match self.leaf {
            Some(leaf) => Some(self.unit.finish(leaf).await?),
            None => None,
        };
        // Up to one leaf the two hashes are one.
        let root = if self.size <= LEAF_SIZE { Ok(None) } else { self.whole.root(Backend::detect(), last) };
        Ok(root.map(|root| {
            let tree = TreeHash::from_bytes(root.unwrap_or(linear));
            PayloadHashes::from_parts(LinearHash::from_bytes(linear), tree, self.size)
        }))
    }
}

impl<U: HashUnit> fmt::Debug for UnitHasher<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitHasher").field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::block_on;
    use sha2::{Digest, Sha256};
    use std::vec::Vec;

    /// sha2 in the place of a peripheral; it breaks after so many bytes.
    struct Unit(usize);

    impl HashUnit for Unit {
        type Error = &'static str;
        type Message = Sha256;
        fn begin(&mut self) -> Sha256 {
            Sha256::new()
        }
        async fn update(&mut self, message: &mut Sha256, bytes: &[u8]) -> Result<(), Self::Error> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or("broken")?;
            message.update(bytes);
            Ok(())
        }
        async fn finish(&mut self, message: Sha256) -> Result<[u8; 32], Self::Error> {
            Ok(message.finalize().into())
        }
    }

    fn hashes(unit: &mut Unit, data: &[u8], piece: usize) -> Result<PayloadHashes, &'static str> {
        block_on(async {
            let mut hasher = UnitHasher::new(unit);
            for piece in data.chunks(piece) {
                hasher.update(piece).await?;
            }
            Ok(hasher.finish().await?.unwrap())
        })
    }

    #[test]
    fn a_unit_gives_what_the_hasher_gives() {
        const LEAF: usize = LEAF_SIZE as usize;
        let data: Vec<u8> = (0..3 * LEAF + 5).map(|i| (i % 241) as u8).collect();
        for len in [0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, data.len()] {
            let data = &data[..len];
            let mut expected = crate::PayloadHasher::new();
            expected.update(data);
            let expected = expected.finish().unwrap();
            for piece in [LEAF / 256, LEAF / 11 + 8, 2 * LEAF + 3] {
                let mut unit = Unit(usize::MAX);
                assert_eq!(hashes(&mut unit, data, piece), Ok(expected), "{len} {piece}");
                // Behind the first leaf twice, before its end once.
                assert_eq!(usize::MAX - unit.0, len + len.saturating_sub(LEAF));
            }
        }
    }

    #[test]
    fn the_units_error_comes_out() {
        assert_eq!(hashes(&mut Unit(1000), &[0; 2000], 512), Err("broken"));
    }
}
