//! Which service is called: the region that signs and the host that is named.

use core::fmt;

use crate::sign::Scope;

/// Bytes kept for a host and its port: DNS names have at most 253, a port 5 more behind a colon.
const HOST: usize = 260;
/// Bytes kept for a region's name; the longest today has 14.
const REGION: usize = 48;

/// A region of the service and the host that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    region: heapless::String<REGION>,
    host: heapless::String<HOST>,
}

impl Service {
    /// Calls `host` and signs for `region`. `host` is what stands in the `Host` header: lower case, and with its port only
    /// when that is not the scheme's own.
    ///
    /// # Errors
    /// [`InvalidService`] for a region or host that is empty, too long, or has characters such names do not have.
    pub fn new(region: &str, host: &str) -> Result<Self, InvalidService> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if region.is_empty() || !region.chars().all(word) {
            return Err(InvalidService::Region);
        }
        if host.is_empty() || !host.chars().all(|c| word(c) || matches!(c, '.' | ':' | '[' | ']' | '_')) {
            return Err(InvalidService::Host);
        }
        Ok(Service {
            region: heapless::String::try_from(region).map_err(|_| InvalidService::Region)?,
            host: heapless::String::try_from(host).map_err(|_| InvalidService::Host)?,
        })
    }

    /// The region that requests are signed for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The host, as in the `Host` header.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope { region: &self.region, service: "glacier" }
    }
}

/// Why there is no such service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidService {
    /// The region is no region's name.
    Region,
    /// The host is no host's name.
    Host,
}

impl fmt::Display for InvalidService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => f.write_str("a region has 1 to 48 characters of a-z 0-9 and -, such as eu-west-1"),
            Self::Host => f.write_str(
                "a host is a lower-case DNS name or address of at most 260 bytes, with :port where it is not the scheme's own",
            ),
        }
    }
}

impl core::error::Error for InvalidService {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_regions_and_hosts() {
        let service = Service::new("eu-west-1", "glacier.eu-west-1.amazonaws.com").unwrap();
        assert_eq!((service.region(), service.host()), ("eu-west-1", "glacier.eu-west-1.amazonaws.com"));
        assert!(Service::new("eu-west-1", "[::1]:4566").is_ok());
        for region in ["", "EU-WEST-1", "eu west", "eu\n", &"x".repeat(49)] {
            assert_eq!(Service::new(region, "localhost"), Err(InvalidService::Region));
        }
        for host in ["", "Host", "a/b", "a\r\nb", &"x".repeat(261)] {
            assert_eq!(Service::new("eu-west-1", host), Err(InvalidService::Host));
        }
    }
}
