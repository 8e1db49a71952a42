//! The snapshot, compiled into lookup tables.

use super::prompts::Prompts;
use super::signers::Subaccounts;
use crate::base::{E164, Secret, Time};
use crate::config::callers::Verdict;
use crate::config::entries::Entries;
use crate::config::hours::{Hours, Override, Rule, Standing};
use crate::config::line::Line;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// All that a decision may know.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Scheme, host and port Twilio was given, no slash at the end: `https://phone.example.com`.
    pub public_url: String,
    /// Tokens that may have signed a webhook, in order of slot (0 = primary).
    pub tokens: Vec<Secret>,
    /// Tokens of sub-accounts: each signs the webhooks of its own account only.
    pub subaccounts: Subaccounts,
    /// The operator's account, if configured.
    pub account_sid: Option<String>,
    /// Key of stream tokens (MAC of call and step). Derived from the tokens, so instances agree.
    pub stream_key: Vec<u8>,
    /// What callers enter who page and are not listed.
    pub pin: Option<Secret>,
    /// What callers enter who open and close a line, and are not listed.
    pub hours_pin: Option<Secret>,
    /// What operators say of their lines for a while, by name of the line.
    pub overrides: HashMap<String, Vec<Override>>,
    /// Callers whom operators put on a list.
    pub entries: Entries,
    /// Calls that must not be recorded any more: consent was taken back by way of an operator.
    pub revoked: HashSet<String>,
    /// Sounds of the lines.
    pub prompts: Prompts,
    lines: Vec<Arc<Line>>,
    by_number: HashMap<E164, Arc<Line>>,
    by_name: HashMap<String, Arc<Line>>,
    default: Option<Arc<Line>>,
}

impl World {
    /// Compiles lines into lookup tables; everything else keeps its default until set.
    #[must_use]
    pub fn new(public_url: impl Into<String>, lines: Vec<Line>) -> Self {
        let lines: Vec<Arc<Line>> = lines.into_iter().map(Arc::new).collect();
        let prompts = Prompts::of(&lines);
        let by_number =
            lines.iter().flat_map(|line| line.numbers.iter().map(|n| (n.clone(), Arc::clone(line)))).collect();
        let by_name = lines.iter().map(|line| (line.name.clone(), Arc::clone(line))).collect();
        let default = lines.iter().find(|line| line.default).cloned();
        let public_url = public_url.into().trim_end_matches('/').to_owned();
        Self { public_url, prompts, lines, by_number, by_name, default, ..Self::default() }
    }

    /// The line of a called number, or the default line.
    #[must_use]
    pub fn line_for(&self, called: &str) -> Option<&Arc<Line>> {
        let listed = E164::parse(called).ok().and_then(|number| self.by_number.get(&number));
        listed.or(self.default.as_ref())
    }

    /// Whether a number leads back to this house.
    #[must_use]
    pub fn is_ours(&self, number: &E164) -> bool {
        self.by_number.contains_key(number)
    }

    /// A line by its name.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<&Arc<Line>> {
        self.by_name.get(name)
    }

    /// What operators say of a line, whether it counts now or not.
    #[must_use]
    pub fn overrides(&self, line: &str) -> &[Override] {
        self.overrides.get(line).map_or(&[], Vec::as_slice)
    }

    /// Whether a line is open at `now`, and which rule says so.
    #[must_use]
    pub fn standing(&self, line: &Line, now: Time) -> Standing {
        let said = self.overrides(&line.name);
        match &line.hours {
            Some(hours) => hours.standing(line.timezone, now, said),
            None if said.iter().any(|said| said.counts(now)) => Hours::always().standing(line.timezone, now, said),
            None => Standing { open: true, rule: Rule::Always, opens: None },
        }
    }

    /// What the lists of a line, and the entries that operators made, say of a caller at `now`, by the carrier's `From` and
    /// `StirVerstat`.
    #[must_use]
    pub fn verdict<'a>(&self, line: &'a Line, (from, verstat): (&str, Option<&str>), now: Time) -> Verdict<'a> {
        line.callers.verdict_with(self.entries.of(&line.name, from, now), (from, verstat))
    }

    /// All lines, in the order of the file.
    #[must_use]
    pub fn lines(&self) -> &[Arc<Line>] {
        &self.lines
    }
}
