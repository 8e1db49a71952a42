//! What agents and we both know.

use crate::base::Secret;
use crate::config::env::{Env, Variable};
use crate::config::mistake::Wrong;
use std::collections::BTreeMap;

const SECRET: Variable = Variable::secret(
    "AGENT_SECRET",
    "Sent to agents of kind websocket as a bearer's token; keys that begin with whsec_ sign instead (docs/AGENT_PROTOCOL.md). \
     A line's own: AGENT_SECRET_BAKERY, say, or AGENT_SECRET_BAKERY_FILE, named by secret_env in [lines.agent].",
);

/// What names of secrets of single lines begin with.
pub(in crate::config) const SECRETS: &str = "AGENT_SECRET_";

pub(super) const VARIABLES: &[Variable] = &[SECRET];

/// What agents and we both know.
#[derive(Clone, Debug)]
pub struct Agents {
    /// `AGENT_SECRET`.
    pub secret: Option<Secret>,
    /// `AGENT_SECRET_…`, by the whole name.
    pub named: BTreeMap<String, Secret>,
}

impl Agents {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self { secret: env.secret(&SECRET, printable), named: env.secrets(SECRETS, printable) }
    }
}

/// It travels in a header.
fn printable(text: &str) -> Result<(), Wrong> {
    if text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        Ok(())
    } else {
        Err(Wrong::new("holds characters that no header carries", "write letters, digits and signs"))
    }
}
