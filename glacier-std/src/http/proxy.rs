//! Proxies, as set in the environment.

use std::fmt;
use std::sync::Arc;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::config::BaseUrl;

/// Which proxy is used for which host; none by default.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Matcher>>);

impl Proxies {
    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the same in lower case, with the meaning they have for
    /// curl. A user and password in a proxy's URL are sent to it; they are never shown.
    ///
    /// # Errors
    /// [`InvalidProxy`] for any other value than `http://[USER:PASSWORD@]HOST[:PORT]`.
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, InvalidProxy> {
        let either = |upper: &'static str, lower: &'static str| {
            let found = [upper, lower].into_iter().find_map(|name| Some((name, env(name)?)));
            found.map_or((upper, String::new()), |(name, value)| (name, value.trim().to_owned()))
        };
        let all = either("ALL_PROXY", "all_proxy");
        let https = either("HTTPS_PROXY", "https_proxy");
        // A server's CGI scripts get the request header `Proxy:` as HTTP_PROXY; there only the lower-case name is trusted.
        let http =
            if env("REQUEST_METHOD").is_some() { either("http_proxy", "http_proxy") } else { either("HTTP_PROXY", "http_proxy") };
        for (name, value) in [&all, &https, &http] {
            check(name, value)?;
        }
        if all.1.is_empty() && https.1.is_empty() && http.1.is_empty() {
            return Ok(Proxies(None));
        }
        let no = either("NO_PROXY", "no_proxy").1;
        Ok(Proxies(Some(Arc::new(Matcher::builder().all(all.1).https(https.1).http(http.1).no(no).build()))))
    }

    /// The proxy for `url`, if it has one.
    pub(super) fn find(&self, url: &BaseUrl) -> Option<Proxy> {
        let uri = url.origin().parse::<Uri>().ok()?;
        Proxy::new(&self.0.as_ref()?.intercept(&uri)?)
    }
}

/// Shows whether there are any, not which: URLs of proxies contain passwords.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Proxies").field(&self.0.is_some()).finish()
    }
}

/// The matcher ignores a proxy that it does not support; a user who set one must be told.
fn check(variable: &'static str, value: &str) -> Result<(), InvalidProxy> {
    let probe = Uri::from_static("http://any.invalid");
    let usable = value.is_empty()
        || Matcher::builder().http(value.to_owned()).build().intercept(&probe).is_some_and(|found| Proxy::new(&found).is_some());
    if usable { Ok(()) } else { Err(InvalidProxy { variable }) }
}

/// One proxy.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// `Basic ...`, marked as a secret.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    fn new(found: &Intercept) -> Option<Self> {
        let uri = found.uri();
        if uri.scheme_str() != Some("http") {
            return None;
        }
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
        Some(Proxy { host, port: uri.port_u16().unwrap_or(80), authorization: found.basic_auth().cloned() })
    }
}

/// Shows host and port only.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({}:{})", self.host, self.port)
    }
}

/// A proxy is set that cannot be used. Its URL may contain a password, so it is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidProxy {
    /// The environment variable.
    pub variable: &'static str,
}

impl fmt::Display for InvalidProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.variable;
        write!(
            f,
            "{variable} cannot be used: give it as http://[USER:PASSWORD@]HOST[:PORT] (https and socks proxies are not supported), or unset it"
        )
    }
}

impl std::error::Error for InvalidProxy {}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(env: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies =
            Proxies::from_env(&|name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())).unwrap();
        proxies.find(&BaseUrl::parse(url).unwrap()).map(|proxy| format!("{}:{}", proxy.host, proxy.port))
    }

    #[test]
    fn variables_and_exceptions() {
        let https = "https://glacier.eu-west-1.amazonaws.com";
        assert_eq!(find(&[], https), None);
        assert_eq!(find(&[("HTTPS_PROXY", "http://p:3128")], https).as_deref(), Some("p:3128"));
        assert_eq!(find(&[("https_proxy", "p:3128")], https).as_deref(), Some("p:3128"));
        assert_eq!(find(&[("HTTP_PROXY", "http://p:3128")], https), None);
        assert_eq!(find(&[("HTTP_PROXY", "http://p")], "http://localhost:4566").as_deref(), Some("p:80"));
        assert_eq!(find(&[("ALL_PROXY", "http://[::1]:1")], https).as_deref(), Some("::1:1"));
        for no in ["*", "amazonaws.com", ".amazonaws.com", "x, glacier.eu-west-1.amazonaws.com"] {
            assert_eq!(find(&[("HTTPS_PROXY", "http://p:3128"), ("NO_PROXY", no)], https), None, "{no}");
        }
        assert!(find(&[("HTTPS_PROXY", "http://p:3128"), ("no_proxy", "zonaws.com,127.0.0.0/8")], https).is_some());
        assert_eq!(find(&[("HTTP_PROXY", "http://p"), ("no_proxy", "127.0.0.0/8")], "http://127.0.0.1:4566"), None);
        assert_eq!(find(&[("HTTP_PROXY", "http://p"), ("REQUEST_METHOD", "GET")], "http://h"), None);
    }

    #[test]
    fn an_unsupported_proxy_is_an_error_and_passwords_are_not_shown() {
        for value in ["socks5://p:1", "https://me:hush@p", "not a url", "http://"] {
            let error = Proxies::from_env(&|name| (name == "HTTPS_PROXY").then(|| value.to_owned())).unwrap_err();
            assert_eq!(error.variable, "HTTPS_PROXY", "{value}");
            assert!(!format!("{error} {error:?}").contains("hush"));
        }
        let proxies = Proxies::from_env(&|name| (name == "ALL_PROXY").then(|| "http://me:hush@p:1".to_owned())).unwrap();
        let proxy = proxies.find(&BaseUrl::parse("http://h").unwrap()).unwrap();
        // printf me:hush | base64
        assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic bWU6aHVzaA==");
        let shown = format!("{proxies:?} {proxy:?} {:?}", proxy.authorization);
        assert!(!shown.contains("hush") && !shown.contains("bWU6"), "{shown}");
    }
}
