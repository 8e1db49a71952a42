//! The protected door: one listener, and a certificate that can be changed while calls go on.

use crate::config::paging::Tls;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Why a certificate cannot be used. Nothing of a key's file is ever said.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// One of the two files.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The two do not go together, or are of a kind that is not known.
    #[error("{path} and its key cannot be used together ({source})")]
    Pair {
        /// The certificate's file.
        path: String,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// The certificate in force.
#[derive(Debug)]
struct Certificate(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What is shown to whoever connects.
#[derive(Clone)]
pub(super) struct Identity {
    certificate: Arc<Certificate>,
    acceptor: TlsAcceptor,
}

impl Identity {
    /// Reads certificate and key.
    pub(super) fn read(tls: &Tls) -> Result<Self, Unusable> {
        let certificate = Arc::new(Certificate(RwLock::new(Arc::new(certified(tls)?))));
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(|source| pair(tls, source))?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Certificate>::clone(&certificate);
        let config = builder.with_no_client_auth().with_cert_resolver(resolver);
        Ok(Self { certificate, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Reads them anew. Whoever is connected stays; if they cannot be read, what was stays.
    pub(super) fn renew(&self, tls: &Tls) -> Result<(), Unusable> {
        let fresh = Arc::new(certified(tls)?);
        *self.certificate.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

/// The listener, with what it shows.
pub(super) struct Protected {
    pub address: SocketAddr,
    listener: TcpListener,
    identity: Identity,
}

impl std::fmt::Debug for Protected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Protected").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Protected {
    pub(super) async fn open(bind: SocketAddr, identity: Identity) -> std::io::Result<Self> {
        let listener = TcpListener::bind(bind).await?;
        Ok(Self { address: listener.local_addr()?, listener, identity })
    }

    pub(super) async fn accept(&self) -> std::io::Result<(TcpStream, SocketAddr)> {
        self.listener.accept().await
    }

    /// Who shakes hands with a connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.identity.acceptor.clone()
    }

    /// The file was read anew, and perhaps the certificate has been renewed.
    pub(super) fn reload(&self, tls: Option<&Tls>) {
        let Some(tls) = tls else {
            return tracing::warn!("[paging.sip] is gone: TLS is answered until the next start");
        };
        if tls.bind_addr.ip() != self.address.ip() || ![0, self.address.port()].contains(&tls.bind_addr.port()) {
            tracing::warn!(address = %self.address, "`tls_bind_addr` has changed: the old address stays until the next start");
        }
        match self.identity.renew(tls) {
            Ok(()) => tracing::info!(path = tls.cert, "the certificate of SIP was read anew"),
            Err(error) => tracing::error!(%error, "the certificate of SIP cannot be used: the old one stays"),
        }
    }
}

fn certified(tls: &Tls) -> Result<CertifiedKey, Unusable> {
    let file = |path: &str| {
        let path = path.to_owned();
        move |error| Unusable::File {
            path,
            why: match error {
                pem::Error::Io(error) => error.to_string(),
                // What else it may say could be a piece of the key.
                _ => "not PEM, or nothing of the kind in it".to_owned(),
            },
        }
    };
    let chain = CertificateDer::pem_file_iter(&tls.cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(file(&tls.cert))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(file(&tls.key))?;
    CertifiedKey::from_der(chain, key, &default_provider()).map_err(|source| pair(tls, source))
}

fn pair(tls: &Tls, source: rustls::Error) -> Unusable {
    Unusable::Pair { path: tls.cert.clone(), source }
}
