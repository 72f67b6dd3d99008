//! Which service is called: the region that signs and the host that is named.

use core::fmt;

use crate::sign::Scope;
use crate::wire::split;

/// Bytes kept for a host and its port: DNS names have at most 253, a port 5 more behind a colon.
const HOST: usize = 260;

/// Bytes kept for a region's name; the longest today has 14.
const REGION: usize = 48;

/// Bytes kept for the path below which a host serves; the service's own hosts have none.
const BASE: usize = 64;

/// A region of the service and the host that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    region: heapless::String<REGION>,
    host: heapless::String<HOST>,
    base: heapless::String<BASE>,
}

impl Endpoint {
    /// Calls `host` and signs for `region`. `host` is what stands in the `Host` header: lower case, and with its port only
    /// when that is not the scheme's own.
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

    /// The same service below a path of its host, such as `/pre/fix`: every request's path begins with it. One `/` at its end is
    /// dropped, so `/` is no path at all.
    ///
    /// # Errors
    /// [`InvalidEndpoint::BasePath`] for a path that does not begin with `/`, is too long, is not percent-encoded already, or has a
    /// segment that is empty, `.` or `..`.
    pub fn with_base_path(mut self, path: &str) -> Result<Self, InvalidEndpoint> {
        let trimmed = path.strip_suffix('/').unwrap_or(path);
        let legal = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:@".chars().any(|other| other == c);
        let mut segments = split(trimmed, |byte| byte == b'/');
        let rooted = segments.next() == Some("");
        // What others rewrite on the way would not be what is signed.
        if !rooted || segments.any(|segment| matches!(segment, "" | "." | "..")) || !trimmed.chars().all(legal) {
            return Err(InvalidEndpoint::BasePath);
        }
        self.base = heapless::String::try_from(trimmed).map_err(|_| InvalidEndpoint::BasePath)?;
        Ok(self)
    }

    /// The region that requests are signed for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The host, as in the `Host` header.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What every path begins with; empty for the service's own hosts.
    pub fn base_path(&self) -> &str {
        &self.base
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope { region: &self.region, service: "glacier" }
    }
}

/// Why there is no such service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// The region is no region's name.
    Region,
    /// The host is no host's name.
    Host,
    /// The path below which it serves is no path.
    BasePath,
}

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => f.write_str("a region has 1 to 48 characters of a-z 0-9 and -, such as eu-west-1"),
            Self::Host => f.write_str(
                "a host is a lower-case DNS name or address of at most 260 bytes, with :port where it is not the scheme's own",
            ),
            Self::BasePath => f.write_str(
                "an endpoint's path begins with /, has at most 64 bytes, and is percent-encoded, without query, fragment, // or dots alone",
            ),
        }
    }
}

impl core::error::Error for InvalidEndpoint {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_regions_and_hosts() {
        let service = Endpoint::new("eu-west-1", "glacier.eu-west-1.amazonaws.com").unwrap();
        assert_eq!((service.region(), service.host()), ("eu-west-1", "glacier.eu-west-1.amazonaws.com"));
        assert!(Endpoint::new("eu-west-1", "[::1]:4566").is_ok());
        for region in ["", "EU-WEST-1", "eu west", "eu\n", &"x".repeat(49)] {
            assert_eq!(Endpoint::new(region, "localhost"), Err(InvalidEndpoint::Region));
        }
        for host in ["", "Host", "a/b", "a\r\nb", &"x".repeat(261)] {
            assert_eq!(Endpoint::new("eu-west-1", host), Err(InvalidEndpoint::Host));
        }
    }

    #[test]
    fn a_base_path_is_a_path() {
        let service = Endpoint::new("eu-west-1", "localhost:9000").unwrap();
        for (path, base) in [("", ""), ("/", ""), ("/pre/fix", "/pre/fix"), ("/pre/fix/", "/pre/fix"), ("/a%20b", "/a%20b")] {
            assert_eq!(service.clone().with_base_path(path).unwrap().base_path(), base);
        }
        for path in ["pre", "/a b", "/a?b", "/a#b", "/a//b", "/a/../b", "/./b", "/a//", &std::format!("/{}", "x".repeat(64))] {
            assert_eq!(service.clone().with_base_path(path), Err(InvalidEndpoint::BasePath), "{path}");
        }
    }
}
