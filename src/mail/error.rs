//! What can stop a step. What is wrong with one mail stops none: it is written down with it.

use crate::db::DbError;

/// A step that ended early; the next one goes on.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// `MAIL_FROM`, or what stands for it, is no address.
    #[error("mails have no sender: set MAIL_FROM to an address")]
    NoSender,
    /// Audio in base 64: any audio can be.
    #[error("the audio cannot be written into a mail")]
    Encoding,
    /// A letter that cannot be written down.
    #[error("the mail cannot be written: {0}")]
    Letter(#[from] lettre::error::Error),
}
