//! What can stop a step. What is wrong with one recording stops none: it is written down with it.

use crate::carrier::CarrierError;
use crate::db::DbError;
use crate::shelf::ShelfError;

/// A step that ended early; the next one goes on.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Our own storage.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The carrier.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
}
