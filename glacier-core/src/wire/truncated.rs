//! A text stored in an error, visibly truncated when it is long.

use core::fmt::{self, Write};

/// At most `N` bytes of a text, where `N` is at most 255. A longer text is truncated after a whole character and ends in `…`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Truncated<const N: usize> {
    bytes: [u8; N],
    length: u8,
    whole: bool,
}

const MARK: &str = "…";

impl<const N: usize> Truncated<N> {
    /// The beginning of what `text` displays.
    pub fn new(text: &dyn fmt::Display) -> Self {
        let mut truncated = Truncated::default();
        (truncated.length, truncated.whole) = fill(&mut truncated.bytes, text);
        truncated
    }

    /// The text, with `…` at the end if it was truncated.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.length)).and_then(|kept| core::str::from_utf8(kept).ok()).unwrap_or_default()
    }

    /// Whether the text was not truncated.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

impl<const N: usize> Default for Truncated<N> {
    fn default() -> Self {
        Truncated { bytes: [0; N], length: 0, whole: true }
    }
}

/// Fills the room with the beginning of a text. Returns the bytes filled, and whether that was all. Not generic over the size, to save flash.
fn fill(room: &mut [u8], text: &dyn fmt::Display) -> (u8, bool) {
    let mut filling = Filling { room, length: 0 };
    // Only running out of room fails here.
    let whole = write!(filling, "{text}").is_ok();
    if !whole {
        filling.append(MARK);
    }
    (filling.length, whole)
}

struct Filling<'r> {
    room: &'r mut [u8],
    length: u8,
}

impl Filling<'_> {
    fn append(&mut self, piece: &str) {
        let start = usize::from(self.length);
        let Ok(end) = u8::try_from(start + piece.len()) else { return };
        if let Some(room) = self.room.get_mut(start..end.into()) {
            for (to, from) in room.iter_mut().zip(piece.bytes()) {
                *to = from;
            }
            self.length = end;
        }
    }
}

/// Takes whole characters while the mark still fits after them.
impl Write for Filling<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for character in piece.chars() {
            let end = usize::from(self.length) + character.len_utf8() + MARK.len();
            if end > self.room.len().min(u8::MAX.into()) {
                return Err(fmt::Error);
            }
            self.append(character.encode_utf8(&mut [0; 4]));
        }
        Ok(())
    }
}

impl<const N: usize> fmt::Debug for Truncated<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for Truncated<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_strings_end_in_an_ellipsis() {
        let whole = Truncated::<8>::new(&"12345");
        assert_eq!((whole.as_str(), whole.is_whole()), ("12345", true));
        let cut = Truncated::<8>::new(&"123é56789");
        assert_eq!((cut.as_str(), cut.is_whole()), ("123é…", false));
    }
}
