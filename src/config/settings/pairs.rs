//! Settings that are legal alone and harmful together.

use super::{Engine, Environment, Settings, values};
use crate::config::env::Env;

pub(in crate::config) fn warn_of_pairs(settings: &Settings, env: &mut Env<'_>) {
    reach(settings, env);
    signatures(settings, env);
    proxies(settings, env);
    storage(settings, env);
    let api = &settings.carrier.api_base_url;
    if api.starts_with("http:") && !values::is_loopback(api) {
        env.warning("TWILIO_API_BASE_URL", "is plain http: the auth token travels in clear", "use https");
    }
}

/// A door open to others, and what stands behind it.
fn reach(settings: &Settings, env: &mut Env<'_>) {
    let server = &settings.server;
    if server.bind_addr.ip().is_loopback() {
        return;
    }
    if !server.public_url_given {
        env.warning(
            "PUBLIC_URL",
            format!("is not set while BIND_ADDR is open: signatures are checked against {}", server.public_url),
            "set it to the address that the carrier was given",
        );
    } else if server.public_url.starts_with("http:") && !values::is_loopback(&server.public_url) {
        env.warning("PUBLIC_URL", "is plain http: callers' numbers and words travel in clear", "use https");
    }
    if settings.auth.metrics_public {
        env.warning(
            "METRICS_PUBLIC",
            format!("opens /metrics to everybody who can reach {}", server.bind_addr),
            "leave it off and let Prometheus send a viewer's token, or listen on a private address",
        );
    }
}

/// Signatures are checked, and there is nothing to check them with.
fn signatures(settings: &Settings, env: &mut Env<'_>) {
    if settings.server.signature_check && settings.carrier.tokens.is_empty() && !env.production {
        env.note(
            "TWILIO_AUTH_TOKEN",
            "is not set: every webhook is refused",
            "set it to the account's auth token, or to any text to try calls with `switchboard call`",
        );
    }
}

fn proxies(settings: &Settings, env: &mut Env<'_>) {
    if let Some(all) = settings.server.trusted_proxies.iter().find(|network| network.prefix_len() == 0) {
        env.warning(
            "TRUSTED_PROXIES",
            format!("{all} trusts everybody's X-Forwarded-For, so clients choose their own address"),
            "name the proxy's network",
        );
    }
}

fn storage(settings: &Settings, env: &mut Env<'_>) {
    let database = &settings.storage.database;
    if database.engine() != Engine::Sqlite || settings.server.environment != Environment::Production {
        return;
    }
    if database.is_fleeting() {
        env.warning("DATABASE_URL", "keeps everything in memory: a restart forgets all calls", "name a file");
    } else {
        env.note(
            "DATABASE_URL",
            "is SQLite, which serves one instance",
            "use postgres:// before you start a second one",
        );
    }
}
