//! The URL of a proxy, as a user writes it into the environment.

use std::fmt;

use hyper::header::HeaderValue;
use zeroize::Zeroizing;

use crate::config::BaseUrl;

/// One proxy.
#[derive(Clone)]
pub(super) struct Proxy {
    /// The environment variable that names it.
    pub(super) variable: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
    /// `Basic ...`, marked as a secret.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Reads `[http://][USER[:PASSWORD]@]HOST[:PORT]`; user and password may be percent-encoded. What follows the host is ignored, as
    /// by curl. The default port is 80, as for AWS's own tools.
    pub(super) fn parse(variable: &'static str, text: &str) -> Result<Self, InvalidProxy> {
        let invalid = |scheme| InvalidProxy { variable, scheme };
        let rest = match text.split_once("://") {
            None => text,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) => {
                let known = ["https", "socks", "socks4", "socks4a", "socks5", "socks5h"];
                return Err(invalid(known.into_iter().find(|known| scheme.eq_ignore_ascii_case(known))));
            }
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let url = BaseUrl::parse(&format!("http://{host}")).map_err(|_| invalid(None))?;
        let authorization = user.map(basic).transpose().map_err(|()| invalid(None))?;
        Ok(Proxy { variable, host: url.host().to_owned(), port: url.port(), authorization })
    }

    /// `host:port`.
    pub(super) fn address(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }
}

/// Shows host and port only.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.address())
    }
}

/// A proxy is set that cannot be used. Its URL may contain a password, so it is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidProxy {
    /// The environment variable.
    pub variable: &'static str,
    /// The scheme of its URL, if it is one of proxies that are not supported.
    pub scheme: Option<&'static str>,
}

impl fmt::Display for InvalidProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.variable;
        match self.scheme {
            Some(scheme) => write!(
                f,
                "{variable} names a proxy of the scheme {scheme}, which is not supported: \
                 name an http:// proxy, or the host in no_proxy, or unset {variable}"
            ),
            None => write!(f, "{variable} is not a proxy: give it as http://[USER:PASSWORD@]HOST[:PORT], or unset it"),
        }
    }
}

impl std::error::Error for InvalidProxy {}

/// `Basic` authorization with user and password, which are percent-encoded in a URL.
fn basic(user: &str) -> Result<HeaderValue, ()> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut plain = Zeroizing::new(Vec::with_capacity(user.len() + 1));
    percent_decode(name, &mut plain)?;
    plain.push(b':');
    percent_decode(password, &mut plain)?;
    let mut value = HeaderValue::try_from(format!("Basic {}", base64(&plain))).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(value)
}

fn percent_decode(text: &str, out: &mut Vec<u8>) -> Result<(), ()> {
    let mut bytes = text.bytes();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let (high, low) = (digit(bytes.next()).ok_or(())?, digit(bytes.next()).ok_or(())?);
                out.push(u8::try_from(high * 16 + low).map_err(|_| ())?);
            }
            byte => out.push(byte),
        }
    }
    Ok(())
}

/// Base64 of RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |group: u32, shift: u32| char::from(DIGITS[(group >> shift) as usize & 63]);
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let digits = [digit(group, 18), digit(group, 12), digit(group, 6), digit(group, 0)];
        text.extend(digits.into_iter().take(chunk.len() + 1).chain(std::iter::repeat_n('=', 3 - chunk.len())));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies() {
        for (text, address) in [
            ("http://p:3128", "p:3128"),
            ("p:3128", "p:3128"),
            ("HTTP://P.test", "p.test:80"),
            ("http://p:3128/path?x#y", "p:3128"),
            ("http://[::1]:1", "[::1]:1"),
            ("me:hush@p:1", "p:1"),
        ] {
            assert_eq!(Proxy::parse("https_proxy", text).unwrap().address(), address, "{text}");
        }
        for (text, scheme) in [
            ("socks5://me:hush@p:1", Some("socks5")),
            ("SOCKS5H://p:1", Some("socks5h")),
            ("https://me:hush@p", Some("https")),
            ("foo://me:hush@p", None),
            ("not a url", None),
            ("http://", None),
            ("http://p:hush", None),
            ("http://me:hush%zz@p", None),
        ] {
            let error = Proxy::parse("https_proxy", text).unwrap_err();
            assert_eq!((error.variable, error.scheme), ("https_proxy", scheme), "{text}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("https_proxy") && !shown.contains("hush"), "{shown}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_not_shown() {
        for (text, expected) in [
            // printf me:hush | base64
            ("http://me:hush@p:1", "Basic bWU6aHVzaA=="),
            // printf 'a@b:c:d/%' | base64
            ("http://a%40b:c:d%2F%25@p:1", "Basic YUBiOmM6ZC8l"),
            // printf 'me:' | base64
            ("http://me@p:1", "Basic bWU6"),
        ] {
            let proxy = Proxy::parse("http_proxy", text).unwrap();
            assert_eq!(proxy.authorization.as_ref().unwrap(), expected);
            let shown = format!("{proxy:?} {:?}", proxy.authorization);
            assert!(!shown.contains("hush") && !shown.contains("bWU6"), "{shown}");
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn base64_as_in_the_rfc() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }
}
