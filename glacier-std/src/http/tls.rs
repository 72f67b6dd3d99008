//! The trusted certificates, and what a failed handshake means.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

use super::error::{HttpError, TlsErrorKind};

/// TLS 1.2 and 1.3. Trusts the certificates of `ca_bundle` alone if there is one, else the platform's, else the bundled ones of
/// Mozilla.
pub(super) fn client_config(ca_bundle: Option<&Path>) -> Result<Arc<ClientConfig>, TlsConfigError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsConfigError::new(error.to_string()))?
        .with_root_certificates(roots(ca_bundle)?)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn roots(ca_bundle: Option<&Path>) -> Result<RootCertStore, TlsConfigError> {
    ca_bundle.map_or_else(|| Ok(from_platform()), from_file)
}

fn from_file(path: &Path) -> Result<RootCertStore, TlsConfigError> {
    let invalid = |reason| TlsConfigError { path: Some(path.to_owned()), reason, source: None };
    let unreadable = |error: io::Error| {
        let invalid = invalid(error.to_string());
        TlsConfigError { source: Some(Arc::new(error)), ..invalid }
    };
    let pem = std::fs::read(path).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let certificate = certificate.map_err(|error| invalid(format!("certificate {} is not valid PEM ({error})", index + 1)))?;
        roots.add(certificate).map_err(|error| invalid(format!("certificate {} cannot be used ({error})", index + 1)))?;
    }
    if roots.is_empty() {
        return Err(invalid("it contains no certificate (-----BEGIN CERTIFICATE-----)".to_owned()));
    }
    Ok(roots)
}

fn from_platform() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        // For example in a container image without ca-certificates.
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// The error of a failed handshake with `host`.
pub(super) fn handshake_error(host: &str, reason: io::Error) -> HttpError {
    HttpError::Tls { host: host.to_owned(), kind: kind(&reason), reason }
}

fn kind(error: &io::Error) -> TlsErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(reason)) => match reason {
            CertificateError::UnknownIssuer => TlsErrorKind::UntrustedIssuer,
            CertificateError::NotValidForName => TlsErrorKind::WrongName { names: Vec::new() },
            CertificateError::NotValidForNameContext { presented, .. } => {
                TlsErrorKind::WrongName { names: presented.iter().take(5).cloned().collect() }
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsErrorKind::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsErrorKind::NotYetValid,
            other => TlsErrorKind::Other(format!("its certificate is not accepted: {other}")),
        },
        Some(rustls::Error::InvalidMessage(_)) => TlsErrorKind::NotTls,
        Some(other) => TlsErrorKind::Other(other.to_string()),
        None => TlsErrorKind::Other(error.to_string()),
    }
}

/// The trusted certificates could not be loaded, or the host's name cannot be verified.
#[derive(Clone, Debug)]
pub struct TlsConfigError {
    path: Option<PathBuf>,
    reason: String,
    source: Option<Arc<io::Error>>,
}

impl TlsConfigError {
    pub(super) fn new(reason: String) -> Self {
        TlsConfigError { path: None, reason, source: None }
    }
}

impl fmt::Display for TlsConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "the CA bundle {} cannot be used: {}", path.display(), self.reason),
            None => write!(f, "TLS is not available: {}", self.reason),
        }
    }
}

impl std::error::Error for TlsConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, text).unwrap();
        client_config(Some(&path)).unwrap_err().to_string()
    }

    #[test]
    fn the_error_says_what_is_wrong_with_a_bundle() {
        assert!(load("").contains("no certificate"));
        assert!(load("hello\n").contains("no certificate"));
        assert!(load("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n").contains("certificate 1 is not valid PEM"));
        assert!(
            load("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n").contains("certificate 1 cannot be used")
        );
        let missing = client_config(Some(Path::new("/nowhere/ca.pem"))).unwrap_err().to_string();
        assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
    }

    #[test]
    fn a_bundle_replaces_the_platforms_certificates() {
        let certificate = || rcgen::generate_simple_self_signed(vec!["a.test".to_owned()]).unwrap().cert.pem();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, format!("# two\n{}\n{}", certificate(), certificate())).unwrap();
        assert_eq!(roots(Some(&path)).unwrap().len(), 2);
    }

    #[test]
    fn without_a_bundle_some_certificates_are_trusted() {
        assert!(!from_platform().is_empty());
        assert!(client_config(None).is_ok());
    }
}
