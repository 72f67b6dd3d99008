//! A body that arrives in pieces of given sizes, as from a network.

use std::convert::Infallible;
use std::marker::PhantomData;

use embedded_io_async::{ErrorType, Read};

/// Gives `bytes` in pieces of these sizes in turn. `E` is an error type that a caller may need; it never occurs.
#[derive(Debug)]
pub struct Pieces<'b, E = Infallible> {
    rest: &'b [u8],
    sizes: Vec<usize>,
    next: usize,
    error: PhantomData<fn() -> E>,
}

impl<'b, E> Pieces<'b, E> {
    /// The first piece has at most `sizes[0]` bytes, the next `sizes[1]`, and after the last size it begins again. A size of 0 counts as 1.
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
