//! Cuts bytes that come in pieces into the blocks that SHA-256 works on.

use super::compress::Block;

/// The bytes after the last whole block.
#[derive(Clone)]
pub(super) struct Tail {
    bytes: Block,
    used: u8,
}

impl Tail {
    pub(super) const fn new() -> Self {
        Tail { bytes: [0; 64], used: 0 }
    }

    /// The bytes that wait for the rest of their block.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.used)).unwrap_or_default()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Takes the next bytes if they do not fill the block, and returns whether it did: a shortcut for the many short pieces of a
    /// signature.
    pub(super) fn hold(&mut self, bytes: &[u8]) -> bool {
        let from = usize::from(self.used);
        let to = from.saturating_add(bytes.len());
        let Some(room) = self.bytes.get_mut(from..to).filter(|_| to < 64) else { return false };
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.used = to as u8;
        true
    }

    /// Takes the next bytes and calls `take` with all whole blocks in order. Those that are whole in `bytes` are not copied.
    pub(super) fn feed(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[Block])) {
        let mut rest = bytes;
        if !self.is_empty() {
            rest = self.keep(rest);
            if usize::from(self.used) < self.bytes.len() {
                return;
            }
            take(core::slice::from_ref(&self.bytes));
            self.used = 0;
        }
        let (blocks, rest) = rest.as_chunks();
        if !blocks.is_empty() {
            take(blocks);
        }
        self.keep(rest);
    }

    /// Keeps as many bytes as there is room for, and returns the rest.
    fn keep<'d>(&mut self, bytes: &'d [u8]) -> &'d [u8] {
        let room = self.bytes.get_mut(usize::from(self.used)..).unwrap_or_default();
        let (kept, rest) = bytes.split_at_checked(room.len()).unwrap_or((bytes, &[]));
        for (to, from) in room.iter_mut().zip(kept) {
            *to = *from;
        }
        // At most 64.
        self.used = self.used.saturating_add(kept.len() as u8);
        rest
    }
}

impl zeroize::Zeroize for Tail {
    fn zeroize(&mut self) {
        self.bytes.zeroize();
        self.used.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn blocks_come_in_order_however_the_bytes_are_cut() {
        let data: Vec<u8> = (0..=255).chain(0..100).collect();
        for piece in 1..200 {
            let (mut tail, mut seen) = (Tail::new(), Vec::new());
            for bytes in data.chunks(piece) {
                tail.feed(bytes, &mut |blocks| seen.extend_from_slice(blocks.as_flattened()));
            }
            assert_eq!(seen.len(), data.len() / 64 * 64);
            seen.extend_from_slice(tail.bytes());
            assert_eq!(seen, data, "{piece}");
        }
    }
}
