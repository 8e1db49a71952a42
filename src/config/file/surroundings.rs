//! The world around a file: the environment it may ask, and the secrets it may not.

use crate::config::env::Kind;
use crate::config::mistake::Wrong;
use crate::config::settings::SECTIONS;
use crate::config::source::Source;
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Leave to page, as far as the environment gives it.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) enum Leave {
    /// None, and why.
    No(&'static str),
    /// It depends on zones and callers.
    Given {
        /// Where the SIP side listens.
        sip: Option<SocketAddr>,
        /// Whether there is a PIN.
        pin: bool,
    },
}

/// What a file may ask about the world around it.
pub(in crate::config) struct Surroundings<'a> {
    /// Where `${NAME}` is looked up.
    pub(in crate::config) source: &'a dyn Source,
    /// Variables already found wrong; texts that use them are not complained about again.
    pub(in crate::config) broken: BTreeSet<String>,
    /// Whether `page` keys may be offered.
    pub(in crate::config) paging: Leave,
    /// Whether there is a PIN for keys that overrule the hours.
    pub(in crate::config) hours_pin: bool,
    /// Whether the keys of a bucket are set.
    pub(in crate::config) s3_keys: bool,
    /// Whether numbers may come later, as they do to a line that is stored before its number is bought.
    pub(in crate::config) numbers_later: bool,
}

impl Surroundings<'_> {
    /// The value of `${NAME}`. Secrets stay where they are: texts of the file are spoken, stored and printed.
    pub(super) fn lookup(&self, name: &str) -> Result<Option<String>, Wrong> {
        let secret = SECTIONS.iter().flat_map(|section| section.variables).any(|variable| {
            variable.kind != Kind::Plain && name.strip_suffix("_FILE").unwrap_or(name) == variable.name
        });
        if secret || looks_secret(name) {
            let mend = "take it out: texts of this file are spoken, stored and printed";
            return Err(Wrong::new(format!("{name} is a secret"), mend));
        }
        Ok(self.source.var(name).filter(|value| !value.trim().is_empty()))
    }
}

/// Whether a name is one that people give to secrets.
pub(super) fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    ["token", "secret", "password", "passwd", "api_key", "apikey", "private_key", "credential"]
        .iter()
        .any(|word| name.contains(word))
        || name.split('_').any(|part| part == "pin")
}
