//! All sections together.

use super::{Agents, Auth, Carrier, Hours, Log, Mail, Paging, Server, Speech, Storage, Targets};
use super::{agents, auth, carrier, hours, log, mail, paging, server, speech, storage, targets};
use crate::config::env::{Env, Variable};

/// What the environment says, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address, public URL, proxies, environment.
    pub server: Server,
    /// Database and data folder.
    pub storage: Storage,
    /// Twilio, or a carrier that speaks its dialect.
    pub carrier: Carrier,
    /// Who may use the operators' side.
    pub auth: Auth,
    /// Logs and traces.
    pub log: Log,
    /// SIP, RTP and the PIN of paging.
    pub paging: Paging,
    /// Who may overrule hours by telephone.
    pub hours: Hours,
    /// Keys of speech engines.
    pub speech: Speech,
    /// What agents and we both know.
    pub agents: Agents,
    /// Outgoing mail.
    pub mail: Mail,
    /// Whom the built-in line dials.
    pub targets: Targets,
}

/// The variables of one section.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// In the order of `.env.example`.
    pub variables: &'static [Variable],
}

/// Every variable there is.
pub const SECTIONS: &[Section] = &[
    Section { title: "Server", variables: server::VARIABLES },
    Section { title: "Storage", variables: storage::VARIABLES },
    Section { title: "Carrier", variables: carrier::VARIABLES },
    Section { title: "Operators", variables: auth::VARIABLES },
    Section { title: "Logs", variables: log::VARIABLES },
    Section { title: "The built-in line", variables: targets::VARIABLES },
    Section { title: "Paging", variables: paging::VARIABLES },
    Section { title: "Hours", variables: hours::VARIABLES },
    Section { title: "Speech", variables: speech::VARIABLES },
    Section { title: "Agents", variables: agents::VARIABLES },
    Section { title: "Mail", variables: mail::VARIABLES },
];

impl Settings {
    /// Reads all sections; mistakes, warnings and notes are left in `env`.
    pub(in crate::config) fn read(env: &mut Env<'_>) -> Self {
        Self {
            server: Server::read(env),
            storage: Storage::read(env),
            carrier: Carrier::read(env),
            auth: Auth::read(env),
            log: Log::read(env),
            targets: Targets::read(env),
            paging: Paging::read(env),
            hours: Hours::read(env),
            speech: Speech::read(env),
            agents: Agents::read(env),
            mail: Mail::read(env),
        }
    }
}
