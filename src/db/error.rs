//! What can go wrong, told apart by what to do about it.

use std::path::PathBuf;

/// The driver's own error: sqlx's, or rusqlite's on SQLite's lane.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failed statement or connection.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database did not answer, or answered that it cannot now: trying again later may help.
    #[error("the database is away: {0}")]
    Away(#[source] Cause),
    /// The database refused these data: trying again will not help.
    #[error("the database refused a statement: {0}")]
    Refused(#[source] Cause),
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// `DATABASE_URL` cannot be read; it is not shown because it may hold a password.
    #[error("DATABASE_URL is not a sqlite:// or postgres:// URL: {0}")]
    Url(String),
    /// The folder of SQLite's file cannot be made.
    #[error("cannot make the folder {}: {source}; set DATABASE_URL to a file in a folder that this user may write", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        if is_refusal(&error) { Self::Refused(error.into()) } else { Self::Away(error.into()) }
    }
}

/// Whether it is about the statement or its data, and not about the connection or the moment.
pub(super) fn is_refusal(error: &sqlx::Error) -> bool {
    match error {
        // SQLSTATE classes 22 (data exception), 23 (integrity) and 42 (syntax, unknown name) are about the data.
        sqlx::Error::Database(e) => match e.code().as_deref() {
            Some(code) if code.len() == 5 => code.starts_with("22") || code.starts_with("23") || code.starts_with("42"),
            Some(code) => code.parse().is_ok_and(is_about_the_data),
            None => false,
        },
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => true,
        _ => false,
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        let refused = error.sqlite_error().is_none_or(|code| is_about_the_data(code.extended_code));
        if refused { Self::Refused(error.into()) } else { Self::Away(error.into()) }
    }
}

/// SQLite's primary codes: 1 error, 18 too big, 19 constraint, 20 mismatch, 25 range.
const fn is_about_the_data(code: i32) -> bool {
    matches!(code & 0xff, 1 | 18 | 19 | 20 | 25)
}
