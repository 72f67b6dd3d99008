//! The trusted certificates.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use crate::bounded_file;

/// The maximum size of a CA bundle: 8 MiB, forty times that of all authorities that browsers trust.
const LIMIT: u64 = 8 << 20;

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
    let pem = bounded_file::read(path, LIMIT).map_err(|error| {
        let invalid = invalid(error.to_string());
        TlsConfigError { source: error.into_system().map(Arc::new), ..invalid }
    })?;
    if bounded_file::is_utf16(&pem) {
        return Err(invalid(bounded_file::UTF16.to_owned()));
    }
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let number = index + 1;
        let certificate = certificate.map_err(|_| {
            invalid(format!("certificate {number} is not valid PEM: copy it again, from -----BEGIN to -----END CERTIFICATE-----"))
        })?;
        roots.add(certificate).map_err(|_| {
            invalid(format!("certificate {number} cannot be used, as it is not an authority's certificate of X.509: remove it"))
        })?;
    }
    if roots.is_empty() {
        return Err(invalid("it contains no certificate in PEM form (-----BEGIN CERTIFICATE-----)".to_owned()));
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
        assert!(load("\u{feff}hello\n").contains("no certificate"));
        assert!(load("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n").contains("certificate 1 is not valid PEM"));
        assert!(
            load("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n").contains("certificate 1 cannot be used")
        );
        let missing = client_config(Some(Path::new("/nowhere/ca.pem"))).unwrap_err().to_string();
        assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, b"\xFF\xFE-\0-\0").unwrap();
        assert!(client_config(Some(&path)).unwrap_err().to_string().contains("UTF-16"));
        assert!(client_config(Some(folder.path())).unwrap_err().to_string().contains("directory"));
    }

    #[cfg(unix)]
    #[test]
    fn a_bundle_is_bounded() {
        let shown = client_config(Some(Path::new("/dev/zero"))).unwrap_err().to_string();
        assert!(shown.contains("/dev/zero") && shown.contains("8192 KiB"), "{shown}");
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
