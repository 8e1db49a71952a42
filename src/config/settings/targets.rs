//! Whom the built-in line dials. The line reads them itself, with `${SALES_TARGET_E164:-…}`; here they are checked.

use super::values;
use crate::base::E164;
use crate::config::env::{Env, Variable};

const SALES: Variable =
    Variable::plain("SALES_TARGET_E164", "Whom key 1 of the built-in line dials.").default("+15875550101");
const SUPPORT: Variable =
    Variable::plain("SUPPORT_TARGET_E164", "Whom key 2 of the built-in line dials.").default("+15875550102");

pub(super) const VARIABLES: &[Variable] = &[SALES, SUPPORT];

/// Targets of the built-in line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// `SALES_TARGET_E164`; `None` only after a mistake.
    pub sales: Option<E164>,
    /// `SUPPORT_TARGET_E164`; `None` only after a mistake.
    pub support: Option<E164>,
}

impl Targets {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self { sales: env.parsed(&SALES, values::number), support: env.parsed(&SUPPORT, values::number) }
    }
}
