//! The address that a server listens on: `HOST:PORT`, where the host is an address or a name.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenAddress {
    text: String,
    /// A name, which clients use as it is.
    name: Option<String>,
}

impl ListenAddress {
    /// In the form that the system resolves.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, if it is a name.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.parse::<SocketAddr>().is_ok() {
            return Ok(ListenAddress { text: text.into(), name: None });
        }
        let is_name = |host: &str| {
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        };
        match text.rsplit_once(':') {
            Some((host, port)) if is_name(host) && port.parse::<u16>().is_ok() && !port.starts_with('+') => {
                Ok(ListenAddress { text: text.into(), name: Some(host.into()) })
            }
            _ => Err(format!("{text:?} is not an address: use HOST:PORT, such as 127.0.0.1:4566, [::1]:4566 or localhost:4566")),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_with_a_port() {
        let name = |text: &str| text.parse::<ListenAddress>().map(|address| address.name.unwrap_or_default());
        for (text, expected) in [
            ("127.0.0.1:4566", ""),
            ("0.0.0.0:0", ""),
            ("[::]:4566", ""),
            ("localhost:4566", "localhost"),
            ("vaults.example.org:80", "vaults.example.org"),
        ] {
            assert_eq!(name(text), Ok(expected.into()), "{text}");
        }
        for text in
            ["", "localhost", "4566", ":4566", "localhost:", "localhost:http", "localhost:65536", "localhost:+1", "a b:1", "::1:80"]
        {
            let error = name(text).unwrap_err();
            assert!(error.contains("HOST:PORT"), "{text}: {error}");
        }
    }
}
