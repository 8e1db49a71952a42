//! Leave to record.

/// Proof that a consent row exists, or commits together with the answer. Every verb that captures a caller's
/// voice asks for one, and only the ledger hands them out (`clippy.toml` bans the constructor everywhere else),
/// so a recording verb without its row does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    _private: (),
}

impl Permit {
    /// For the ledger, when it takes the consent row into a unit.
    #[must_use]
    pub const fn minted_by_the_ledger() -> Self {
        Self { _private: () }
    }
}
