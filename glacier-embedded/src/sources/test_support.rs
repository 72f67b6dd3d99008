//! Helpers shared by the tests of the sources.

use std::vec::Vec;

use embassy_futures::block_on;
use glacier_core::Source;

/// Reads a body from its position to its end, in pieces of 7 bytes, which fit no block or word.
pub(crate) async fn read_all<S: Source>(source: &mut S) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), [0; 7]);
    loop {
        match source.read(&mut piece).await.unwrap() {
            0 => return all,
            got => all.extend_from_slice(&piece[..got]),
        }
    }
}

/// Reads a body, and checks that it is the same the second time, and after a read that was abandoned halfway.
pub(crate) fn read_twice<S: Source>(source: &mut S) -> Vec<u8> {
    block_on(async {
        source.rewind().await.unwrap();
        let first = read_all(source).await;
        assert_eq!(source.read(&mut [0; 7]).await.unwrap(), 0, "the body continues after its end");
        source.rewind().await.unwrap();
        assert!(first.is_empty() || source.read(&mut [0; 2]).await.unwrap() > 0);
        source.rewind().await.unwrap();
        assert_eq!(read_all(source).await, first);
        assert_eq!(first.len() as u64, source.size());
        first
    })
}
