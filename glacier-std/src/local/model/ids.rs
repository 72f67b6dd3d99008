//! The ids that the service assigns: random, so that two equal uploads stay two archives and no id can be guessed.

use super::api_error::ApiError;
use super::archive::BlobId;

/// 64 characters, so that six bits of a random byte choose one without bias. One id in 64 begins with `-`, as the service's do.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Supplies random bytes.
pub(crate) trait RandomSource: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ApiError>;
}

/// Makes ids from random bytes.
pub(crate) struct Ids {
    random: Box<dyn RandomSource>,
}

impl Ids {
    pub(crate) fn new(random: impl RandomSource + 'static) -> Self {
        Ids { random: Box::new(random) }
    }

    /// The id of a new archive: 138 characters.
    pub(crate) fn archive(&self) -> Result<String, ApiError> {
        self.text::<138>()
    }

    /// The id of a new upload or job: 92 characters.
    pub(crate) fn upload_or_job(&self) -> Result<String, ApiError> {
        self.text::<92>()
    }

    /// The id of a request; empty when there are no random bytes, as a response without an id is better than none.
    pub(crate) fn request(&self) -> String {
        self.text::<52>().unwrap_or_default()
    }

    /// A random number.
    pub(crate) fn draw(&self) -> Result<u64, ApiError> {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// The name of a new file.
    pub(crate) fn blob(&self) -> Result<BlobId, ApiError> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(BlobId::from(u128::from_le_bytes(bytes)))
    }

    /// A random UUID, of version 4.
    pub(crate) fn uuid(&self) -> Result<String, ApiError> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let digits = format!("{number:032x}");
        let mut text = String::with_capacity(36);
        for (at, digit) in digits.chars().enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            text.push(digit);
        }
        Ok(text)
    }

    fn text<const N: usize>(&self) -> Result<String, ApiError> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes)?;
        Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Bytes that count up, across calls.
    struct Counter(AtomicU8);

    impl RandomSource for Counter {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), ApiError> {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    #[test]
    fn ids_have_the_services_length_and_characters() {
        let ids = Ids::new(Counter(AtomicU8::new(62)));
        let archive = ids.archive().unwrap();
        assert_eq!(archive.len(), 138);
        // Bytes 62 and 63 are the last of the alphabet, 64 begins it again.
        assert!(archive.starts_with("-_ABC"), "{archive}");
        assert!(archive.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{archive}");
        assert_ne!(ids.archive().unwrap(), archive);
        assert_eq!(ids.upload_or_job().unwrap().len(), 92);
        assert_eq!(ids.request().len(), 52);
    }

    struct Failing;

    impl RandomSource for Failing {
        fn fill(&self, _: &mut [u8]) -> Result<(), ApiError> {
            Err(ApiError::unavailable("no random bytes"))
        }
    }

    #[test]
    fn without_random_bytes_there_are_no_ids() {
        let ids = Ids::new(Failing);
        assert_eq!(ids.archive(), Err(ApiError::unavailable("no random bytes")));
        assert_eq!(ids.blob(), Err(ApiError::unavailable("no random bytes")));
        assert_eq!(ids.request(), "");
    }
}
