//! The base URL of a service: scheme, host, port, and a path if it has one.

use std::fmt;
use std::str::FromStr;

use glacier_core::InvalidEndpoint;

/// The URL of a service: `https://host`, `http://host:port`, `https://host/path`. Also read with `str::parse`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    tls: bool,
    host: String,
    port: u16,
    path: String,
}

impl BaseUrl {
    /// Reads `http://HOST[:PORT][/PATH]` or the same with `https`. The host's letters become lower case; one slash at the end is
    /// dropped.
    ///
    /// # Errors
    /// [`InvalidUrl`], which says what is wrong. It does not repeat a text that contains a user or a password.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let wrong = |reason| InvalidUrl { url: text.to_owned(), reason };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong(Reason::Scheme))?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(wrong(Reason::Scheme)),
        };
        let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at));
        if authority.contains('@') {
            return Err(InvalidUrl { url: format!("{scheme}://..."), reason: Reason::User });
        }
        if path.contains(['?', '#']) {
            return Err(wrong(Reason::Query));
        }
        let (host, port) = split_port(authority).ok_or_else(|| wrong(Reason::Host))?;
        let port = match port {
            None => default_port(tls),
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or_else(|| wrong(Reason::Port))?,
        };
        let path = path.strip_suffix('/').unwrap_or(path).to_owned();
        let url = BaseUrl { tls, host: host.to_ascii_lowercase(), port, path };
        // core checks host and path; the region does not matter here.
        match url.to_core("any") {
            Ok(_) => Ok(url),
            Err(InvalidEndpoint::BasePath) => Err(wrong(Reason::Path)),
            Err(_) => Err(wrong(Reason::Host)),
        }
    }

    /// Whether this is `https`.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host's name or address; an IPv6 address is without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, whether or not it is the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The value of the `Host` header, which is signed: with the port only if it is not the scheme's default.
    #[must_use]
    pub fn host_header(&self) -> String {
        if self.port == default_port(self.tls) { self.host.clone() } else { self.authority() }
    }

    /// The beginning of every request's path; empty for AWS's own hosts.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The service at this URL, signed for `region`.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] when `region` is not a valid region name.
    pub fn to_core(&self, region: &str) -> Result<glacier_core::Endpoint, InvalidEndpoint> {
        glacier_core::Endpoint::new(region, &self.host_header())?.with_base_path(&self.path)
    }

    /// `scheme://host[:port]`, without the path.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.host_header())
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        BaseUrl::parse(text)
    }
}

/// `https://host[:port][/path]`, without a slash at the end.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

/// Host, with the brackets of an IPv6 address, and the text after the colon.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let (host, rest) = authority.split_at(authority.find(']')? + 1);
        let address = host.strip_prefix('[')?.strip_suffix(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        return Some((host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) }));
    }
    Some(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

/// Why a text is not a valid base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidUrl {
    url: String,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Scheme,
    User,
    Query,
    Path,
    Host,
    Port,
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::Scheme => "it must begin with https:// or http://",
            Reason::User => "it must not contain a user or password, as requests are signed",
            Reason::Query => "it must not contain a query or fragment",
            Reason::Path => "its path has more than 64 bytes or is not percent-encoded",
            Reason::Host => "its host must be a DNS name, an IPv4 address or an [IPv6 address]",
            Reason::Port => "its port must be a number from 1 to 65535",
        };
        write!(f, "{:?} is not a valid endpoint URL: {reason}; an example is https://glacier.eu-west-1.amazonaws.com", self.url)
    }
}

impl std::error::Error for InvalidUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_header_has_a_port_only_if_it_is_not_the_default() {
        for (text, header, host, port) in [
            ("https://glacier.eu-west-1.amazonaws.com", "glacier.eu-west-1.amazonaws.com", "glacier.eu-west-1.amazonaws.com", 443),
            ("https://Example.COM:443/", "example.com", "example.com", 443),
            ("http://localhost:80", "localhost", "localhost", 80),
            ("http://localhost:443", "localhost:443", "localhost", 443),
            ("HTTP://127.0.0.1:4566", "127.0.0.1:4566", "127.0.0.1", 4566),
            ("http://[::1]:4566", "[::1]:4566", "::1", 4566),
            ("https://[fe80::1]", "[fe80::1]", "fe80::1", 443),
        ] {
            let url = BaseUrl::parse(text).unwrap();
            assert_eq!((url.host_header().as_str(), url.host(), url.port()), (header, host, port), "{text}");
        }
        assert_eq!("https://A:443/".parse::<BaseUrl>().unwrap().to_string(), "https://a");
        let below = BaseUrl::parse("http://h:81/Pre/fix/").unwrap();
        assert_eq!((below.path(), below.to_string().as_str()), ("/Pre/fix", "http://h:81/Pre/fix"));
        assert_eq!(below.to_core("eu-west-1").unwrap().base_path(), "/Pre/fix");
    }

    #[test]
    fn the_error_says_what_is_wrong_and_shows_no_password() {
        for (text, part) in [
            ("glacier.eu-west-1.amazonaws.com", "https://"),
            ("ftp://host", "https://"),
            ("https://host/pa th", "percent-encoded"),
            ("https://host?x", "query"),
            ("https://host/path#x", "fragment"),
            ("https://", "DNS"),
            ("https://a b", "DNS"),
            ("http://[::1", "DNS"),
            ("http://[::1]x", "DNS"),
            ("http://[nonsense]", "DNS"),
            ("http://host:", "65535"),
            ("http://host:0", "65535"),
            ("http://host:70000", "65535"),
            ("http://a:b:1", "65535"),
        ] {
            let shown = BaseUrl::parse(text).unwrap_err().to_string();
            assert!(shown.contains(part), "{text}: {shown}");
        }
        let shown = format!("{0} {0:?}", BaseUrl::parse("http://me:hush@host").unwrap_err());
        assert!(shown.contains("signed") && !shown.contains("hush"), "{shown}");
    }
}
