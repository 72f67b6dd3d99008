//! The golden vectors as data: their folder, and the notation of their README.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The project's own copy.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Reads a JSON file.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn read(file: &Path) -> Result<Value, String> {
    let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// The bytes of a body: `None` for null.
///
/// # Errors
/// When it has none of the forms in the README.
pub fn body(value: &Value) -> Result<Option<Vec<u8>>, String> {
    if value.is_null() {
        return Ok(None);
    }
    if let Some(text) = value["$text"].as_str() {
        return Ok(Some(text.into()));
    }
    if let Some(text) = value["$hex"].as_str() {
        return hex(text).map(Some).ok_or_else(|| format!("{text} is not hexadecimal"));
    }
    generated(&value["$gen"]).map(Some).ok_or_else(|| format!("{value} is not a body"))
}

/// Fails when `ours` are not the bytes of a body, of which long responses give only the length and the SHA-256.
///
/// # Errors
/// Says what differs, or that `theirs` is not a body.
pub fn compare_body(ours: &[u8], theirs: &Value) -> Result<(), String> {
    let same = match (theirs["$len"].as_u64(), theirs["$sha256"].as_str()) {
        (Some(len), Some(hash)) => ours.len() as u64 == len && to_hex(&Sha256::digest(ours)) == hash,
        _ => ours == body(theirs)?.unwrap_or_default(),
    };
    if same { Ok(()) } else { Err(format!("body: ours has {} bytes, theirs is {theirs}", ours.len())) }
}

fn generated(rule: &Value) -> Option<Vec<u8>> {
    let len = usize::try_from(rule["len"].as_u64()?).ok()?;
    Some(match rule["kind"].as_str()? {
        "repeat" => vec![u8::try_from(rule["byte"].as_u64()?).ok()?; len],
        "mod251" => {
            let mut bytes = (0..=250).collect::<Vec<u8>>().repeat(len.div_ceil(251));
            bytes.truncate(len);
            bytes
        }
        "sha256ctr" => {
            let seed = rule["seed"].as_str()?;
            let mut bytes = Vec::with_capacity(len + 32);
            for counter in 0.. {
                if bytes.len() >= len {
                    break;
                }
                bytes.extend_from_slice(&Sha256::digest(format!("{seed}:{counter}")));
            }
            bytes.truncate(len);
            bytes
        }
        _ => return None,
    })
}

/// Hexadecimal digits as bytes.
pub fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// Bytes as lower-case hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An absolute URL, split into its parts and otherwise unchanged.
#[derive(Debug, PartialEq, Eq)]
pub struct Url<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// As in the `Host` header: lower case, without the scheme's default port.
    pub host: String,
    /// From the first `/` on; empty when there is none.
    pub path: &'a str,
    /// After the `?`.
    pub query: &'a str,
}

impl<'a> Url<'a> {
    /// Splits a URL.
    ///
    /// # Errors
    /// When it has no scheme.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or_else(|| format!("{text} is not a URL"))?;
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let slash = before.find('/').unwrap_or(before.len());
        let (host, path) = before.split_at(slash);
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(default_port).unwrap_or(host).to_ascii_lowercase();
        Ok(Url { scheme, host, path, query })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies() {
        assert_eq!(body(&json!(null)), Ok(None));
        assert_eq!(body(&json!({"$text": "é"})), Ok(Some(vec![0xc3, 0xa9])));
        assert_eq!(body(&json!({"$hex": "fffe7b"})), Ok(Some(vec![0xff, 0xfe, 0x7b])));
        let generated = |rule: Value| body(&json!({ "$gen": rule })).unwrap().unwrap();
        assert_eq!(generated(json!({"kind": "repeat", "byte": 7, "len": 3})), [7, 7, 7]);
        assert_eq!(generated(json!({"kind": "mod251", "len": 252}))[249..], [249, 250, 0]);
        // From `printf 's:0' | sha256sum` and `printf 's:1' | sha256sum`.
        let expected = "21d0725006cf0ba54c6f2c5e2f279fc731c4d72e4205515f93df41ae6ddf7f5b";
        let counted = generated(json!({"kind": "sha256ctr", "seed": "s", "len": 33}));
        assert_eq!((counted.len(), to_hex(&counted[..32])), (33, expected.to_string()));
        assert!(body(&json!({"$gen": {"kind": "new", "len": 1}})).is_err());
    }

    #[test]
    fn urls() {
        let url = Url::parse("https://Vault.example.test:443/pre/fix?a=b").unwrap();
        assert_eq!((url.scheme, url.host.as_str(), url.path, url.query), ("https", "vault.example.test", "/pre/fix", "a=b"));
        assert_eq!(Url::parse("http://localhost:443").unwrap().host, "localhost:443");
    }
}
