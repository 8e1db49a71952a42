//! Who may have signed a webhook.

use crate::base::Secret;
use std::collections::HashMap;

/// Which token signs for which sub-account.
#[derive(Clone, Debug, Default)]
pub struct Subaccounts(HashMap<String, Signers>);

/// Tokens that may have signed a webhook.
#[derive(Clone, Debug, Default)]
pub struct Signers {
    /// In order of trial.
    pub tokens: Vec<Secret>,
    /// How many of them, from the first, are the sub-account's own; the rest are the operator's.
    pub own: usize,
}

impl Subaccounts {
    /// Takes the token of each sub-account. The operator's `tokens` are accepted for its webhooks too: whoever holds
    /// them may act for every sub-account at the carrier as well.
    #[must_use]
    pub fn new(own: impl IntoIterator<Item = (String, Secret)>, tokens: &[Secret]) -> Self {
        let signers = own.into_iter().map(|(sid, token)| {
            let tokens = std::iter::once(token).chain(tokens.iter().cloned()).collect();
            (sid, Signers { tokens, own: 1 })
        });
        Self(signers.collect())
    }

    /// Who may have signed a webhook that names this account; `None`: the operator's tokens only. The name is part of
    /// what is signed, so a tenant cannot sign for anybody else.
    #[must_use]
    pub fn signers(&self, account: Option<&str>) -> Option<&Signers> {
        self.0.get(account?)
    }
}
