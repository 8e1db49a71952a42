//! Where the service listens, and what it is called outside.

use super::values;
use crate::config::env::{Env, Shown, Variable};
use crate::config::mistake::Wrong;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Also read before the settings, to find the file.
pub(in crate::config) const CONFIG_PATH: Variable =
    Variable::plain("SWITCHBOARD_CONFIG", "The lines; without this file the built-in line answers.")
        .default("switchboard.toml");
const ENVIRONMENT: Variable =
    Variable::plain("ENVIRONMENT", "development, or production, which insists on secrets and https.")
        .default("development");
const BIND_ADDR: Variable = Variable::plain("BIND_ADDR", "Address and port to listen on.").default("127.0.0.1:8080");
const PUBLIC_URL: Variable = Variable::plain(
    "PUBLIC_URL",
    "The address the carrier was given, exactly: signatures cover it. Default: http:// and BIND_ADDR.",
)
.example("https://phone.example.com");
const TRUSTED_PROXIES: Variable =
    Variable::plain("TRUSTED_PROXIES", "Networks (CIDR, separated by commas) whose X-Forwarded-For names the client.")
        .example("10.0.0.0/8");
const SIGNATURE_CHECK: Variable = Variable::plain(
    "SIGNATURE_CHECK",
    "off lets anybody play the carrier: only in development, only on a loopback address.",
)
.default("on");

pub(super) const VARIABLES: &[Variable] =
    &[CONFIG_PATH, ENVIRONMENT, BIND_ADDR, PUBLIC_URL, TRUSTED_PROXIES, SIGNATURE_CHECK];

/// Which rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Secrets may be missing; what needs them refuses.
    Development,
    /// A missing secret stops the start.
    Production,
}

/// Address, public URL and proxies.
#[derive(Clone, Debug)]
pub struct Server {
    /// `ENVIRONMENT`.
    pub environment: Environment,
    /// `BIND_ADDR`.
    pub bind_addr: SocketAddr,
    /// Whether somebody set `BIND_ADDR`, so that another port would surprise.
    pub bind_addr_given: bool,
    /// `PUBLIC_URL`: scheme, host, port and perhaps a path, no slash at the end.
    pub public_url: String,
    /// Whether somebody set `PUBLIC_URL`; otherwise it follows from the address.
    pub public_url_given: bool,
    /// `TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<IpNet>,
    /// `SIGNATURE_CHECK`; `false` only in development on a loopback address.
    pub signature_check: bool,
}

impl Server {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        env.parsed(&CONFIG_PATH, |_| Ok(()));
        let environment = read_environment(env);
        let bind_addr_given = env.is_set(&BIND_ADDR);
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        let bind_addr = env.parsed(&BIND_ADDR, values::socket).unwrap_or(loopback);
        let given = env.parsed(&PUBLIC_URL, values::web_url);
        let public_url_given = given.is_some();
        require_https(env, given.as_deref());
        let public_url = given.unwrap_or_else(|| derived_url(bind_addr));
        if !env.is_set(&PUBLIC_URL) {
            env.show(&PUBLIC_URL, Shown::Value(public_url.clone()));
        }
        let trusted_proxies = env.parsed(&TRUSTED_PROXIES, networks).unwrap_or_default();
        let signature_check = env.parsed(&SIGNATURE_CHECK, values::switch).unwrap_or(true);
        if !signature_check {
            allow_unsigned(env, bind_addr);
        }
        Self { environment, bind_addr, bind_addr_given, public_url, public_url_given, trusted_proxies, signature_check }
    }

    /// The same server on another address, for `demo`, which takes a free port. A derived public URL follows.
    #[must_use]
    pub fn listening_on(mut self, bind_addr: SocketAddr) -> Self {
        self.bind_addr = bind_addr;
        if !self.public_url_given {
            self.public_url = derived_url(bind_addr);
        }
        self
    }
}

/// Also says which rules hold for what is read after it.
pub(super) fn read_environment(env: &mut Env<'_>) -> Environment {
    let environment = env.parsed(&ENVIRONMENT, environment).unwrap_or(Environment::Development);
    env.production = environment == Environment::Production;
    environment
}

fn environment(text: &str) -> Result<Environment, Wrong> {
    match text {
        "development" => Ok(Environment::Development),
        "production" => Ok(Environment::Production),
        _ => Err(Wrong::new(format!("`{text}` is not an environment"), "write development or production")),
    }
}

/// `http://` and the address; an address that means "all of mine" is written as loopback.
fn derived_url(bind_addr: SocketAddr) -> String {
    let ip = match bind_addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, bind_addr.port()))
}

fn require_https(env: &mut Env<'_>, public_url: Option<&str>) {
    const MEND: &str = "set it to the https address that the carrier was given, like https://phone.example.com";
    env.required_in_production(&PUBLIC_URL, public_url.is_some(), MEND);
    let https = public_url.is_none_or(|url| url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:")));
    if env.production && !https {
        env.mistake(&PUBLIC_URL, "must be https with ENVIRONMENT=production", MEND);
    }
}

fn networks(text: &str) -> Result<Vec<IpNet>, Wrong> {
    text.split([',', ' ']).filter(|part| !part.is_empty()).map(network).collect()
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, Wrong> {
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>().or_else(|_| one()).map_err(|_| {
        Wrong::new(format!("`{text}` is not a network"), "write CIDRs separated by commas, like 10.0.0.0/8, fd00::/8")
    })
}

fn allow_unsigned(env: &mut Env<'_>, bind_addr: SocketAddr) {
    const MEND: &str = "remove SIGNATURE_CHECK, and try calls with `switchboard call`, which signs them";
    if env.production {
        env.mistake(&SIGNATURE_CHECK, "cannot be off with ENVIRONMENT=production", MEND);
    } else if !bind_addr.ip().is_loopback() {
        env.mistake(&SIGNATURE_CHECK, format!("cannot be off on {bind_addr}, which others can reach"), MEND);
    } else {
        env.warning(SIGNATURE_CHECK.name, "IS OFF: every program on this machine can play the carrier", MEND);
    }
}
