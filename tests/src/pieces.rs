//! A body that comes in pieces of given sizes, as a network's does.

use std::convert::Infallible;
use std::marker::PhantomData;

use embedded_io_async::{ErrorType, Read};

/// Reads `bytes` in pieces whose sizes go round; `E` is the error that a transport wants and that never comes.
#[derive(Debug)]
pub struct Pieces<'b, E = Infallible> {
    rest: &'b [u8],
    sizes: Vec<usize>,
    next: usize,
    error: PhantomData<fn() -> E>,
}

impl<'b, E> Pieces<'b, E> {
    /// At most so many bytes in the first piece, so many in the second, and again from the first. A size of 0 counts as 1.
    pub fn new(bytes: &'b [u8], sizes: &[usize]) -> Self {
        let sizes = if sizes.is_empty() { vec![usize::MAX] } else { sizes.to_vec() };
        Pieces { rest: bytes, sizes, next: 0, error: PhantomData }
    }
}

impl<E: embedded_io_async::Error> ErrorType for Pieces<'_, E> {
    type Error = E;
}

impl<E: embedded_io_async::Error> Read for Pieces<'_, E> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, E> {
        let size = self.sizes[self.next % self.sizes.len()].max(1);
        let (piece, rest) = self.rest.split_at(size.min(into.len()).min(self.rest.len()));
        into[..piece.len()].copy_from_slice(piece);
        self.rest = rest;
        self.next += 1;
        Ok(piece.len())
    }
}
