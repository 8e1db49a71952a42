//! Rows into structs, on both engines.

/// Reads each field from the column of the same name.
macro_rules! from_row {
    ($name:ty { $($field:ident),+ $(,)? }) => {
        $crate::db::from_row!(@engine sqlx::sqlite::SqliteRow, $name { $($field),+ });
        $crate::db::from_row!(@engine sqlx::postgres::PgRow, $name { $($field),+ });
    };
    (@engine $row:ty, $name:ty { $($field:ident),+ }) => {
        impl<'r> sqlx::FromRow<'r, $row> for $name {
            fn from_row(row: &'r $row) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),+ })
            }
        }
    };
}
pub(crate) use from_row;
