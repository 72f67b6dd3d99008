//! Proxies, as set in the environment.

use std::fmt;
use std::sync::Arc;

use super::no_proxy::NoProxy;
use super::proxy_url::{InvalidProxy, Proxy};
use crate::config::BaseUrl;

/// Which proxy is used for which host; none by default.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Found>>);

struct Found {
    https: Setting,
    http: Setting,
    no: NoProxy,
}

/// A proxy that cannot be used is an error only for what would be sent through it.
type Setting = Option<Result<Proxy, InvalidProxy>>;

impl Proxies {
    /// Reads the variables `https_proxy`, `HTTPS_PROXY`, `http_proxy`, `all_proxy`, `ALL_PROXY`, `no_proxy` and `NO_PROXY`, with the
    /// meaning they have for curl: an empty one counts as unset, lower case comes before upper case, the proxy of a scheme before that
    /// of all, and `HTTP_PROXY` is not read, as a server's CGI scripts get the request header `Proxy:` there. A user and password in
    /// a proxy's URL are sent to it; they are never shown.
    #[must_use]
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| env(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let first = |names: &[&'static str]| -> Setting { names.iter().find_map(|name| Some(Proxy::parse(name, &value(name)?))) };
        let https = first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]);
        let http = first(&["http_proxy", "all_proxy", "ALL_PROXY"]);
        if https.is_none() && http.is_none() {
            return Proxies(None);
        }
        // A list with blanks around a lone star is none for curl.
        let list = |name: &str| env(name).filter(|list| !list.is_empty());
        let no = NoProxy::parse(&list("no_proxy").or_else(|| list("NO_PROXY")).unwrap_or_default());
        Proxies(Some(Arc::new(Found { https, http, no })))
    }

    /// The proxy for `url`, if it has one.
    pub(super) fn find(&self, url: &BaseUrl) -> Result<Option<Proxy>, InvalidProxy> {
        let Some(found) = &self.0 else { return Ok(None) };
        let setting = if url.is_tls() { &found.https } else { &found.http };
        match setting {
            Some(proxy) if !found.no.contains(url.host()) => proxy.clone().map(Some),
            _ => Ok(None),
        }
    }
}

/// Shows whether there are any, not which: URLs of proxies contain passwords.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Proxies").field(&self.0.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTPS: &str = "https://glacier.eu-west-1.amazonaws.com";
    const HTTP: &str = "http://glacier.test";

    fn find(env: &[(&str, &str)], url: &str) -> Result<Option<String>, InvalidProxy> {
        let env = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let proxy = Proxies::from_env(&env).find(&BaseUrl::parse(url).unwrap())?;
        Ok(proxy.map(|proxy| format!("{}={}", proxy.variable, proxy.address())))
    }

    /// Recorded from curl 7.88.1 with a listener for each proxy; `None` is a direct connection.
    #[test]
    fn variables_are_read_as_curl_reads_them() {
        let (a, b) = ("http://a:1", "http://b:1");
        // The environment, the URL, and the variable and address of its proxy.
        type Case<'c> = (&'c [(&'c str, &'c str)], &'c str, Option<&'c str>);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            (&[], HTTPS, None),
            (&[("HTTPS_PROXY", ""), ("https_proxy", a)], HTTPS, Some("https_proxy=a:1")),
            (&[("HTTPS_PROXY", a), ("https_proxy", "")], HTTPS, Some("HTTPS_PROXY=a:1")),
            (&[("HTTPS_PROXY", a), ("https_proxy", b)], HTTPS, Some("https_proxy=b:1")),
            (&[("HTTPS_PROXY", a)], HTTPS, Some("HTTPS_PROXY=a:1")),
            (&[("https_proxy", "a:1")], HTTPS, Some("https_proxy=a:1")),
            (&[("HTTP_PROXY", a)], HTTP, None),
            (&[("http_proxy", a)], HTTP, Some("http_proxy=a:1")),
            (&[("HTTP_PROXY", a), ("http_proxy", b)], HTTP, Some("http_proxy=b:1")),
            (&[("HTTP_PROXY", a), ("all_proxy", b)], HTTP, Some("all_proxy=b:1")),
            (&[("http_proxy", a)], HTTPS, None),
            (&[("https_proxy", a)], HTTP, None),
            (&[("all_proxy", a)], HTTP, Some("all_proxy=a:1")),
            (&[("ALL_PROXY", a)], HTTPS, Some("ALL_PROXY=a:1")),
            (&[("ALL_PROXY", a), ("all_proxy", b)], HTTPS, Some("all_proxy=b:1")),
            (&[("ALL_PROXY", a), ("all_proxy", "")], HTTPS, Some("ALL_PROXY=a:1")),
            (&[("all_proxy", "socks5://a:1"), ("https_proxy", b)], HTTPS, Some("https_proxy=b:1")),
            (&[("all_proxy", a), ("https_proxy", b)], HTTPS, Some("https_proxy=b:1")),
            (&[("all_proxy", a), ("HTTPS_PROXY", b)], HTTPS, Some("HTTPS_PROXY=b:1")),
            (&[("https_proxy", "HTTP://a:1")], HTTPS, Some("https_proxy=a:1")),
            (&[("https_proxy", "http://a:1/")], HTTPS, Some("https_proxy=a:1")),
            (&[("https_proxy", "http://a:1/path?x")], HTTPS, Some("https_proxy=a:1")),
            (&[("https_proxy", a), ("no_proxy", ""), ("NO_PROXY", "*")], HTTPS, None),
            (&[("https_proxy", a), ("no_proxy", "x"), ("NO_PROXY", "*")], HTTPS, Some("https_proxy=a:1")),
            (&[("https_proxy", a), ("NO_PROXY", "*")], "https://127.0.0.1:4566", None),
            (&[("https_proxy", a), ("no_proxy", "amazonaws.com.")], "https://glacier.eu-west-1.amazonaws.com.", None),
        ];
        for (env, url, expected) in cases {
            assert_eq!(find(env, url).unwrap().as_deref(), *expected, "{env:?} {url}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_where_it_would_be_used() {
        let socks = [("all_proxy", "socks5://p:1"), ("http_proxy", "http://p:2"), ("no_proxy", "localhost")];
        assert_eq!(find(&socks, HTTPS), Err(InvalidProxy { variable: "all_proxy", scheme: Some("socks5") }));
        assert_eq!(find(&socks, HTTP).unwrap().as_deref(), Some("http_proxy=p:2"));
        assert_eq!(find(&socks, "https://localhost").unwrap(), None);
        assert_eq!(find(&[("https_proxy", "not a url")], HTTPS), Err(InvalidProxy { variable: "https_proxy", scheme: None }));
    }

    #[test]
    fn passwords_are_not_shown() {
        let proxies = Proxies::from_env(&|name| (name == "ALL_PROXY").then(|| "http://me:hush@p:1".to_owned()));
        assert_eq!(format!("{proxies:?}"), "Proxies(true)");
        assert_eq!(format!("{:?}", Proxies::default()), "Proxies(false)");
    }
}
