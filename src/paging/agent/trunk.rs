//! One registration with a PBX: when to ask, what to make of the answer, and how long to wait when it will not have us.
//! Reads no clock and writes to no socket.

use crate::base::Secret;
use crate::config::paging::{Caller, Registration};
use crate::sip::digest::{Account, Answers};
use crate::sip::{Address, Ask, Asking, Response, Target, Transport, Uri};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// First wait behind silence, and behind a word against us; each one more is twice as long.
const SILENT: Duration = Duration::from_secs(5);
const REFUSED: Duration = Duration::from_secs(60);
/// The longest.
const LONGEST: Duration = Duration::from_secs(600);
/// Shortest time that is taken from a registrar, and longest, in seconds.
const TIMES: std::ops::RangeInclusive<u32> = 30..=86_400;

/// A registration.
pub(super) struct Trunk {
    pub registration: Arc<Registration>,
    /// Whose calls come from there.
    pub caller: Arc<Caller>,
    /// Where the registrar is, as far as it is known.
    pub target: Option<Target>,
    uri: Uri,
    call_id: String,
    tag: String,
    cseq: u32,
    answers: Answers,
    /// For how long to ask.
    seconds: u32,
    asking: Option<Asking>,
    stage: Stage,
    failures: u32,
    due: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody has said anything yet.
    New,
    Registered,
    Failing(String),
    /// It is not to be registered any more.
    Leaving,
}

/// What is to be done when its time has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Find the registrar, and ask.
    Seek,
    /// The same request again.
    Repeat(Target, Vec<u8>),
    /// Nobody answers.
    Silence,
}

/// What came of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Nothing,
    /// Ask again at once: with a proof, or for longer.
    Again,
    /// It has us. True: that is news.
    Registered(bool),
    /// It will not have us.
    Refused(String),
}

/// Somebody has to find out where this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    pub trunk: u64,
    pub host: String,
    pub port: u16,
}

/// What one request is made of: where we are, where they reach us, and two words that nobody can guess.
pub(super) struct Words {
    pub us: SocketAddr,
    pub contact: String,
    pub branch: String,
    pub cnonce: String,
}

impl Trunk {
    /// `None`: its address cannot be read.
    pub(super) fn new(registration: Arc<Registration>, (call_id, tag): (String, String), now: Instant) -> Option<Self> {
        Some(Self {
            uri: Uri::parse(&registration.registrar)?,
            caller: Arc::new(registration.caller()),
            seconds: registration.expires_s,
            registration,
            target: None,
            call_id,
            tag,
            cseq: 0,
            answers: Answers::default(),
            asking: None,
            stage: Stage::New,
            failures: 0,
            due: Some(now),
        })
    }

    /// Where to look for it, and how to speak to it.
    pub(super) fn place(&self) -> (String, u16, Transport) {
        let transport = if self.uri.transport.as_deref() == Some("tcp") { Transport::Tcp } else { Transport::Udp };
        (self.uri.host.clone(), self.uri.port.unwrap_or(5060), transport)
    }

    /// Whether it has us.
    pub(super) fn is_registered(&self) -> bool {
        self.stage == Stage::Registered
    }

    /// Why it has us not.
    pub(super) fn cause(&self) -> Option<&str> {
        match &self.stage {
            Stage::Failing(cause) => Some(cause),
            _ => None,
        }
    }

    /// Whether the answer to our goodbye is still to come.
    pub(super) const fn is_leaving(&self) -> bool {
        matches!(self.stage, Stage::Leaving) && self.asking.is_some()
    }

    /// Whether nothing more can come of it.
    pub(super) const fn is_gone(&self) -> bool {
        matches!(self.stage, Stage::Leaving) && self.asking.is_none()
    }

    /// From now on it is not to be registered. False: there is nothing to be undone.
    pub(super) fn leave(&mut self) -> bool {
        let had = self.is_registered();
        (self.stage, self.due, self.asking) = (Stage::Leaving, None, None);
        had
    }

    /// The next request, as it is sent.
    pub(super) fn ask(&mut self, target: Target, words: Words, now: Instant) -> Vec<u8> {
        let registration = Arc::clone(&self.registration);
        let host = host(&self.uri);
        let port = self.uri.port.map(|port| format!(":{port}")).unwrap_or_default();
        let (whole, us) = (format!("sip:{host}{port}"), format!("<sip:{}@{host}>", registration.user));
        let seconds = if self.stage == Stage::Leaving { 0 } else { self.seconds };
        let mut headers = vec![("Contact", words.contact), ("Expires", seconds.to_string())];
        let secret = registration.password.as_ref().map_or_else(|| Secret::new(""), |password| password.value.clone());
        let user = registration.auth_user.as_deref().unwrap_or(&registration.user);
        let account = Account { user, password: &secret };
        headers.extend(self.answers.header(account, ("REGISTER", &whole), &words.cnonce));
        self.cseq += 1;
        let ask = Ask {
            method: "REGISTER",
            uri: whole,
            routes: Vec::new(),
            from: format!("{us};tag={}", self.tag),
            to: us,
            call_id: self.call_id.clone(),
            cseq: self.cseq,
            headers,
            sdp: None,
        };
        let asking = Asking::begin(ask, (words.us, target), words.branch, now);
        let bytes = asking.bytes().to_vec();
        (self.target, self.due, self.asking) = (Some(target), None, Some(asking));
        bytes
    }

    /// When [`Trunk::wake`] wants to be called.
    pub(super) fn next(&self) -> Option<Instant> {
        let asking = self.asking.as_ref().filter(|asking| !asking.is_answered()).and_then(Asking::next);
        asking.into_iter().chain(self.due).min()
    }

    pub(super) fn wake(&mut self, now: Instant) -> Due {
        if let Some(asking) = self.asking.as_mut().filter(|asking| !asking.is_answered()) {
            let due = asking.wake(now);
            if due.over {
                self.asking = None;
                return Due::Silence;
            }
            return if due.repeat { Due::Repeat(asking.target(), asking.bytes().to_vec()) } else { Due::Nothing };
        }
        if self.due.is_some_and(|due| now >= due) {
            self.due = None;
            return Due::Seek;
        }
        Due::Nothing
    }

    /// An answer came.
    pub(super) fn heard(&mut self, response: &Response, now: Instant) -> Outcome {
        let Some(asking) = self.asking.as_mut().filter(|asking| asking.key() == response.transaction()) else {
            return Outcome::Nothing;
        };
        let known = asking.is_answered();
        asking.receive(response, now);
        if known || response.code < 200 {
            return Outcome::Nothing;
        }
        match response.code {
            401 | 407 if self.answers.challenged(response) => Outcome::Again,
            _ if self.stage == Stage::Leaving => {
                self.asking = None;
                Outcome::Nothing
            }
            200..300 => self.granted(response, now),
            423 => self.too_brief(response),
            401 | 407 => Outcome::Refused("the password is not the right one".to_owned()),
            code => Outcome::Refused(format!("it answers {code}")),
        }
    }

    fn granted(&mut self, response: &Response, now: Instant) -> Outcome {
        self.answers.accepted();
        let seconds = granted(response, &self.registration.user).unwrap_or(self.seconds);
        let seconds = seconds.clamp(*TIMES.start(), *TIMES.end());
        self.due = Some(now + Duration::from_secs(seconds.into()) / 2);
        self.failures = 0;
        Outcome::Registered(std::mem::replace(&mut self.stage, Stage::Registered) != Stage::Registered)
    }

    /// A registrar that wants to be asked less often says how often (10.2.8).
    fn too_brief(&mut self, response: &Response) -> Outcome {
        let least = response.message.first("min-expires").and_then(|text| text.parse::<u32>().ok());
        match least.filter(|least| *least > self.seconds && TIMES.contains(least)) {
            Some(least) => {
                self.seconds = least;
                Outcome::Again
            }
            None => Outcome::Refused("it wants another time than it says".to_owned()),
        }
    }

    /// It has us not: when to try again is known then. `Some`: that, for a log that has not heard of this cause yet.
    pub(super) fn fail(&mut self, cause: &str, random: u64, now: Instant) -> Option<Duration> {
        if self.stage == Stage::Leaving {
            (self.asking, self.due) = (None, None);
            return None;
        }
        let first = if self.asking.as_ref().is_some_and(Asking::is_answered) { REFUSED } else { SILENT };
        let wait = backoff(first, self.failures, random);
        self.failures += 1;
        self.due = Some(now + wait);
        self.answers = Answers::default();
        self.asking = None;
        let failing = Stage::Failing(cause.to_owned());
        (std::mem::replace(&mut self.stage, failing.clone()) != failing).then_some(wait)
    }

    /// Whether that is the address of the PBX.
    pub(super) fn is_of(&self, ip: IpAddr) -> bool {
        self.target.is_some_and(|target| target.address.ip().to_canonical() == ip.to_canonical())
    }

    /// Whether a request from there is the PBX's. On this machine there may be others beside it.
    pub(super) fn is_at(&self, source: SocketAddr) -> bool {
        let at = |target: &Target| !source.ip().to_canonical().is_loopback() || source.port() == target.address.port();
        self.is_of(source.ip()) && self.target.as_ref().is_some_and(at)
    }
}

/// Three quarters to five quarters of it, so that many who lost the same PBX do not come back in one moment.
fn backoff(first: Duration, failures: u32, random: u64) -> Duration {
    let wait = LONGEST.min(first * 2u32.saturating_pow(failures.min(16)));
    let share = u32::try_from(random % 501).unwrap_or(0);
    wait * (750 + share) / 1000
}

fn host(uri: &Uri) -> String {
    if uri.host.contains(':') { format!("[{}]", uri.host) } else { uri.host.clone() }
}

/// For how long: what stands behind our contact, or in Expires.
fn granted(response: &Response, user: &str) -> Option<u32> {
    let ours = |line: &&str| Address::parse(line).is_some_and(|one| one.uri.user.as_deref() == Some(user));
    let contacts = || response.message.all("contact").flat_map(|line| line.split(','));
    let contact = contacts().map(str::trim).find(ours).or_else(|| contacts().next());
    let behind = contact.and_then(|contact| contact.rsplit_once('>').map(|(_, behind)| behind.to_ascii_lowercase()));
    let parameter = behind.as_deref().and_then(|behind| {
        behind
            .split(';')
            .filter_map(|part| part.trim().strip_prefix("expires="))
            .find_map(|text| text.trim().parse().ok())
    });
    parameter.or_else(|| response.message.first("expires").and_then(|text| text.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_have_an_end() {
        let waits = |first, random| (0..12).map(|n| backoff(first, n, random).as_secs()).collect::<Vec<_>>();
        assert_eq!(waits(SILENT, 250)[..5], [5, 10, 20, 40, 80]);
        assert_eq!(waits(SILENT, 250)[11], 600);
        assert_eq!((waits(REFUSED, 0)[0], waits(REFUSED, 500)[0]), (45, 75));
    }
}
