//! Who may speak to us, and who may page. Whoever is on this machine may, unless the file says who else they are; others are
//! callers of the file: by their network, by a password, or by both.

use super::pages::Admitted;
use crate::config::paging::{Caller, Paging};
use crate::sip::digest::{Account, Credentials, Guard, Lockout, Proof};
use crate::sip::{Answer, Request};
use metrics::Counter;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

/// The door's book.
#[derive(Debug)]
pub(super) struct Access {
    callers: Vec<Arc<Caller>>,
    guard: Guard,
    lockout: Lockout,
    locked: Counter,
}

/// Whose words are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Somebody on this machine, or of a network that the file names.
    Named,
    /// Somebody who may know a password.
    Anybody,
    /// Nobody knows him.
    Stranger,
}

/// Who is let in, and by which user.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub admitted: Admitted,
    pub user: Option<String>,
}

impl Access {
    pub(super) fn new(paging: &Paging, guard: Guard, locked: Counter) -> Self {
        let by_sip = |caller: &&Arc<Caller>| !caller.networks.is_empty() || caller.user.is_some();
        let callers = paging.callers.iter().filter(by_sip).cloned().collect();
        Self { callers, guard, lockout: Lockout::default(), locked }
    }

    /// Whether anything from there is read at all.
    pub(super) fn hears(&self, ip: IpAddr) -> Heard {
        let ip = ip.to_canonical();
        let mut candidates = self.callers.iter().filter(|caller| may_be(caller, ip));
        match candidates.next() {
            _ if ip.is_loopback() => Heard::Named,
            None => Heard::Stranger,
            Some(first) if std::iter::once(first).chain(candidates).any(|one| !one.networks.is_empty()) => Heard::Named,
            Some(_) => Heard::Anybody,
        }
    }

    /// Who this is.
    ///
    /// # Errors
    /// What the caller is answered.
    pub(super) fn admit(&mut self, request: &Request, now: Instant) -> Result<Entry, Answer> {
        let ip = request.source.ip().to_canonical();
        let candidates: Vec<Arc<Caller>> = self.callers.iter().filter(|caller| may_be(caller, ip)).cloned().collect();
        let named = candidates.iter().any(|caller| !caller.networks.is_empty());
        let without = |caller: &&Arc<Caller>| caller.user.is_none();
        let entry = |admitted| Entry { admitted, user: None };
        let credentials = request.header("authorization");
        // A password counts where one is shown; then the network; then this machine.
        if credentials.is_none()
            && let Some(caller) = candidates.iter().find(without)
        {
            return Ok(entry(Admitted::Caller(Arc::clone(caller))));
        }
        if ip.is_loopback() && !named {
            return Ok(entry(Admitted::House));
        }
        if !named && self.lockout.holds(ip, now) {
            return Err(Answer::new(603));
        }
        let found = credentials.and_then(Credentials::parse);
        let mut stale = false;
        if let Some(credentials) = found {
            match self.prove(&credentials, request, &candidates, now) {
                (Proof::Proved, Some(caller)) => {
                    self.lockout.proved(ip);
                    return Ok(Entry { admitted: Admitted::Caller(caller), user: Some(credentials.user) });
                }
                (Proof::Stale, _) => stale = true,
                _ if !named && self.lockout.failed(ip, now) => {
                    self.locked.increment(1);
                    tracing::warn!(%ip, "locked out after wrong passwords over SIP");
                }
                _ => {}
            }
        }
        Err(self.challenge(&candidates, request, stale, now))
    }

    fn prove(
        &mut self,
        credentials: &Credentials,
        request: &Request,
        candidates: &[Arc<Caller>],
        now: Instant,
    ) -> (Proof, Option<Arc<Caller>>) {
        let caller = candidates.iter().find(|caller| caller.user.as_deref() == Some(credentials.user.as_str()));
        let account = caller.and_then(|caller| {
            let password = caller.password.as_ref()?;
            Some(Account { user: caller.user.as_deref()?, password: &password.value })
        });
        let asked = (request.method.as_str(), &request.uri);
        (self.guard.prove(credentials, asked, account, now), caller.cloned())
    }

    /// The same for users that there are and users that there are not.
    fn challenge(&mut self, candidates: &[Arc<Caller>], request: &Request, stale: bool, now: Instant) -> Answer {
        let from = request.from.uri.user.as_deref();
        let theirs = |caller: &&Arc<Caller>| caller.user.is_some() && caller.user.as_deref() == from;
        let users = || candidates.iter().filter(|caller| caller.user.is_some());
        let md5_only = match candidates.iter().find(theirs) {
            Some(caller) => caller.md5_only,
            None => users().count() > 0 && users().all(|caller| caller.md5_only),
        };
        let challenges = self.guard.challenge(md5_only, stale, now);
        challenges.into_iter().fold(Answer::new(401), |answer, value| answer.with("WWW-Authenticate", value))
    }
}

/// Whether somebody there may be this caller, a password aside.
fn may_be(caller: &Caller, ip: IpAddr) -> bool {
    caller.networks.is_empty() && caller.user.is_some() || caller.networks.iter().any(|network| network.contains(&ip))
}
