//! The JSON body of an operation as a source: written again for each piece, so that it needs no memory.

use embedded_io_async::{ErrorType, Read};

use super::encode::Encode;
use crate::body::{Source, SourceError};
use crate::wire::{Counter, Sink};

pub(crate) struct JsonBody<'a> {
    operation: &'a (dyn Encode + Sync),
    size: u64,
    position: u64,
}

impl<'a> JsonBody<'a> {
    pub(crate) fn new(operation: &'a (dyn Encode + Sync)) -> Self {
        let mut size = Counter::default();
        operation.json(&mut size);
        JsonBody { operation, size: size.0, position: 0 }
    }
}

impl ErrorType for JsonBody<'_> {
    type Error = SourceError<core::convert::Infallible>;
}

impl Read for JsonBody<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let mut piece = Piece { skip: self.position, into, filled: 0 };
        self.operation.json(&mut piece);
        let got = piece.filled;
        self.position += got as u64;
        Ok(got)
    }
}

impl Source for JsonBody<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    async fn rewind(&mut self) -> Result<(), Self::Error> {
        self.position = 0;
        Ok(())
    }
}

/// A sink that drops the first `skip` bytes and stores those after them, as far as there is room.
struct Piece<'i> {
    skip: u64,
    into: &'i mut [u8],
    filled: usize,
}

impl Sink for Piece<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skipped as u64;
        let fresh = bytes.get(skipped..).unwrap_or_default();
        let room = self.into.get_mut(self.filled..).unwrap_or_default();
        let count = room.len().min(fresh.len());
        for (to, from) in room.iter_mut().zip(fresh) {
            *to = *from;
        }
        self.filled += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::encode::{Method, Payload};
    use crate::testing::block_on;
    use crate::wire::Path;

    struct Digits;
    impl Encode for Digits {
        fn method(&self) -> Method {
            Method::Post
        }
        fn path(&self, _: &mut Path<'_>) {}
        fn payload(&self) -> Payload {
            Payload::Json
        }
        fn json(&self, out: &mut dyn Sink) {
            out.put(b"0123");
            out.put(b"");
            out.put(b"456789");
        }
    }

    #[test]
    fn any_piece_size_gives_the_same_body() {
        for size in 1..12 {
            let mut body = JsonBody::new(&Digits);
            assert_eq!(body.size(), 10);
            let (mut all, mut piece) = (std::vec::Vec::new(), std::vec![0; size]);
            for _ in 0..2 {
                all.clear();
                block_on(body.rewind()).unwrap();
                loop {
                    let got = block_on(body.read(&mut piece)).unwrap();
                    if got == 0 {
                        break;
                    }
                    all.extend_from_slice(&piece[..got]);
                }
            }
            assert_eq!(all, b"0123456789");
        }
    }
}
