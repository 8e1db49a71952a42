//! Repeats and waits (RFC 3261 17, 6026 7): one table of timers, for both sides.
//!
//! | who | repeats | ends |
//! |---|---|---|
//! | INVITE answered with an error | the answer, over UDP: G, from T1 doubling to T2 | H without ACK, I behind it |
//! | INVITE answered with 2xx | the answer, on every transport, until its ACK: that is the call's to do | L |
//! | another request answered | nothing; copies get the answer again | J |
//! | our INVITE | A, over UDP, from T1 doubling | B without any answer, D behind an error, M behind a 2xx |
//! | another request of ours | E, over UDP, from T1 doubling to T2 | F without an answer, K behind one |

use std::time::{Duration, Instant};

/// A round trip, estimated.
pub const T1: Duration = Duration::from_millis(500);
/// Longest time between two repeats.
pub const T2: Duration = Duration::from_secs(4);
/// How long the network may keep a datagram.
pub const T4: Duration = Duration::from_secs(5);
/// When somebody gives up: B, F, H, J, L.
pub const GIVE_UP: Duration = T1.saturating_mul(64);

/// Repeats with growing distance.
#[derive(Clone, Copy, Debug)]
pub struct Repeats {
    at: Instant,
    wait: Duration,
    longest: Duration,
}

impl Repeats {
    /// The first one T1 from now.
    #[must_use]
    pub fn begin(now: Instant, longest: Duration) -> Self {
        Self { at: now + T1, wait: T1, longest }
    }

    /// When the next one is due.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// Somebody works at it: behind the next one they are as far apart as can be.
    const fn slow_down(&mut self) {
        self.wait = self.longest;
    }

    /// Whether one is due now; then the next one is set.
    pub fn due(&mut self, now: Instant) -> bool {
        if now < self.at {
            return false;
        }
        self.wait = (self.wait * 2).min(self.longest);
        self.at = now + self.wait;
        true
    }
}

/// What is to be done when the time of a transaction has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Send the last message again.
    pub repeat: bool,
    /// It is over.
    pub over: bool,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Server {
    invite: bool,
    reliable: bool,
    state: State,
    last: Option<Vec<u8>>,
    repeats: Option<Repeats>,
    end: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Proceeding,
    /// Answered, other than an INVITE with 2xx.
    Completed,
    /// An error was acknowledged.
    Confirmed,
    /// An INVITE was answered with 2xx.
    Accepted,
}

impl Server {
    /// It has just come.
    #[must_use]
    pub const fn new(invite: bool, reliable: bool) -> Self {
        Self { invite, reliable, state: State::Proceeding, last: None, repeats: None, end: None }
    }

    /// An answer leaves.
    pub fn answered(&mut self, code: u16, bytes: &[u8], now: Instant) {
        if self.is_answered() {
            return;
        }
        self.last = Some(bytes.to_vec());
        if code < 200 {
            return;
        }
        let succeeded = self.invite && code < 300;
        self.state = if succeeded { State::Accepted } else { State::Completed };
        let waits = if self.reliable && !self.invite { Duration::ZERO } else { GIVE_UP };
        self.end = Some(now + waits);
        if self.invite && !succeeded && !self.reliable {
            self.repeats = Some(Repeats::begin(now, T2));
        }
    }

    /// Whether the final answer has left.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.state != State::Proceeding
    }

    /// What a copy of the request gets. 2xx are repeated by the call, which knows whether they were acknowledged.
    #[must_use]
    pub fn for_copy(&self) -> Option<&[u8]> {
        let silent = matches!(self.state, State::Confirmed | State::Accepted);
        self.last.as_deref().filter(|_| !silent)
    }

    /// The last answer.
    #[must_use]
    pub fn last(&self) -> Option<&[u8]> {
        self.last.as_deref()
    }

    /// An ACK came. True where it ends the repeats of an error; that of a 2xx belongs to the call.
    pub fn acknowledged(&mut self, now: Instant) -> bool {
        match self.state {
            State::Completed if self.invite => {
                (self.state, self.repeats) = (State::Confirmed, None);
                self.end = Some(if self.reliable { now } else { now + T4 });
                true
            }
            State::Confirmed => true,
            _ => false,
        }
    }

    /// When [`Server::wake`] wants to be called.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.repeats.map(|repeats| repeats.at()).into_iter().chain(self.end).min()
    }

    /// The time has come.
    pub fn wake(&mut self, now: Instant) -> Due {
        let over = self.end.is_some_and(|end| now >= end);
        let repeat = !over && self.repeats.as_mut().is_some_and(|repeats| repeats.due(now));
        Due { repeat, over }
    }
}

/// A request that went out.
#[derive(Clone, Debug)]
pub struct Client {
    invite: bool,
    reliable: bool,
    repeats: Option<Repeats>,
    end: Option<Instant>,
    answered: bool,
}

impl Client {
    /// It has just left.
    #[must_use]
    pub fn new(invite: bool, reliable: bool, now: Instant) -> Self {
        let longest = if invite { GIVE_UP } else { T2 };
        let repeats = (!reliable).then(|| Repeats::begin(now, longest));
        Self { invite, reliable, repeats, end: Some(now + GIVE_UP), answered: false }
    }

    /// An answer came. True where it is the first final one.
    pub fn heard(&mut self, code: u16, now: Instant) -> bool {
        if self.invite || code >= 200 {
            self.repeats = None;
        }
        if code < 200 {
            // An INVITE that rings has no end of its own: the call's patience decides.
            if self.invite && !self.answered {
                self.end = None;
            }
            self.repeats.iter_mut().for_each(Repeats::slow_down);
            return false;
        }
        let first = !self.answered;
        if first {
            self.answered = true;
            let absorb = if self.invite { GIVE_UP } else { T4 };
            // A 2xx is repeated by its call, whatever it travels over (RFC 6026, M).
            let certain = self.reliable && !(self.invite && code < 300);
            self.end = Some(if certain { now } else { now + absorb });
        }
        first
    }

    /// Whether a final answer came.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.answered
    }

    /// Nobody waits for an answer any more: no repeats.
    pub const fn hush(&mut self) {
        self.repeats = None;
    }

    /// When [`Client::wake`] wants to be called.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.repeats.map(|repeats| repeats.at()).into_iter().chain(self.end).min()
    }

    /// The time has come.
    pub fn wake(&mut self, now: Instant) -> Due {
        let over = self.end.is_some_and(|end| now >= end);
        let repeat = !over && self.repeats.as_mut().is_some_and(|repeats| repeats.due(now));
        Due { repeat, over }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds of all repeats, and of the end.
    fn run(mut wake: impl FnMut(Instant) -> Due, mut start: Instant) -> (Vec<u128>, u128) {
        let (begin, mut repeats) = (start, Vec::new());
        loop {
            start += Duration::from_millis(100);
            let due = wake(start);
            let ms = start.duration_since(begin).as_millis();
            if due.repeat {
                repeats.push(ms);
            }
            if due.over {
                return (repeats, ms);
            }
        }
    }

    const DOUBLING: [u128; 10] = [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500];

    #[test]
    fn an_error_is_repeated_until_its_ack() {
        let now = Instant::now();
        let mut server = Server::new(true, false);
        server.answered(486, b"busy", now);
        let mut alone = server.clone();
        assert_eq!(run(|at| alone.wake(at), now), (DOUBLING.to_vec(), 32_000));
        assert_eq!(server.for_copy(), Some(b"busy".as_slice()));
        assert!(server.acknowledged(now) && server.for_copy().is_none());
        assert_eq!(run(|at| server.wake(at), now), (vec![], 5_000));
        let mut stream = Server::new(true, true);
        stream.answered(486, b"busy", now);
        assert_eq!(run(|at| stream.clone().wake(at), now), (vec![], 32_000));
        assert!(stream.acknowledged(now) && stream.wake(now).over);
    }

    #[test]
    fn copies_of_a_call_that_was_answered_get_nothing_here() {
        let now = Instant::now();
        let mut server = Server::new(true, false);
        server.answered(100, b"trying", now);
        assert_eq!(server.for_copy(), Some(b"trying".as_slice()));
        server.answered(200, b"ok", now);
        server.answered(487, b"too late", now);
        assert_eq!((server.for_copy(), server.last()), (None, Some(b"ok".as_slice())));
        assert!(!server.acknowledged(now));
        assert_eq!(run(|at| server.wake(at), now), (vec![], 32_000));
    }

    #[test]
    fn requests_of_ours_are_repeated_until_somebody_answers() {
        let now = Instant::now();
        let bye = Client::new(false, false, now);
        assert_eq!(run(|at| bye.clone().wake(at), now).1, 32_000);
        let mut repeated = bye.clone();
        assert_eq!(run(|at| repeated.wake(at), now).0, DOUBLING);
        let mut invite = Client::new(true, false, now);
        assert_eq!(run(|at| invite.wake(at), now).0, [500, 1500, 3500, 7500, 15500, 31500]);
        let mut rings = Client::new(true, false, now);
        assert!(!rings.heard(180, now) && rings.next().is_none());
        assert!(rings.heard(486, now) && !rings.heard(486, now));
    }
}
