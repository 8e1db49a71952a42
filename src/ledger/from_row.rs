//! Rows by the names of their columns, for both engines.

/// Reads each field from the column of the same name.
macro_rules! from_row {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        $crate::ledger::from_row::from_row!(@engine sqlx::sqlite::SqliteRow, $name { $($field),+ });
        $crate::ledger::from_row::from_row!(@engine sqlx::postgres::PgRow, $name { $($field),+ });
    };
    (@engine $row:ty, $name:ident { $($field:ident),+ }) => {
        impl<'r> sqlx::FromRow<'r, $row> for $name {
            fn from_row(row: &'r $row) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),+ })
            }
        }
    };
}

pub(super) use from_row;
