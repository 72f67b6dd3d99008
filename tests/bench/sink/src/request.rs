//! The parts of a request that the sink reads.

/// The head of a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// Without its query.
    pub(crate) path: String,
    /// Bytes of the body.
    pub(crate) length: u64,
    /// The tree hash that the client states, for the response.
    pub(crate) tree_hash: Option<String>,
    /// Whether the client waits for `100 Continue`.
    pub(crate) expects: bool,
}

impl Head {
    /// The head at the front of `bytes` and its length, once it is complete.
    pub(crate) fn parse(bytes: &[u8]) -> Option<(Head, usize)> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let text = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = text.lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let mut head = Head { method: words.next().unwrap_or_default().into(), ..Head::default() };
        head.path = words.next().unwrap_or_default().split('?').next().unwrap_or_default().into();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.parse().unwrap_or(0),
                "x-amz-sha256-tree-hash" => head.tree_hash = Some(value.into()),
                "expect" => head.expects = true,
                _ => {}
            }
        }
        Some((head, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let bytes =
            b"PUT /-/vaults/v?x=1 HTTP/1.1\r\nContent-Length: 7\r\nX-Amz-SHA256-Tree-Hash: ab\r\nExpect: 100-continue\r\n\r\nbody";
        let (head, end) = Head::parse(bytes).unwrap();
        assert_eq!(&bytes[end..], b"body");
        let path = "/-/vaults/v".into();
        assert_eq!(head, Head { method: "PUT".into(), path, length: 7, tree_hash: Some("ab".into()), expects: true });
        assert_eq!(Head::parse(&bytes[..end - 1]), None);
    }
}
