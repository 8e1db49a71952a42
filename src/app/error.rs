//! Why the service does not start.

use super::instance::FolderError;
use crate::base::SealError;
use crate::carrier::CarrierError;
use crate::db::DbError;
use crate::paging::AgentError;
use crate::shelf::BucketError;
use std::net::SocketAddr;

/// Why the service does not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The address.
    #[error("cannot listen on {address}: {source}; set BIND_ADDR to another address or port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The database URL.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The carrier's address.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// The bucket of recordings.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// DATA_KEY.
    #[error(transparent)]
    DataKey(#[from] SealError),
    /// The threads that answer.
    #[error("no threads to answer calls with: {0}")]
    Threads(#[source] std::io::Error),
    /// `SIP_BIND_ADDR`.
    #[error(transparent)]
    Sip(#[from] AgentError),
    /// The metrics exporter.
    #[error("metrics: {0}")]
    Metrics(String),
}
