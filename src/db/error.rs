//! What can go wrong, told apart by what to do about it.

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
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let refused = match &error {
            // SQLSTATE classes 22 (data exception), 23 (integrity) and 42 (syntax, unknown name) are about the data.
            sqlx::Error::Database(e) => match e.code().as_deref() {
                Some(code) if code.len() == 5 => {
                    code.starts_with("22") || code.starts_with("23") || code.starts_with("42")
                }
                Some(code) => code.parse().is_ok_and(is_about_the_data),
                None => false,
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => true,
            _ => false,
        };
        if refused { Self::Refused(error.into()) } else { Self::Away(error.into()) }
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
