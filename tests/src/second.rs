//! Second implementations, written from the specifications with strings and vectors, to compare the real ones with.

use std::collections::BTreeMap;

use glacier_core::LEAF_SIZE;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// The tree hash by its definition: the digests of the chunks of 1 MiB (of a leaf), paired until one is left.
pub fn tree_hash(data: &[u8]) -> [u8; 32] {
    let leaves = data.chunks(LEAF_SIZE as usize).map(|chunk| Sha256::digest(chunk).into()).collect();
    root(leaves).unwrap_or_else(|| Sha256::digest(b"").into())
}

/// The digests of a row, paired until one is left; a digest without a neighbour moves up unchanged.
pub fn root(mut row: Vec<[u8; 32]>) -> Option<[u8; 32]> {
    while row.len() > 1 {
        row = row.chunks(2).map(|pair| if pair.len() == 2 { Sha256::digest(pair.concat()).into() } else { pair[0] }).collect();
    }
    row.first().copied()
}

/// The ranges of leaves that are nodes of a tree of `leaves` leaves, by building the tree. Each is its first leaf and the one after its last.
pub fn nodes(leaves: u64) -> Vec<(u64, u64)> {
    let mut row: Vec<(u64, u64)> = (0..leaves).map(|leaf| (leaf, leaf + 1)).collect();
    let mut all = row.clone();
    while row.len() > 1 {
        row = row.chunks(2).map(|pair| (pair[0].0, pair[pair.len() - 1].1)).collect();
        all.extend(&row);
    }
    all
}

/// What is signed, as it is sent; the headers without `host`.
#[derive(Clone, Debug)]
pub struct Signable {
    /// Such as `GET`.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// Percent-encoded.
    pub path: String,
    /// Percent-encoded, without `?`.
    pub query: String,
    /// Names in any case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Signable {
    /// The canonical request and the list of signed headers.
    pub fn canonical(&self) -> (String, String) {
        let mut segments: Vec<String> = Vec::new();
        for segment in self.path.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(segments.pop()),
                other => segments.push(encode(other)),
            }
        }
        let slash = if self.path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
        let path = format!("/{}{slash}", segments.join("/"));

        let mut pairs: Vec<(&str, &str)> =
            self.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
        pairs.sort_unstable();
        let query = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");

        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let host = ("host".to_string(), self.host.clone());
        for (name, value) in std::iter::once(&host).chain(&self.headers) {
            let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            headers.entry(name.to_ascii_lowercase()).or_default().push(value);
        }
        let lines: String = headers.iter().map(|(name, values)| format!("{name}:{}\n", values.join(","))).collect();
        let signed = headers.keys().map(String::as_str).collect::<Vec<_>>().join(";");
        let hash = hex(&Sha256::digest(&self.body));
        (format!("{}\n{path}\n{query}\n{lines}\n{signed}\n{hash}", self.method), signed)
    }

    /// The value of the `Authorization` header; `stamp` is `YYYYMMDDTHHMMSSZ`.
    pub fn authorization(&self, access_key: &str, secret: &str, region: &str, service: &str, stamp: &str) -> String {
        let (canonical, signed) = self.canonical();
        let scope = format!("{}/{region}/{service}/aws4_request", &stamp[..8]);
        let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in scope.split('/') {
            key = hmac(&key, part.as_bytes());
        }
        let signature = hex(&hmac(&key, to_sign.as_bytes()));
        format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}")
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 5.3 of the API reference: an archive of 6.5 MiB.
    #[test]
    fn nodes_of_seven_leaves() {
        let nodes = nodes(7);
        for node in [(0, 1), (0, 2), (0, 4), (0, 7), (2, 4), (4, 6), (4, 7), (6, 7)] {
            assert!(nodes.contains(&node), "{node:?}");
        }
        for node in [(1, 3), (0, 3), (2, 6), (3, 5), (5, 7)] {
            assert!(!nodes.contains(&node), "{node:?}");
        }
    }
}
