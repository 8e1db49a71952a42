//! What a twin begins with.

use crate::base::{Clock, Secret};
use crate::simulator::clock::Speed;
use crate::simulator::http::Target;

/// All of it has a default: a free port, an account that follows from the seed, no faults.
#[derive(Clone, Debug, Default)]
pub struct TwinOptions {
    /// On loopback; 0: any free one.
    pub port: u16,
    /// The main account, `AC…`; else one that follows from the seed.
    pub account_sid: Option<String>,
    /// Its token; else one that follows from the seed.
    pub token: Option<Secret>,
    /// API keys of the main account: `SK…` and secret.
    pub api_keys: Vec<(String, Secret)>,
    /// SIDs, tokens and chance follow from it.
    pub seed: u64,
    /// The share of requests that fail by chance, 0 to 1.
    pub faults: f64,
    /// Where dates, and the months on the bill, come from.
    pub clock: Clock,
    /// How fast calls run.
    pub speed: Speed,
    /// Public addresses that are answered elsewhere, as by a proxy or a tunnel. All others are requested as they are.
    pub routes: Vec<Target>,
}
