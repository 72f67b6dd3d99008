//! What a failed TLS handshake means, in words. The TLS library describes its errors by the names of its types; nothing of that
//! reaches a user.

use std::fmt;
use std::io;

use tokio_rustls::rustls::{self, AlertDescription, CertificateError};

/// What was wrong with a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsErrorKind {
    /// The certificate's issuer is not trusted.
    UntrustedIssuer,
    /// The certificate is for other names.
    WrongName {
        /// The names it is for, at most a few.
        names: Vec<String>,
    },
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is that of an authority, which may not identify a server.
    AuthorityAsServer,
    /// The peer does not speak TLS.
    NotTls,
    /// Anything else, as a sentence.
    Other(String),
}

impl fmt::Display for TlsErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UntrustedIssuer => f.write_str(
                "its certificate is signed by an authority that is not trusted: \
                 if you trust it, give its PEM file with --ca-bundle or AWS_CA_BUNDLE",
            ),
            Self::WrongName { names } if names.is_empty() => f.write_str("its certificate is for another host: check the endpoint URL"),
            Self::WrongName { names } => {
                write!(f, "its certificate is for {}: use such a name in the endpoint URL", names.join(", "))
            }
            Self::Expired => f.write_str("its certificate has expired: renew it, or set this machine's clock"),
            Self::NotYetValid => f.write_str("its certificate is not valid yet: check this machine's clock"),
            Self::AuthorityAsServer => f.write_str(
                "its certificate is that of an authority (CA), which may not identify a server: \
                 make one with CA:FALSE (openssl req -x509 -addext basicConstraints=critical,CA:FALSE), or let the authority sign one",
            ),
            Self::NotTls => f.write_str("the peer does not speak TLS: check whether the endpoint URL should begin with http://"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

/// What a handshake failed for.
pub(super) fn kind(error: &io::Error) -> TlsErrorKind {
    match tls(error) {
        Some(rustls::Error::InvalidCertificate(reason)) => certificate(reason),
        Some(rustls::Error::InvalidMessage(_)) => TlsErrorKind::NotTls,
        Some(other) => TlsErrorKind::Other(in_words(other)),
        None if error.kind() == io::ErrorKind::UnexpectedEof => TlsErrorKind::Other(
            "the peer closed the connection in the middle of the handshake: check host and port of the endpoint URL, or the proxy"
                .to_owned(),
        ),
        None => TlsErrorKind::Other(error.to_string()),
    }
}

/// The error of the TLS library in an error of the connection, in words.
pub(super) fn tls_in_words(error: &io::Error) -> Option<String> {
    tls(error).map(in_words)
}

fn tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn certificate(reason: &CertificateError) -> TlsErrorKind {
    let other = |text: &str| TlsErrorKind::Other(format!("its certificate {text}"));
    match reason {
        CertificateError::UnknownIssuer => TlsErrorKind::UntrustedIssuer,
        CertificateError::NotValidForName => TlsErrorKind::WrongName { names: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => {
            TlsErrorKind::WrongName { names: presented.iter().filter_map(|name| plain_name(name)).take(5).collect() }
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsErrorKind::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsErrorKind::NotYetValid,
        CertificateError::Revoked => other("has been revoked: do not use this host until it has a new one"),
        CertificateError::BadEncoding => other("cannot be read: have it issued again"),
        CertificateError::BadSignature => {
            other("is not signed by the authority that it names: something on the way may have replaced it")
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            other("is signed with an algorithm that is not accepted, such as SHA-1: have it issued again, with SHA-256")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            other("is not for servers: have it issued again, with the extended key usage serverAuth")
        }
        CertificateError::UnhandledCriticalExtension => {
            other("has a critical extension that is not known here: have it issued again, without it")
        }
        reason => match last_name(&format!("{reason:?}")) {
            "CaUsedAsEndEntity" => TlsErrorKind::AuthorityAsServer,
            "EndEntityUsedAsCa" => other("is signed with a certificate that is no authority's: let an authority (CA) sign it"),
            name => other(&format!("is not accepted ({}): have it issued again", words(name))),
        },
    }
}

fn in_words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(reason) => certificate(reason).to_string(),
        rustls::Error::AlertReceived(alert) => alerted(*alert),
        rustls::Error::PeerIncompatible(_) => {
            "the peer supports none of the TLS versions (1.2 and 1.3) and ciphers that are accepted here: update it".to_owned()
        }
        rustls::Error::NoCertificatesPresented => "the peer has no certificate: give it one".to_owned(),
        rustls::Error::NoApplicationProtocol => "the peer does not offer HTTP/1.1 over TLS: check the endpoint URL".to_owned(),
        rustls::Error::DecryptError | rustls::Error::PeerSentOversizedRecord => {
            "the encrypted bytes were changed on the way, or are not TLS: check the network and the proxy".to_owned()
        }
        rustls::Error::InvalidMessage(_)
        | rustls::Error::InappropriateMessage { .. }
        | rustls::Error::InappropriateHandshakeMessage { .. }
        | rustls::Error::PeerMisbehaved(_) => {
            "the peer broke the rules of TLS: check the network and the proxy, and that the port is one of https".to_owned()
        }
        rustls::Error::FailedToGetCurrentTime => "this machine's clock cannot be read: set it".to_owned(),
        rustls::Error::FailedToGetRandomBytes => "this machine gives no random numbers".to_owned(),
        other => format!("TLS failed ({})", words(first_name(&format!("{other:?}")))),
    }
}

fn alerted(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity => {
            "the peer accepts none of the TLS versions (1.2 and 1.3) and ciphers that are offered: update it".to_owned()
        }
        AlertDescription::UnrecognisedName => "the peer serves no host of this name: check the endpoint URL".to_owned(),
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            "the peer requires a client certificate, which is not supported: use an endpoint without".to_owned()
        }
        AlertDescription::NoApplicationProtocol => "the peer does not offer HTTP/1.1 over TLS: check the endpoint URL".to_owned(),
        other => format!("the peer refused the connection (TLS alert {}, {})", u8::from(other), words(&format!("{other:?}"))),
    }
}

/// The name in a `subjectAltName`, which the library writes as `DnsName("x")`; visible ASCII only.
fn plain_name(presented: &str) -> Option<String> {
    let (kind, rest) = presented.split_once('(')?;
    let name = rest.strip_suffix(')')?;
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
    let visible = |c: char| if c.is_ascii_graphic() { c } else { '?' };
    matches!(kind, "DnsName" | "IpAddress").then(|| name.chars().map(visible).collect())
}

/// `Revoked` of `Other(OtherError(Revoked))`.
fn last_name(debug: &str) -> &str {
    first_name(debug.rsplit('(').next().unwrap_or_default())
}

fn first_name(debug: &str) -> &str {
    debug.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

/// `BadCertificate` as `bad certificate`.
fn words(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 8);
    let mut before = 'A';
    for c in name.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push(' ');
        }
        text.push(c.to_ascii_lowercase());
        before = c;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(error: rustls::Error) -> String {
        kind(&io::Error::new(io::ErrorKind::InvalidData, error)).to_string()
    }

    #[test]
    fn every_error_is_a_sentence() {
        use rustls::{Error, PeerIncompatible, PeerMisbehaved};
        let errors = [
            (Error::AlertReceived(AlertDescription::HandshakeFailure), "none of the TLS versions"),
            (Error::AlertReceived(AlertDescription::UnrecognisedName), "no host of this name"),
            (Error::AlertReceived(AlertDescription::CertificateRequired), "client certificate"),
            (Error::AlertReceived(AlertDescription::UnknownCA), "TLS alert 48, unknown ca"),
            (Error::AlertReceived(AlertDescription::BadRecordMac), "TLS alert 20, bad record mac"),
            (Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon), "update it"),
            (Error::PeerMisbehaved(PeerMisbehaved::TooManyEmptyFragments), "broke the rules"),
            (Error::DecryptError, "changed on the way"),
            (Error::BadMaxFragmentSize, "TLS failed (bad max fragment size)"),
            (Error::General("x y".into()), "TLS failed (general)"),
            (CertificateError::Revoked.into(), "revoked"),
            (CertificateError::InvalidPurpose.into(), "serverAuth"),
            (CertificateError::UnknownRevocationStatus.into(), "unknown revocation status"),
        ];
        for (error, part) in errors {
            let debug = format!("{error:?}");
            let shown = shown(error);
            assert!(shown.contains(part), "{debug}: {shown}");
            assert!(!shown.contains('"') && !shown.contains("::") && !shown.contains("Error"), "{debug}: {shown}");
        }
    }

    #[test]
    fn names_of_certificates_are_plain() {
        for (presented, name) in [
            (r#"DnsName("a.test")"#, Some("a.test")),
            ("DnsName(\"a\u{202e}\u{1b}\")", Some("a??")),
            ("IpAddress(127.0.0.1)", Some("127.0.0.1")),
            ("DirectoryName", None),
            (r#"UniformResourceIdentifier("http://x")"#, None),
            ("Unsupported(0x01)", None),
        ] {
            assert_eq!(plain_name(presented).as_deref(), name, "{presented}");
        }
    }
}
