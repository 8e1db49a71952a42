//! Overruling the hours of a line by telephone.

use super::values::pin;
use crate::base::Secret;
use crate::config::env::{Env, Variable};

const HOURS_PIN: Variable = Variable::secret(
    "HOURS_PIN",
    "Digits a caller enters to open or close a line; without it, or a list of callers, such a key is not offered.",
);

pub(super) const VARIABLES: &[Variable] = &[HOURS_PIN];

/// Who may overrule the hours of a line by telephone.
#[derive(Clone, Debug)]
pub struct Hours {
    /// `HOURS_PIN`.
    pub pin: Option<Secret>,
}

impl Hours {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self { pin: env.secret(&HOURS_PIN, pin) }
    }
}
