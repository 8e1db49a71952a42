//! One call to a speaker: who wants it, and how far it is.

use super::dialog::{Dialog, Way};
use super::invite::Speaker;
use super::network::Sound;
use crate::config::paging::{Codec, Packets};
use crate::paging::{Join, Seat};
use crate::sip::digest::{Account, Answers};
use crate::sip::sdp::{Agreed, Direction, Encoding, Ours};
use crate::sip::session::Interval;
use crate::sip::transaction::{GIVE_UP, Repeats, T2};
use crate::sip::{Ask, Target};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// How a page names its wish, to take it back.
pub(super) type Ticket = u64;

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    pub speaker: Speaker,
    pub way: Way,
    /// Where our sound leaves.
    pub sound: Arc<Sound>,
    /// What we say of that.
    pub ours: Ours,
    /// Our tag.
    pub tag: String,
    /// The last INVITE of ours, and its name among what is under way.
    pub invite: Ask,
    pub key: String,
    pub answers: Answers,
    pub owner: Owner,
    pub stage: Stage,
    /// When patience ends: with a speaker that rings, with an owner that may come back, with one that is gone.
    pub until: Option<Instant>,
}

/// Who wants the call.
#[derive(Debug)]
pub(super) enum Owner {
    /// A page, until the speaker answers.
    Waits(Ticket, Join),
    /// A page that it plays.
    Plays(Ticket, Seat),
    /// Nobody: it ends, unless another page takes it over first.
    Nobody,
}

/// How far a call is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The INVITE is out. True: the speaker rings.
    Calling(bool),
    /// Nobody waits for the answer any more.
    Dropped,
    Talking(Box<Talk>),
    /// Our BYE is out.
    Leaving(Box<Dialog>),
}

/// A call that was answered.
#[derive(Debug)]
pub(super) struct Talk {
    pub dialog: Dialog,
    pub encoding: Encoding,
    /// Where sound goes; nowhere while they hold.
    pub to: Option<SocketAddr>,
    /// What our description said last.
    pub said: String,
    /// An answer of ours to their INVITE that waits for its ACK.
    pub waiting: Option<Waiting>,
    /// A session timer, and when it is due.
    pub session: Option<(Interval, Instant)>,
}

/// A 2xx of ours that is repeated until its ACK.
#[derive(Debug)]
pub(super) struct Waiting {
    pub cseq: u32,
    pub bytes: Vec<u8>,
    pub target: Target,
    /// It carried an offer: the ACK has the answer.
    pub offered: bool,
    repeats: Repeats,
    end: Instant,
}

/// What is to be done when the time of a call has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Our patience is over.
    Impatient,
    /// The 2xx again.
    Repeat(Target, Vec<u8>),
    /// A refresh of ours.
    Refresh,
    /// Their ACK, or their refresh, never came.
    Lost(&'static str),
}

impl Waiting {
    pub(super) fn new(cseq: u32, (bytes, target): (Vec<u8>, Target), offered: bool, now: Instant) -> Self {
        Self { cseq, bytes, target, offered, repeats: Repeats::begin(now, T2), end: now + GIVE_UP }
    }
}

impl Call {
    pub(super) fn is_of(&self, ticket: Ticket) -> bool {
        matches!(&self.owner, Owner::Waits(of, _) | Owner::Plays(of, _) if *of == ticket)
    }

    /// Nobody has it, and it can still be had.
    pub(super) const fn is_free(&self) -> bool {
        matches!((&self.owner, &self.stage), (Owner::Nobody, Stage::Calling(_) | Stage::Talking(_)))
    }

    /// Its page is told why it will not play. True: a page waited for it, or heard it.
    pub(super) fn fail(&mut self, why: &str) {
        match std::mem::replace(&mut self.owner, Owner::Nobody) {
            Owner::Waits(_, join) => join.failed(why),
            Owner::Plays(_, seat) => seat.ended(why),
            Owner::Nobody => {}
        }
    }

    /// A page has it from now on.
    pub(super) fn belong(&mut self, ticket: Ticket, join: Join) {
        let Stage::Talking(talk) = &self.stage else {
            self.owner = Owner::Waits(ticket, join);
            return;
        };
        let packets = Packets { codec: codec(talk.encoding), ..self.speaker.packets };
        // Somewhere it has to go: nothing leaves while they hold.
        let to = talk.to.unwrap_or(self.way.target.address);
        let seat = join.answered(to, Arc::clone(&self.sound.socket), packets);
        if talk.to.is_none() {
            seat.moved(None);
        }
        self.owner = Owner::Plays(ticket, seat);
    }

    pub(super) fn account(&self) -> Option<Account<'_>> {
        self.speaker.account.as_ref().map(|(user, password)| Account { user, password })
    }

    /// When [`Call::wake`] wants to be called.
    pub(super) fn next(&self) -> Option<Instant> {
        let talk = match &self.stage {
            Stage::Talking(talk) => talk.next(),
            _ => None,
        };
        self.until.into_iter().chain(talk).min()
    }

    pub(super) fn wake(&mut self, now: Instant) -> Due {
        if self.until.is_some_and(|until| now >= until) {
            self.until = None;
            return Due::Impatient;
        }
        match &mut self.stage {
            Stage::Talking(talk) => talk.wake(now),
            _ => Due::Nothing,
        }
    }
}

impl Talk {
    fn next(&self) -> Option<Instant> {
        let waiting = self.waiting.iter().map(|waiting| waiting.repeats.at().min(waiting.end));
        waiting.chain(self.session.map(|(_, due)| due)).min()
    }

    fn wake(&mut self, now: Instant) -> Due {
        if let Some(waiting) = self.waiting.as_mut() {
            if now >= waiting.end {
                return Due::Lost("the speaker never acknowledged an answer");
            }
            if waiting.repeats.due(now) {
                return Due::Repeat(waiting.target, waiting.bytes.clone());
            }
        }
        match self.session {
            Some((interval, due)) if now >= due && interval.ours => {
                self.session = Some((interval, now + interval.due()));
                Due::Refresh
            }
            Some((_, due)) if now >= due => Due::Lost("the speaker did not refresh its session"),
            _ => Due::Nothing,
        }
    }
}

/// Where a speaker wants its sound; nowhere while it holds.
pub(super) fn destination(agreed: &Agreed) -> Option<SocketAddr> {
    let listens = matches!(agreed.direction, Direction::Both | Direction::Receives);
    (listens && !agreed.zeros).then_some(agreed.remote)
}

pub(super) const fn codec(encoding: Encoding) -> Codec {
    match encoding {
        Encoding::Pcmu => Codec::Pcmu,
        Encoding::Pcma => Codec::Pcma,
    }
}

pub(super) const fn encoding(codec: Codec) -> Encoding {
    match codec {
        Codec::Pcmu => Encoding::Pcmu,
        Codec::Pcma => Encoding::Pcma,
    }
}
