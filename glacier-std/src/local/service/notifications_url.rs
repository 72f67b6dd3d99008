//! Where notifications are posted: a URL of this machine.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// A URL of this machine, such as `http://127.0.0.1:8080/glacier`. Notifications are not signed, so they go nowhere else, and to nothing that
/// speaks TLS.
///
/// ```
/// use glacier_std::local::NotificationsUrl;
///
/// assert!("http://localhost:8080/hook?from=glacier".parse::<NotificationsUrl>().is_ok());
/// assert!("http://example.com/".parse::<NotificationsUrl>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationsUrl {
    /// The host and port, as given.
    authority: String,
    addresses: Vec<SocketAddr>,
    /// Path and query.
    path: String,
}

/// The URL cannot be posted to. Displayed, it says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationsUrlError(String);

impl NotificationsUrl {
    /// For the header `Host`.
    #[cfg_attr(not(feature = "serve"), expect(dead_code))]
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The addresses to try, all of this machine. Names are not looked up.
    #[cfg_attr(not(any(feature = "serve", test)), expect(dead_code))]
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Path and query.
    #[cfg_attr(not(any(feature = "serve", test)), expect(dead_code))]
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for NotificationsUrl {
    type Err = NotificationsUrlError;

    fn from_str(text: &str) -> Result<Self, NotificationsUrlError> {
        let invalid = |why: &str| NotificationsUrlError(format!("{text:?} {why}: use one such as http://127.0.0.1:8080/path"));
        let rest = text.strip_prefix("http://").ok_or_else(|| invalid("is not an http URL"))?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(invalid("has characters that a URL cannot have, or a fragment"));
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        // An address in brackets may be all there is.
        let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            None => (authority, 80),
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (host, port.parse().map_err(|_| invalid("has no valid port"))?)
            }
            Some(_) => return Err(invalid("has no valid port")),
        };
        let localhost = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        let hosts = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => address.parse::<Ipv6Addr>().ok().map(|address| vec![IpAddr::from(address)]),
            None if host.eq_ignore_ascii_case("localhost") => Some(localhost.to_vec()),
            None => host.parse::<Ipv4Addr>().ok().map(|address| vec![IpAddr::from(address)]),
        };
        let hosts = hosts.filter(|hosts| hosts.iter().all(|host| host.to_canonical().is_loopback()));
        let hosts = hosts.ok_or_else(|| invalid("is not a URL of this machine, and notifications are posted to no other"))?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let addresses = hosts.into_iter().map(|host| SocketAddr::new(host, port)).collect();
        Ok(NotificationsUrl { authority: authority.to_owned(), addresses, path })
    }
}

impl fmt::Display for NotificationsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

impl fmt::Display for NotificationsUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotificationsUrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_this_machine_and_no_others() {
        for (text, addresses, path) in [
            ("http://127.0.0.1:8080/hook", &["127.0.0.1:8080"][..], "/hook"),
            ("http://127.9.9.9", &["127.9.9.9:80"], "/"),
            ("http://[::1]:9?a=b", &["[::1]:9"], "/?a=b"),
            ("http://[::1]/x", &["[::1]:80"], "/x"),
            ("http://localhost:65535/", &["127.0.0.1:65535", "[::1]:65535"], "/"),
        ] {
            let url: NotificationsUrl = text.parse().unwrap();
            let expected: Vec<SocketAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
            assert_eq!((url.addresses(), url.path()), (expected.as_slice(), path), "{text}");
        }
        for (text, words) in [
            ("https://127.0.0.1/", "is not an http URL"),
            ("127.0.0.1:8080", "is not an http URL"),
            ("http://example.com/", "this machine"),
            ("http://192.0.2.1/", "this machine"),
            ("http://0.0.0.0/", "this machine"),
            ("http://[::]/", "this machine"),
            ("http://127.0.0.1.example.com/", "this machine"),
            ("http://127.0.0.1@example.com/", "this machine"),
            ("http://user@127.0.0.1/", "this machine"),
            ("http://127.1/", "this machine"),
            ("http:///x", "this machine"),
            ("http://127.0.0.1:99999/", "port"),
            ("http://127.0.0.1:+80/", "port"),
            ("http://127.0.0.1/a b", "characters"),
            ("http://127.0.0.1/a\r\nb", "characters"),
            ("http://127.0.0.1/#x", "fragment"),
        ] {
            let error = text.parse::<NotificationsUrl>().unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("http://127.0.0.1:8080/path"), "{error}");
        }
    }
}
