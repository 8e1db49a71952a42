//! PBXes that we are a telephone of: registered with from the start, and until the stop.

use super::super::pbx::TrunkState;
use super::core::{Core, Timer};
use super::trunk::{Due, Lookup, Outcome, Trunk, Words};
use crate::config::paging::Registration;
use crate::sip::{Response, Target, Transport};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

impl Core {
    /// The file was read: whom it does not name any more is left, whom it names anew is asked.
    pub(super) fn arrange_trunks(&mut self, now: Instant) {
        let wanted = self.paging.registrations.clone();
        let gone = |trunk: &Trunk| !wanted.contains(&trunk.registration);
        let left: Vec<u64> = self.trunks.iter().filter(|(_, trunk)| gone(trunk)).map(|(number, _)| *number).collect();
        left.into_iter().for_each(|number| self.leave(number, now));
        for registration in wanted {
            if !self.trunks.values().any(|trunk| trunk.registration == registration) {
                self.begin_trunk(registration, now);
            }
        }
        self.tell_trunks();
    }

    fn begin_trunk(&mut self, registration: Arc<Registration>, now: Instant) {
        let (number, names) = (self.names.number(), (self.names.tag(), self.names.tag()));
        // What cannot be read was refused with the file.
        let Some(trunk) = Trunk::new(registration, names, now) else { return };
        self.remind(trunk.next(), Timer::Trunk(number));
        self.trunks.insert(number, trunk);
    }

    fn leave(&mut self, number: u64, now: Instant) {
        let Some(trunk) = self.trunks.get_mut(&number) else { return };
        match trunk.target.filter(|_| trunk.leave()) {
            Some(target) => self.register(number, target, now),
            None => drop(self.trunks.remove(&number)),
        }
    }

    /// No PBX has us any more.
    pub(super) fn leave_all(&mut self, now: Instant) {
        let all: Vec<u64> = self.trunks.keys().copied().collect();
        all.into_iter().for_each(|number| self.leave(number, now));
    }

    pub(super) fn wake_trunk(&mut self, number: u64, now: Instant) -> Option<Instant> {
        match self.trunks.get_mut(&number)?.wake(now) {
            Due::Nothing => {}
            Due::Repeat(target, bytes) => self.out.push((target, bytes)),
            Due::Silence => self.failed(number, "it does not answer", now),
            Due::Seek => self.seek(number, now),
        }
        self.trunks.get(&number)?.next()
    }

    fn seek(&mut self, number: u64, now: Instant) {
        let Some(trunk) = self.trunks.get(&number) else { return };
        let (host, port, transport) = trunk.place();
        match host.parse::<IpAddr>() {
            Ok(ip) => self.register(number, Target { transport, address: SocketAddr::new(ip, port) }, now),
            Err(_) => self.lookups.push(Lookup { trunk: number, host, port }),
        }
    }

    /// It was found out where a PBX is, or that nobody knows.
    pub(super) fn located(&mut self, number: u64, address: Option<SocketAddr>, now: Instant) {
        let Some(transport) = self.trunks.get(&number).map(|trunk| trunk.place().2) else { return };
        match address {
            Some(address) => self.register(number, Target { transport, address }, now),
            None => self.failed(number, "its name is not known", now),
        }
    }

    fn register(&mut self, number: u64, target: Target, now: Instant) {
        let (us, branch, cnonce) = (self.us(target), self.names.branch(), self.names.tag());
        let Some(trunk) = self.trunks.get_mut(&number) else { return };
        let behind = if target.transport == Transport::Tcp { ";transport=tcp" } else { "" };
        let contact = format!("<sip:{}@{us}{behind}>", trunk.registration.user);
        let bytes = trunk.ask(target, Words { us, contact, branch, cnonce }, now);
        let next = trunk.next();
        self.remind(next, Timer::Trunk(number));
        self.out.push((target, bytes));
    }

    /// An answer that is for none of the calls.
    pub(super) fn registrar_says(&mut self, response: &Response, now: Instant) {
        let numbers: Vec<u64> = self.trunks.keys().copied().collect();
        for number in numbers {
            let Some(trunk) = self.trunks.get_mut(&number) else { continue };
            let (name, target) = (trunk.registration.name.clone(), trunk.target);
            match (trunk.heard(response, now), target) {
                (Outcome::Again, Some(target)) => self.register(number, target, now),
                (Outcome::Registered(news), _) => {
                    let next = trunk.next();
                    self.remind(next, Timer::Trunk(number));
                    self.meters.registrations.count("registered");
                    if news {
                        tracing::info!(pbx = name, "registered with the PBX");
                        self.tell_trunks();
                    }
                }
                (Outcome::Refused(cause), _) => self.failed(number, &cause, now),
                (Outcome::Nothing | Outcome::Again, _) => {}
            }
        }
        self.trunks.retain(|_, trunk| !trunk.is_gone());
    }

    fn failed(&mut self, number: u64, cause: &str, now: Instant) {
        let random = self.names.number();
        let Some(trunk) = self.trunks.get_mut(&number) else { return };
        let (name, said) = (trunk.registration.name.clone(), trunk.fail(cause, random, now));
        let next = trunk.next();
        if next.is_none() {
            // It was to be left anyway.
            self.trunks.remove(&number);
            return;
        }
        self.remind(next, Timer::Trunk(number));
        self.meters.registrations.count("failed");
        if let Some(wait) = said {
            tracing::warn!(pbx = name, cause, retry_s = wait.as_secs(), "the PBX does not register us");
            self.tell_trunks();
        }
    }

    fn tell_trunks(&self) {
        let state = |trunk: &Trunk| TrunkState {
            name: trunk.registration.name.clone(),
            registered: trunk.is_registered(),
            cause: trunk.cause().map(str::to_owned),
        };
        let known = self.trunks.values().filter(|trunk| self.paging.registrations.contains(&trunk.registration));
        self.pages.trunks(known.map(state).collect());
    }
}
