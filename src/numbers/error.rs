//! What can go wrong in this room, for whoever asked.

use crate::base::SealError;
use crate::carrier::CarrierError;
use crate::db::DbError;

/// Why a wish is not taken up, or a worker could not go on. The texts hold no unmasked number.
#[derive(Debug, thiserror::Error)]
pub enum NumbersError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The carrier.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// DATA_KEY.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is no account to work with.
    #[error("no carrier account: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")]
    NoCarrier,
    /// A row that this version does not understand.
    #[error("{table}.{column} of {row} cannot be read")]
    BadRow {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Primary key.
        row: String,
    },
    /// The wish makes no sense; says what to write instead.
    #[error("{0}")]
    Unfit(String),
    /// There is no such thing.
    #[error("{0}")]
    Unknown(&'static str),
    /// Not in its present state.
    #[error("{0}")]
    Conflict(String),
}
