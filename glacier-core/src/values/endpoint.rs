//! Where the service is: the region that requests are signed for, and the host that serves it.

use core::fmt;

use crate::wire::split;

/// Room for a host and its port: DNS names have at most 253 bytes, and a port at most 5 after its colon.
const HOST: usize = 260;

/// Room for the name of a region; the longest today has 14 bytes.
const REGION: usize = 48;

/// Room for the base path; AWS's own hosts have none.
const BASE: usize = 64;

/// A region of the service and the host that serves it.
///
/// ```
/// use glacier_core::Endpoint;
///
/// let endpoint = Endpoint::new("eu-west-1", "glacier.eu-west-1.amazonaws.com")?;
/// assert_eq!(endpoint.to_string(), "glacier.eu-west-1.amazonaws.com");
/// # Ok::<(), glacier_core::InvalidEndpoint>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    region: heapless::String<REGION>,
    host: heapless::String<HOST>,
    base: heapless::String<BASE>,
}

impl Endpoint {
    /// An endpoint that is reached at `host`, with requests signed for `region`. `host` is the value of the `Host` header: in lower
    /// case, and with a port only where that is not the default of the scheme.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] for a region or host that is empty, too long, or has characters such names do not have.
    pub fn new(region: &str, host: &str) -> Result<Self, InvalidEndpoint> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if region.is_empty() || !region.chars().all(word) {
            return Err(InvalidEndpoint::Region);
        }
        if host.is_empty() || !host.chars().all(|c| word(c) || matches!(c, '.' | ':' | '[' | ']' | '_')) {
            return Err(InvalidEndpoint::Host);
        }
        Ok(Endpoint {
            region: heapless::String::try_from(region).map_err(|_| InvalidEndpoint::Region)?,
            host: heapless::String::try_from(host).map_err(|_| InvalidEndpoint::Host)?,
            base: heapless::String::new(),
        })
    }

    /// The same endpoint with a base path, such as `/pre/fix`, at which the path of every request begins. A trailing `/` is dropped,
    /// so `/` is the same as no base path.
    ///
    /// # Errors
    /// [`InvalidEndpoint::BasePath`] for a path that does not begin with `/`, is too long, is not percent-encoded, or has a segment
    /// that is empty, `.` or `..`.
    pub fn with_base_path(mut self, path: &str) -> Result<Self, InvalidEndpoint> {
        let trimmed = path.strip_suffix('/').unwrap_or(path);
        let legal = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:@".chars().any(|other| other == c);
        let mut segments = split(trimmed, |byte| byte == b'/');
        let rooted = segments.next() == Some("");
        // HTTP software rewrites such segments, and the path would no longer be the one that was signed.
        if !rooted || segments.any(|segment| matches!(segment, "" | "." | "..")) || !trimmed.chars().all(legal) {
            return Err(InvalidEndpoint::BasePath);
        }
        self.base = heapless::String::try_from(trimmed).map_err(|_| InvalidEndpoint::BasePath)?;
        Ok(self)
    }

    /// The region that requests are signed for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The host, as in the `Host` header.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The base path; empty for AWS's own hosts.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.base
    }
}

/// The host and the base path.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.host, self.base)
    }
}

/// Which part of an endpoint is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// The region.
    Region,
    /// The host.
    Host,
    /// The base path.
    BasePath,
}

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => f.write_str("a region has 1 to 48 characters of a-z 0-9 and -, such as eu-west-1"),
            Self::Host => f.write_str(
                "a host is a lower-case DNS name or address of at most 260 bytes, with :port unless it is the default of the scheme",
            ),
            Self::BasePath => f.write_str(
                "the path of an endpoint begins with /, has at most 64 bytes, and is percent-encoded, without query, fragment, //, . or ..",
            ),
        }
    }
}

impl core::error::Error for InvalidEndpoint {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_hosts_are_checked() {
        let endpoint = Endpoint::new("eu-west-1", "glacier.eu-west-1.amazonaws.com").unwrap();
        assert_eq!((endpoint.region(), endpoint.host()), ("eu-west-1", "glacier.eu-west-1.amazonaws.com"));
        assert!(Endpoint::new("eu-west-1", "[::1]:4566").is_ok());
        for region in ["", "EU-WEST-1", "eu west", "eu\n", &"x".repeat(49)] {
            assert_eq!(Endpoint::new(region, "localhost"), Err(InvalidEndpoint::Region));
        }
        for host in ["", "Host", "a/b", "a\r\nb", &"x".repeat(261)] {
            assert_eq!(Endpoint::new("eu-west-1", host), Err(InvalidEndpoint::Host));
        }
    }

    #[test]
    fn base_paths_are_checked() {
        let endpoint = Endpoint::new("eu-west-1", "localhost:9000").unwrap();
        for (path, base) in [("", ""), ("/", ""), ("/pre/fix", "/pre/fix"), ("/pre/fix/", "/pre/fix"), ("/a%20b", "/a%20b")] {
            assert_eq!(endpoint.clone().with_base_path(path).unwrap().base_path(), base);
        }
        for path in ["pre", "/a b", "/a?b", "/a#b", "/a//b", "/a/../b", "/./b", "/a//", &std::format!("/{}", "x".repeat(64))] {
            assert_eq!(endpoint.clone().with_base_path(path), Err(InvalidEndpoint::BasePath), "{path}");
        }
    }
}
