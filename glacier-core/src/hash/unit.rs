//! Both hashes of a body, computed by a hash peripheral.

use core::fmt;

use super::compress::Backend;
use super::digest::{LinearHash, TreeHash};
use super::payload::PayloadHashes;
use super::subtrees::{Subtrees, TooLarge};
use crate::values::LEAF_SIZE;

/// A SHA-256 peripheral whose state can be saved and restored: the HASH unit of an STM32, for instance.
///
/// The `update` of a driver restores the state of the message, feeds the bytes, and saves the state; whether it waits or sleeps
/// meanwhile is up to the driver. The bytes after the last whole block belong to the message too.
///
/// A unit that cannot restore a state is enough for bodies of up to 1 MiB, whose two hashes are one digest: see
/// [`PayloadHashes::from_parts`].
// Send when the driver is, as with `Source`.
#[allow(async_fn_in_trait)]
pub trait HashUnit {
    /// An error of the unit.
    type Error;
    /// A message that is being hashed. A clone of it is a message of its own.
    type Message: Clone;

    /// An empty message.
    fn begin(&mut self) -> Self::Message;

    /// Adds any number of bytes.
    ///
    /// # Errors
    /// Those of the unit. The message cannot be used further then.
    async fn update(&mut self, message: &mut Self::Message, bytes: &[u8]) -> Result<(), Self::Error>;

    /// The SHA-256 of the message.
    ///
    /// # Errors
    /// Those of the unit.
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

/// A [`PayloadHasher`](super::PayloadHasher) whose bytes are hashed by a [`HashUnit`]; only the few nodes of the tree are computed in
/// software.
///
/// The first 1 MiB goes through the unit once, all bytes after it twice.
///
/// ```
/// # use glacier_core::hash::{HashUnit, UnitHasher};
/// # use core::convert::Infallible;
/// # use sha2::{Digest, Sha256};
/// # /// A unit in software.
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
/// // Hashed while it is recorded,
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
    /// The leaf that is being filled, after the first, which is the beginning of `line`.
    leaf: Option<U::Message>,
    whole: Subtrees,
}

impl<U: HashUnit> UnitHasher<U> {
    /// A hasher of no bytes yet.
    #[must_use]
    pub fn new(mut unit: U) -> Self {
        UnitHasher { size: 0, line: unit.begin(), leaf: None, whole: Subtrees::new(), unit }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// Those of the unit. The hasher cannot be used further then, since part of the bytes may have been taken.
    ///
    /// # Cancel safety
    /// Not cancel safe: when the future is dropped, part of the bytes may have been taken, so begin again with a new hasher.
    pub async fn update(&mut self, bytes: &[u8]) -> Result<(), U::Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = usize::try_from(LEAF_SIZE - self.size % LEAF_SIZE).unwrap_or(usize::MAX);
            let (now, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
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
            rest = after;
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
    /// Those of the unit; and, inside, [`TooLarge`] for 64 TiB or more.
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
    use crate::testing::block_on;
    use sha2::{Digest, Sha256};
    use std::vec::Vec;

    /// sha2 in place of a peripheral; it breaks after this many bytes.
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
                // Once in the first leaf, twice after it.
                assert_eq!(usize::MAX - unit.0, len + len.saturating_sub(LEAF));
            }
        }
    }

    #[test]
    fn an_error_of_the_unit_is_returned() {
        assert_eq!(hashes(&mut Unit(1000), &[0; 2000], 512), Err("broken"));
    }
}
