//! Who may use the operators' side.

use super::values;
use crate::base::Secret;
use crate::config::env::{Env, Variable};
use crate::config::mistake::{Mistake, Warning, Wrong};
use crate::config::settings::server;
use crate::config::source::Source;

const ADMIN_TOKEN: Variable = Variable::secret(
    "ADMIN_TOKEN",
    "Bearer token of the operators' side; required in production, 24 characters at least.",
);
const JWT_SECRET: Variable = Variable::secret(
    "JWT_SECRET",
    "Signs the tokens that `switchboard token` mints; required in production, 32 characters or more.",
);
const METRICS_PUBLIC: Variable =
    Variable::plain("METRICS_PUBLIC", "on opens /metrics to everybody who can reach it.").default("off");

pub(super) const VARIABLES: &[Variable] = &[ADMIN_TOKEN, JWT_SECRET, METRICS_PUBLIC];

/// Shorter ones can be guessed.
const ADMIN_TOKEN_CHARACTERS: usize = 24;
/// What HS256 asks for (RFC 7518, 3.2).
const JWT_SECRET_CHARACTERS: usize = 32;
const HOW_TO_MAKE_ONE: &str = "set it to a random text, like the output of `openssl rand -hex 32`";

/// Secrets of the operators' side. Without either of them it answers 401.
#[derive(Clone, Debug)]
pub struct Auth {
    /// `ADMIN_TOKEN`.
    pub admin_token: Option<Secret>,
    /// `JWT_SECRET`.
    pub jwt_secret: Option<Secret>,
    /// `METRICS_PUBLIC`.
    pub metrics_public: bool,
}

impl Auth {
    /// JWT_SECRET alone, and what is worth saying about it, whatever else is set or missing: minting a token needs
    /// no telephone.
    ///
    /// # Errors
    /// Every mistake in it, by the same rules as those of the service.
    pub fn signing_secret(source: &dyn Source) -> Result<(Option<Secret>, Vec<Warning>), Vec<Mistake>> {
        let mut env = Env::new(source);
        server::read_environment(&mut env);
        let secret = read_signing_secret(&mut env);
        let (findings, _) = env.finish();
        if findings.mistakes.is_empty() { Ok((secret, findings.warnings)) } else { Err(findings.mistakes) }
    }

    pub(super) fn read(env: &mut Env<'_>) -> Self {
        let production = env.production;
        let admin_token = env.secret(&ADMIN_TOKEN, |text| admin_token(text, production));
        let jwt_secret = read_signing_secret(env);
        env.required_in_production(&ADMIN_TOKEN, admin_token.is_some(), HOW_TO_MAKE_ONE);
        env.required_in_production(&JWT_SECRET, jwt_secret.is_some(), HOW_TO_MAKE_ONE);
        warn(env, admin_token.as_ref(), jwt_secret.as_ref());
        let metrics_public = env.parsed(&METRICS_PUBLIC, values::switch).unwrap_or(false);
        Self { admin_token, jwt_secret, metrics_public }
    }
}

fn read_signing_secret(env: &mut Env<'_>) -> Option<Secret> {
    let production = env.production;
    let short = |text: &str| text.chars().count() < JWT_SECRET_CHARACTERS;
    let what = || format!("is shorter than {JWT_SECRET_CHARACTERS} characters");
    let secret = env.secret(&JWT_SECRET, |text| {
        if production && short(text) { Err(Wrong::new(what(), HOW_TO_MAKE_ONE)) } else { Ok(()) }
    })?;
    if short(secret.expose()) {
        env.warning(JWT_SECRET.name, format!("{}, which production refuses", what()), HOW_TO_MAKE_ONE);
    }
    Some(secret)
}

fn admin_token(text: &str, production: bool) -> Result<(), Wrong> {
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Wrong::new("holds characters that an Authorization header cannot carry", HOW_TO_MAKE_ONE));
    }
    if production && text.len() < ADMIN_TOKEN_CHARACTERS {
        let what = format!("is shorter than {ADMIN_TOKEN_CHARACTERS} characters");
        return Err(Wrong::new(what, HOW_TO_MAKE_ONE));
    }
    Ok(())
}

fn warn(env: &mut Env<'_>, admin_token: Option<&Secret>, jwt_secret: Option<&Secret>) {
    match (admin_token, jwt_secret) {
        (Some(admin), Some(jwt)) if admin.expose() == jwt.expose() => {
            env.warning(
                JWT_SECRET.name,
                "is the same as ADMIN_TOKEN, so every operator can mint tokens",
                HOW_TO_MAKE_ONE,
            );
        }
        (None, None) if !env.production => {
            env.note(
                ADMIN_TOKEN.name,
                "is not set, nor is JWT_SECRET: the operators' side answers 401",
                HOW_TO_MAKE_ONE,
            );
        }
        _ => {}
    }
}
