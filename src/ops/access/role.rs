//! How far an operator reaches.

use crate::base::{Problem, ProblemKind};
use serde::Serialize;

/// How far somebody reaches; each role includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees calls and messages with masked numbers, no transcripts, no audio.
    Viewer,
    /// Sees and hears everything of the lines, and may act on it.
    Operator,
    /// May change what others may.
    Admin,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// The word in tokens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// How far they reach.
    pub role: Role,
    /// Their name in events.
    pub subject: String,
}

impl Operator {
    /// Goes on only if the role reaches this far.
    ///
    /// # Errors
    /// 403, with the role that would do.
    pub fn require(&self, least: Role) -> Result<(), Problem> {
        if self.role >= least {
            return Ok(());
        }
        let detail = format!("this needs the role {}; the credentials carry {}", least.as_str(), self.role.as_str());
        Err(Problem::new(ProblemKind::Forbidden, detail))
    }
}
