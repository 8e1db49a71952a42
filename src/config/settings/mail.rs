//! Outgoing mail.

use crate::base::Secret;
use crate::config::env::{Env, Variable};
use crate::config::mistake::Wrong;

const SMTP_URL: Variable = Variable::secret("SMTP_URL", "Mail server for alerts and voicemail notices.")
    .example("smtps://mail.example.com")
    .later();

pub(super) const VARIABLES: &[Variable] = &[SMTP_URL];

/// Outgoing mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// `SMTP_URL`; holds a password.
    pub smtp_url: Option<Secret>,
}

impl Mail {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self { smtp_url: env.secret(&SMTP_URL, smtp) }
    }
}

fn smtp(text: &str) -> Result<(), Wrong> {
    if text.starts_with("smtp://") || text.starts_with("smtps://") {
        Ok(())
    } else {
        Err(Wrong::new("is not the URL of a mail server", "write smtps://USER:PASSWORD@HOST"))
    }
}
