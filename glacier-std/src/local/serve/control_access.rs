//! Who may use control: this machine, and whoever knows the token. Web pages of others may not, whatever machine shows them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use hyper::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::local::request::Origin;

/// The header with the token.
const TOKEN: HeaderName = HeaderName::from_static("x-glacier-control-token");
/// Characters of a token, at most.
const MAX_TOKEN: usize = 1024;

/// A secret that opens control to other machines: 1 to 1,024 visible ASCII characters.
#[derive(Clone)]
pub struct ControlToken(Zeroizing<String>);

impl FromStr for ControlToken {
    type Err = InvalidControlToken;

    fn from_str(text: &str) -> Result<Self, InvalidControlToken> {
        let is_valid = (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_valid { Ok(ControlToken(Zeroizing::new(text.to_owned()))) } else { Err(InvalidControlToken) }
    }
}

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ControlToken(..)")
    }
}

/// A text is not a [`ControlToken`]. The text is not told, as it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidControlToken;

impl fmt::Display for InvalidControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a control token has 1 to {MAX_TOKEN} visible ASCII characters without spaces: use for example 32 random letters and digits"
        )
    }
}

impl std::error::Error for InvalidControlToken {}

/// Control is on. A clone is cheap.
#[derive(Clone, Debug)]
pub(super) struct ControlAccess {
    token: Option<Arc<ControlToken>>,
}

impl ControlAccess {
    pub(super) fn new(token: Option<ControlToken>) -> Self {
        ControlAccess { token: token.map(Arc::new) }
    }

    /// Whether a request may be served that reads or changes something; if not, why.
    pub(super) fn check(&self, peer: Origin, headers: &HeaderMap) -> Result<(), String> {
        check_origin(headers)?;
        match (&self.token, headers.get(TOKEN)) {
            (Some(token), Some(given)) if bool::from(token.0.as_bytes().ct_eq(given.as_bytes())) => Ok(()),
            (Some(_), Some(_)) => Err(format!("The token in the header {TOKEN} is not that of --control-token")),
            (token, _) => {
                let fix = if token.is_some() { format!("send the header {TOKEN}") } else { "start it with --control-token".into() };
                check_machine(peer, headers, &fix)
            }
        }
    }

    /// Whether the page of the console may be served, which has no data. Where there is a token, the page asks for it.
    pub(super) fn check_page(&self, peer: Origin, headers: &HeaderMap) -> Result<(), String> {
        if self.token.is_some() { check_origin(headers) } else { self.check(peer, headers) }
    }
}

/// A page of another site may send requests from a browser on this machine.
fn check_origin(headers: &HeaderMap) -> Result<(), String> {
    let mut origins = headers.get_all(ORIGIN).iter().map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned());
    let host = host(headers).unwrap_or_default();
    let own = |origin: &String| {
        let of = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        of.is_some_and(|of| !of.is_empty() && of.eq_ignore_ascii_case(&host))
    };
    match origins.find(|origin| !own(origin)) {
        None => Ok(()),
        Some(origin) => Err(format!(
            "Control takes no requests from the web page {origin:?}: use the console, at /_glacier/ of this server, or a program"
        )),
    }
}

/// Without a token, both ends are on this machine. The name is looked at too: a name that somebody else controls may mean this machine.
fn check_machine(peer: Origin, headers: &HeaderMap, fix: &str) -> Result<(), String> {
    if !peer.is_loopback() {
        let address = peer.address;
        return Err(format!(
            "Control is for this machine, and {address} is not its loopback address: connect from there, or {fix}"
        ));
    }
    match host(headers) {
        Some(host) if is_loopback(&host) => Ok(()),
        Some(host) => {
            Err(format!("Control is for this machine, and {host:?} is not its loopback name: use localhost or 127.0.0.1, or {fix}"))
        }
        None => Err("Control needs one header Host: send localhost or 127.0.0.1".into()),
    }
}

/// What the one header `Host` says.
fn host(headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().map(str::to_owned),
        _ => None,
    }
}

/// Whether a host, with or without a port, is `localhost` or an address of the loopback interface.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, ""),
    };
    if !port.is_empty() && (!port.bytes().all(|byte| byte.is_ascii_digit()) || port.parse::<u16>().is_err()) {
        return false;
    }
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let is_bracketed = address.len() != name.len();
    match address.parse::<IpAddr>() {
        Ok(ip) => ip.is_ipv6() == is_bracketed && ip.to_canonical().is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn peer(address: &str) -> Origin {
        Origin { address: address.parse().unwrap(), is_secure: false }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        // Appends, so that a header may occur twice.
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(name, value);
        }
        map
    }

    fn access(token: Option<&str>) -> ControlAccess {
        ControlAccess::new(token.map(|token| token.parse().unwrap()))
    }

    #[test]
    fn loopback_names_and_addresses() {
        for host in [
            "localhost",
            "LOCALHOST:4566",
            "127.0.0.1",
            "127.9.8.7:1",
            "[::1]",
            "[::1]:65535",
            "localhost:",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "localhost.example.org",
            "example.org",
            "127.0.0.1.example.org",
            "192.0.2.1",
            "0.0.0.0",
            "::1",
            "[127.0.0.1]",
            "localhost:http",
            "localhost:65536",
            "localhost:+1",
            "localhost:80:80",
            "[::2]:80",
            "[::1",
            "127.1",
            "2130706433",
            "local host",
            "localhost.",
            "user@localhost",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn without_a_token_only_this_machine() {
        let access = access(None);
        for (address, is_ours) in [
            ("127.0.0.1", true),
            ("127.1.2.3", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.0.2.1", false),
            ("10.0.0.1", false),
            ("2001:db8::1", false),
        ] {
            for (host, is_local) in [("127.0.0.1:4566", true), ("localhost", true), ("vaults.example.org", false)] {
                let headers = headers(&[("host", host)]);
                let checked = access.check(peer(address), &headers);
                assert_eq!(checked.is_ok(), is_ours && is_local, "{address} {host}");
                assert_eq!(access.check_page(peer(address), &headers), checked);
                if let Err(why) = checked {
                    assert!(why.contains(if is_ours { host } else { address }) && why.contains("--control-token"), "{why}");
                }
            }
        }
        for hosts in [&[][..], &[("host", "localhost"), ("host", "localhost")]] {
            assert!(access.check(peer("127.0.0.1"), &headers(hosts)).unwrap_err().contains("header Host"));
        }
        // A token means nothing where none is set.
        let remote = headers(&[("host", "localhost"), ("x-glacier-control-token", "")]);
        assert!(access.check(peer("192.0.2.1"), &remote).is_err() && access.check(peer("127.0.0.1"), &remote).is_ok());
    }

    #[test]
    fn a_token_opens_control_to_any_machine() {
        let access = access(Some("open-sesame"));
        let with = |token: &'static str| headers(&[("host", "vaults.example.org"), ("x-glacier-control-token", token)]);
        assert_eq!(access.check(peer("192.0.2.1"), &with("open-sesame")), Ok(()));
        for wrong in ["", "open-sesam", "open-sesame2", "OPEN-SESAME"] {
            let why = access.check(peer("192.0.2.1"), &with(wrong)).unwrap_err();
            assert!(!why.contains("open-sesame"), "{why}");
            let local = headers(&[("host", "localhost"), ("x-glacier-control-token", wrong)]);
            assert!(access.check(peer("127.0.0.1"), &local).is_err(), "a wrong token is never ignored");
        }
        let without = headers(&[("host", "vaults.example.org")]);
        assert!(access.check(peer("192.0.2.1"), &without).unwrap_err().contains("x-glacier-control-token"));
        assert!(access.check(peer("127.0.0.1"), &without).is_err());
        assert_eq!(access.check(peer("127.0.0.1"), &headers(&[("host", "localhost")])), Ok(()), "this machine needs none");
        assert_eq!(access.check_page(peer("192.0.2.1"), &without), Ok(()), "the page asks for it");
    }

    #[test]
    fn pages_of_other_sites_are_denied_with_and_without_a_token() {
        for (origin, host, is_own) in [
            ("http://localhost:4566", "localhost:4566", true),
            ("https://LOCALHOST:4566", "localhost:4566", true),
            ("http://localhost:4567", "localhost:4566", false),
            ("http://127.0.0.1:4566", "localhost:4566", false),
            ("http://evil.example", "localhost:4566", false),
            ("http://localhost:4566.evil.example", "localhost:4566", false),
            ("ftp://localhost:4566", "localhost:4566", false),
            ("null", "localhost:4566", false),
            ("", "localhost:4566", false),
        ] {
            for token in [None, Some("t")] {
                let mut all = headers(&[("origin", origin), ("host", host)]);
                token.map(|token| all.insert(TOKEN, HeaderValue::from_static(token)));
                for checked in [access(token).check(peer("::1"), &all), access(token).check_page(peer("::1"), &all)] {
                    assert_eq!(checked.is_ok(), is_own, "{origin} {host}");
                }
            }
        }
        let two = headers(&[("origin", "http://localhost"), ("origin", "http://evil.example"), ("host", "localhost")]);
        assert!(access(None).check(peer("::1"), &two).unwrap_err().contains("evil.example"));
        assert!(access(Some("t")).check_page(peer("::1"), &headers(&[("origin", "http://")])).is_err(), "no host is no origin");
    }

    #[test]
    fn tokens_are_visible_and_never_shown() {
        for token in ["", "a b", "a\n", "\u{e9}", &"x".repeat(MAX_TOKEN + 1)] {
            let error = token.parse::<ControlToken>().unwrap_err().to_string();
            assert!(error.contains("1 to 1024") && (token.is_empty() || !error.contains(token)), "{error}");
        }
        assert!("x".repeat(MAX_TOKEN).parse::<ControlToken>().is_ok());
        let shown = format!("{:?}", access(Some("open-sesame")));
        assert!(!shown.contains("sesame"), "{shown}");
    }
}
