//! Floor 2: one database, two engines.
//!
//! `Db` is an enum over sqlx's native pools, not its `Any` driver: times, booleans and bytes keep their own types
//! and one SQL text with `$N` placeholders serves both. `both!` compiles a body once per engine. Hot tables are
//! written through [`RowStatement`]s on a [`LaneConnection`]; binding and reading are all that knows the engine there.

mod dialect;
mod error;
mod from_row;
mod lane;
mod lease;
mod migrate;
mod pool;
mod problem;
mod rows;

pub use dialect::Listener;
pub use error::{Cause, DbError};
pub(crate) use from_row::from_row;
pub use lane::{LaneConnection, STATEMENT_TIMEOUT};
pub use pool::{Db, Postgres, Sqlite};
pub(crate) use pool::{both, write_tx};
pub use problem::problem;
pub use rows::{Cell, MOST_ROWS, Record, RowGroup, RowStatement, Value};
