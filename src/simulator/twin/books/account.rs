//! Accounts: ours and its sub-accounts.

use crate::base::{Secret, Time};

/// An account and its token.
#[derive(Clone, Debug)]
pub struct TwinAccount {
    /// `AC…`
    pub sid: String,
    /// SID of the parent; of the main account its own.
    pub owner_sid: String,
    /// For people.
    pub friendly_name: String,
    /// `active`, `suspended` or `closed`.
    pub status: &'static str,
    /// Signs its webhooks and opens its resources.
    pub token: Secret,
    /// Also opens its resources; signs nothing until it is promoted.
    pub secondary: Option<Secret>,
    /// When it was opened.
    pub created: Time,
    /// When it was last changed.
    pub updated: Time,
}

impl TwinAccount {
    /// Whether it may be used.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether `password` opens it.
    pub(crate) fn is_opened_by(&self, password: &str) -> bool {
        let opens = |token: &Secret| crate::base::same(token.expose().as_bytes(), password.as_bytes());
        opens(&self.token) | self.secondary.as_ref().is_some_and(opens)
    }
}
