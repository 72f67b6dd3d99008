//! What the tests of the sources share.

use std::vec::Vec;

use embassy_futures::block_on;
use glacier_core::Source;

/// What is left of a body, read in pieces of a size that divides nothing.
pub(crate) async fn read_all<S: Source>(source: &mut S) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), [0; 7]);
    loop {
        match source.read(&mut piece).await.unwrap() {
            0 => return all,
            got => all.extend_from_slice(&piece[..got]),
        }
    }
}

/// A body, after making sure that it gives the same a second time, and after a reading that was broken off.
pub(crate) fn twice<S: Source>(source: &mut S) -> Vec<u8> {
    block_on(async {
        source.rewind().await.unwrap();
        let first = read_all(source).await;
        assert_eq!(source.read(&mut [0; 7]).await.unwrap(), 0, "it goes on behind its end");
        source.rewind().await.unwrap();
        assert!(first.is_empty() || source.read(&mut [0; 2]).await.unwrap() > 0);
        source.rewind().await.unwrap();
        assert_eq!(read_all(source).await, first);
        assert_eq!(first.len() as u64, source.size());
        first
    })
}
