//! What can go wrong, told apart by what to do about it.

/// A failed statement or connection.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database did not answer, or answered that it cannot now: trying again later may help.
    #[error("the database is away: {0}")]
    Away(#[source] sqlx::Error),
    /// The database refused these data: trying again will not help.
    #[error("the database refused a statement: {0}")]
    Refused(#[source] sqlx::Error),
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
                // SQLite's primary codes: 1 error, 18 too big, 19 constraint, 20 mismatch, 25 range.
                Some(code) => code.parse::<i32>().is_ok_and(|n| matches!(n & 0xff, 1 | 18 | 19 | 20 | 25)),
                None => false,
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => true,
            _ => false,
        };
        if refused { Self::Refused(error) } else { Self::Away(error) }
    }
}
