//! What operators say of hours for a while.

use crate::base::Time;

/// What an operator says of a line for a while, whatever its hours are.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Override {
    /// Id, `ov_…`.
    pub id: String,
    /// Name of the line.
    pub line: String,
    /// Whether the line is open.
    pub open: bool,
    /// Counts from then on.
    pub from: Time,
    /// Ends then, by itself; never: until it is taken back.
    pub until: Option<Time>,
    /// Said to callers instead of the closed greeting; empty: the line's own.
    pub say: String,
}

impl Override {
    /// Whether it counts at `now`.
    #[must_use]
    pub fn counts(&self, now: Time) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}
