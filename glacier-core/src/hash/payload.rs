//! Both hashes of a body in one pass.

use embedded_io_async::Read;

use super::{LinearHash, LinearHasher, TooLarge, TreeHash, TreeHasher};
use crate::source::{Exact, Source, SourceError};

/// What a request with a body says of it. Made by a [`PayloadHasher`], or [from parts](PayloadHashes::from_parts) known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PayloadHashes {
    /// The SHA-256 of the body.
    pub linear: LinearHash,
    /// Its tree hash.
    pub tree: TreeHash,
    /// Bytes in the body.
    pub size: u64,
}

impl PayloadHashes {
    /// Hashes of a body that were made elsewhere: by a hash unit, or while the body was recorded.
    pub const fn from_parts(linear: LinearHash, tree: TreeHash, size: u64) -> Self {
        PayloadHashes { linear, tree, size }
    }
}

/// Computes linear hash and tree hash of the same bytes in one pass.
#[derive(Clone, Debug, Default)]
pub struct PayloadHasher {
    linear: LinearHasher,
    tree: TreeHasher,
}

impl PayloadHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        PayloadHasher::default()
    }

    /// Takes the next bytes. Pieces of 64 KiB and more are hashed at full speed.
    pub fn update(&mut self, bytes: &[u8]) {
        self.linear.update(bytes);
        self.tree.update(bytes);
    }

    /// Both hashes.
    ///
    /// # Errors
    /// [`TooLarge`] for 64 TiB or more.
    pub fn finish(self) -> Result<PayloadHashes, TooLarge> {
        let size = self.tree.position();
        Ok(PayloadHashes { linear: self.linear.finish(), tree: self.tree.finish()?, size })
    }
}

/// Reads `source` once from the start and hashes it; `buf` holds the pieces on the way.
///
/// Dropping the future loses nothing: the next use of the source rewinds it.
///
/// # Errors
/// The source's own, and [`SourceError::Ended`] when it gives fewer bytes than its size.
pub async fn hash_source<S: Source>(source: &mut S, buf: &mut [u8]) -> Result<PayloadHashes, SourceError<S::Error>> {
    let mut body = Exact::from_start(source).await?;
    let mut hasher = PayloadHasher::new();
    loop {
        let got = body.read(buf).await?;
        match buf.get(..got) {
            Some(piece) if got > 0 => hasher.update(piece),
            _ => break,
        }
    }
    let size = body.size();
    let got = hasher.tree.position();
    // Shorter than announced ends in `Exact`; here only an empty `buf` or 64 TiB are left to refuse.
    hasher.finish().ok().filter(|hashes| hashes.size == size).ok_or(SourceError::Ended { size, got })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_bodies_have_two_equal_hashes() {
        let mut hasher = PayloadHasher::new();
        hasher.update(b"hello, world");
        let hashes = hasher.finish().unwrap();
        // From `printf 'hello, world' | sha256sum`.
        let expected = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";
        assert_eq!(hashes.linear, expected.parse().unwrap());
        assert_eq!(hashes.tree, expected.parse().unwrap());
        assert_eq!(hashes.size, 12);
    }
}
