//! Which certificates are trusted, and what a failed handshake means.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

use super::error::TlsFault;

/// TLS 1.2 and 1.3, trusting the certificates of `ca_bundle` alone when there is one, else the platform's, else the bundled ones of Mozilla.
pub(super) fn client_config(ca_bundle: Option<&Path>) -> Result<Arc<ClientConfig>, InvalidRoots> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidRoots::new(error.to_string()))?
        .with_root_certificates(roots(ca_bundle)?)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn roots(ca_bundle: Option<&Path>) -> Result<RootCertStore, InvalidRoots> {
    ca_bundle.map_or_else(|| Ok(from_platform()), from_file)
}

fn from_file(path: &Path) -> Result<RootCertStore, InvalidRoots> {
    let invalid = |reason| InvalidRoots { path: Some(path.to_owned()), reason };
    let pem = std::fs::read(path).map_err(|error| invalid(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let certificate = certificate.map_err(|error| invalid(format!("certificate {} is no PEM ({error})", index + 1)))?;
        roots.add(certificate).map_err(|error| invalid(format!("certificate {} cannot be used ({error})", index + 1)))?;
    }
    if roots.is_empty() {
        return Err(invalid("there is no certificate (-----BEGIN CERTIFICATE-----) in it".to_owned()));
    }
    Ok(roots)
}

fn from_platform() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        // A container image without ca-certificates, mostly.
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// What a failed handshake means to a user.
pub(super) fn fault(error: &io::Error) -> TlsFault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(reason)) => match reason {
            CertificateError::UnknownIssuer => TlsFault::UntrustedIssuer,
            CertificateError::NotValidForName => TlsFault::WrongName { names: Vec::new() },
            CertificateError::NotValidForNameContext { presented, .. } => {
                TlsFault::WrongName { names: presented.iter().take(5).cloned().collect() }
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotYetValid,
            other => TlsFault::Other(format!("its certificate is not acceptable: {other}")),
        },
        Some(rustls::Error::InvalidMessage(_)) => TlsFault::NotTls,
        Some(other) => TlsFault::Other(other.to_string()),
        None => TlsFault::Other(error.to_string()),
    }
}

/// The certificates to trust could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRoots {
    path: Option<PathBuf>,
    reason: String,
}

impl InvalidRoots {
    pub(super) fn new(reason: String) -> Self {
        InvalidRoots { path: None, reason }
    }
}

impl fmt::Display for InvalidRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "the CA bundle {} cannot be used: {}", path.display(), self.reason),
            None => write!(f, "TLS is not available: {}", self.reason),
        }
    }
}

impl std::error::Error for InvalidRoots {}

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
    fn a_bad_bundle_is_described() {
        assert!(load("").contains("no certificate"));
        assert!(load("hello\n").contains("no certificate"));
        assert!(load("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n").contains("certificate 1 is no PEM"));
        assert!(
            load("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n").contains("certificate 1 cannot be used")
        );
        let missing = client_config(Some(Path::new("/nowhere/ca.pem"))).unwrap_err().to_string();
        assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
    }

    #[test]
    fn a_bundle_stands_in_place_of_the_platforms_certificates() {
        let certificate = || rcgen::generate_simple_self_signed(vec!["a.test".to_owned()]).unwrap().cert.pem();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, format!("# two\n{}\n{}", certificate(), certificate())).unwrap();
        assert_eq!(roots(Some(&path)).unwrap().len(), 2);
    }

    #[test]
    fn without_a_bundle_something_is_trusted() {
        assert!(!from_platform().is_empty());
        assert!(client_config(None).is_ok());
    }
}
