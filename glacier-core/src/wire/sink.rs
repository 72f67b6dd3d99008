//! Sinks, which take what is written: a request buffer, a hash or a counter.
//!
//! Writing never fails. A sink that is full keeps counting, so that a single check at the end can report the size needed.

use super::error::BufferTooSmall;

/// Takes bytes in order.
pub trait Sink {
    /// Takes the next bytes.
    fn put(&mut self, bytes: &[u8]);
}

/// A value with a single form on the wire: a number, a hash, an id, a range.
pub trait Wire {
    /// Writes the value in the form of the service.
    fn wire(&self, out: &mut dyn Sink);
}

impl Wire for str {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(self.as_bytes());
    }
}

impl Wire for &str {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(self.as_bytes());
    }
}

impl Wire for u64 {
    fn wire(&self, out: &mut dyn Sink) {
        // 20 digits hold u64::MAX; filled from the end.
        let mut digits = [0u8; 20];
        let mut parts = [48, 32, 16, 0].map(|shift| (*self >> shift) as u16);
        let mut used = 0;
        for place in digits.iter_mut().rev() {
            *place = b'0' + divide_by_ten(&mut parts);
            used += 1;
            if parts == [0; 4] {
                break;
            }
        }
        out.put(digits.get(20 - used..).unwrap_or_default());
    }
}

/// Divides a number, given in parts of 16 bits, the highest first, and returns the remainder: long division, since on processors
/// without a 64-bit division it would take half a kilobyte of code.
#[inline(never)]
fn divide_by_ten(parts: &mut [u16]) -> u8 {
    let mut remainder = 0;
    for part in parts {
        let value = remainder << 16 | u32::from(*part);
        // Less than 2^16, as the remainder is less than ten.
        *part = (value / 10) as u16;
        remainder = value % 10;
    }
    remainder as u8
}

/// Writes a hash as lower-case hexadecimal digits.
#[inline(never)]
pub(crate) fn put_hex(out: &mut dyn Sink, bytes: &[u8; 32]) {
    let mut digits = [0; 64];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [hex_digit(byte >> 4), hex_digit(byte & 15)];
    }
    out.put(&digits);
}

pub(crate) const fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

/// Counts bytes without storing them.
#[derive(Debug, Default)]
pub(crate) struct Counter(pub(crate) u64);

impl Sink for Counter {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
}

/// Fills a caller's buffer, and keeps counting when it is full.
#[derive(Debug)]
pub struct Buffer<'b> {
    bytes: &'b mut [u8],
    needed: usize,
}

impl<'b> Buffer<'b> {
    /// Starts at the beginning of `bytes`.
    pub fn new(bytes: &'b mut [u8]) -> Self {
        Buffer { bytes, needed: 0 }
    }

    /// Bytes put so far, including those that did not fit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.needed
    }

    /// Whether nothing was put so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needed == 0
    }

    /// The bytes written, and the rest of the buffer; an error that names the size needed if they did not all fit.
    pub fn finish(self) -> Result<(&'b mut [u8], &'b mut [u8]), BufferTooSmall> {
        let capacity = self.bytes.len();
        self.bytes.split_at_mut_checked(self.needed).ok_or(BufferTooSmall { needed: Some(self.needed as u64), capacity })
    }
}

impl Sink for Buffer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.needed.saturating_add(bytes.len());
        if let Some(room) = self.bytes.get_mut(self.needed..end) {
            for (to, from) in room.iter_mut().zip(bytes) {
                *to = *from;
            }
        }
        self.needed = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut dyn Sink)) -> std::string::String {
        let mut room = [0; 512];
        let mut buffer = Buffer::new(&mut room);
        write(&mut buffer);
        let (written, _) = buffer.finish().unwrap();
        std::str::from_utf8(written).unwrap().into()
    }

    #[test]
    fn numbers_are_decimal() {
        for n in [0, 9, 10, 655_359, 655_360, 1_048_576, u64::from(u32::MAX), 1 << 48, u64::MAX / 10, u64::MAX] {
            assert_eq!(text(|out| n.wire(out)), std::format!("{n}"));
        }
    }

    #[test]
    fn a_full_buffer_reports_the_size_needed() {
        let mut room = [0; 4];
        let mut buffer = Buffer::new(&mut room);
        buffer.put(b"abc");
        buffer.put(b"defg");
        let error = buffer.finish().unwrap_err();
        assert_eq!((error.needed, error.capacity), (Some(7), 4));
    }
}
