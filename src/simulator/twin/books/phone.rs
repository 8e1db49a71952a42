//! How somebody behaves who is called.

use crate::simulator::script::{Callee, Script};

/// Somebody's telephone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Whether it is answered.
    pub answers: Callee,
    /// What whoever answers presses and says.
    pub script: Script,
}

impl Default for Phone {
    fn default() -> Self {
        Self { answers: Callee::ANSWERS, script: Script::default() }
    }
}
