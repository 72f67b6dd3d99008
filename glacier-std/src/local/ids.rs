//! The names the service gives: random, so that two equal uploads stay two archives and nothing can be guessed.

use super::refuse::Refused;

/// 64 characters, so that six bits of a random byte choose one without bias. One id in 64 begins with `-`, as the service's do.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A new archive's id: 138 characters.
pub(super) fn archive() -> Result<String, Refused> {
    text::<138>()
}

/// A new upload's or job's id: 92 characters.
pub(super) fn upload_or_job() -> Result<String, Refused> {
    text::<92>()
}

/// A new request's id.
pub(super) fn request() -> String {
    // An answer without an id is better than none.
    text::<52>().unwrap_or_default()
}

/// A new file's name, as a number.
pub(super) fn blob() -> Result<u128, Refused> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

fn text<const N: usize>() -> Result<String, Refused> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect())
}

fn fill(bytes: &mut [u8]) -> Result<(), Refused> {
    getrandom::fill(bytes).map_err(|error| Refused::unavailable(format!("The system gives no random numbers: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_services_length_and_characters() {
        let ids: Vec<String> = (0..2000).map(|_| archive().unwrap()).collect();
        for id in &ids {
            assert_eq!(id.len(), 138);
            assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{id}");
        }
        // Of 2000, none with a leading hyphen has a chance of (63/64)^2000 = 2e-14.
        assert!(ids.iter().any(|id| id.starts_with('-')));
        assert_ne!(ids[0], ids[1]);
        assert_eq!(upload_or_job().unwrap().len(), 92);
    }
}
