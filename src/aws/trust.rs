//! Which certificate authorities are trusted: the system's, and those of `AWS_CA_BUNDLE`.

use std::path::{Path, PathBuf};

use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_types::base64;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

/// Why a certificate bundle cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file cannot be read.
    #[error("failed to read the certificate bundle {} named by AWS_CA_BUNDLE", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not PEM.
    #[error("the certificate bundle {} named by AWS_CA_BUNDLE is not PEM", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The file holds no certificate that could be trusted.
    #[error("the certificate bundle {} named by AWS_CA_BUNDLE holds no usable certificate", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The system's authorities, and those of `bundle` where one is given.
///
/// The SDK panics on certificates that it cannot parse; they are sorted out here, with a warning.
pub(super) fn trust_store(bundle: Option<&Path>) -> Result<TrustStore, TrustError> {
    let mut store = TrustStore::default();
    let Some(path) = bundle else { return Ok(store) };
    let text = std::fs::read(path).map_err(|source| TrustError::Read { path: path.to_owned(), source })?;
    let certificates = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| TrustError::Pem { path: path.to_owned(), source })?;
    let mut unusable = 0_usize;
    let mut usable = 0_usize;
    for certificate in certificates {
        if RootCertStore::empty().add(certificate.clone()).is_ok() {
            store.add_pem_certificate(to_pem(&certificate));
            usable += 1;
        } else {
            unusable += 1;
        }
    }
    if usable == 0 {
        return Err(TrustError::Empty { path: path.to_owned() });
    }
    if unusable > 0 {
        tracing::warn!(path = %path.display(), unusable, "some certificates of AWS_CA_BUNDLE are ignored");
    }
    Ok(store)
}

fn to_pem(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let body = base64::encode(certificate.as_ref());
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n").into_bytes()
}
