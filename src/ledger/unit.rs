//! A unit: all that one verified webhook wants to store, with the answer's bytes.

use super::limits::Wish;
use super::overruling::Overruling;
use super::spelling::{Word, body, word};
use super::text::{OptOut, TextChange, TextReply};
use crate::base::{CallSid, CallState, Outcome, Time};
use crate::twiml::Permit;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// First 16 bytes of SHA-256 over the request target and the sorted fields: exactly what was signed.
pub type Key = [u8; 16];

/// All that one verified webhook wants to store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unit {
    /// What makes it the same webhook.
    pub key: Key,
    /// When it arrived.
    pub at: Time,
    /// The call it belongs to. `None`: it names no call, and only key, errors and events are stored.
    pub call: Option<CallChange>,
    /// What it also proves of another call: a leg that answers answers its parent's call.
    pub parent: Option<CallChange>,
    /// What came in and what was decided: one row of the call's timeline.
    pub webhook: Webhook,
    /// Consents, voicemails, events, errors.
    pub facts: Facts,
    /// The body that is sent, and sent again to every copy.
    #[serde(with = "body")]
    pub answer: Bytes,
    /// Limits that it must pass if it opens its call; the first without room is the one that refuses.
    #[serde(default)]
    pub limits: Vec<Wish>,
    /// What the caller hears instead who is not let in. Only on a call's first webhook.
    /// Not kept in a spool: what comes from there has been answered.
    #[serde(skip)]
    pub busy: Option<Box<TurnedAway>>,
}

/// What a caller hears who is not let in, and what is stored of that.
#[derive(Clone, Debug)]
pub struct TurnedAway {
    /// `busy`, `message`, `voicemail` or `429`.
    pub action: &'static str,
    /// What the caller reached instead.
    pub outcome: Outcome,
    /// What the answer relies on: the message to come and the consent to it, where the mailbox takes over.
    pub facts: Facts,
    /// The answer, or [`super::STATUS_429`].
    pub answer: Bytes,
}

/// One row of a call's timeline.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Webhook {
    /// Last part of the route: `voice`, `dtmf`, `dial`, …
    #[serde(with = "word")]
    pub kind: Word,
    /// Step of the call that the URL carried; 0 for the first webhook and for those without one.
    pub step: i64,
    /// The carrier's `SequenceNumber`, where it sends one.
    pub sequence: Option<i64>,
    /// JSON object of the fields that matter (no geography, no tokens, no PIN digits).
    pub input: String,
    /// What was decided and why, in one readable line: `menu main: key 1 → dial sales`.
    pub decision: String,
    /// The carrier's `I-Twilio-Idempotency-Token`: unsigned, so evidence only (PROTOCOL.md 2.12).
    pub carrier_token: Option<String>,
}

/// What a webhook says about its call. Absent means "says nothing"; a state never moves to a lower rank.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallChange {
    /// The call.
    pub sid: CallSid,
    /// What is known of it; fields once set are kept when a later webhook leaves them out.
    pub fact: CallFact,
    /// The state this webhook proves.
    pub state: Option<CallState>,
    /// What the caller reached with this step.
    pub outcome: Option<Outcome>,
    /// Why the call ended or is about to, in the words of docs/GLOSSARY.md: `caller hung up`, `message left`.
    /// It belongs to `outcome`: it replaces what is stored only when this outcome's rank is not lower than the
    /// stored one's, so that a late `caller hung up` never hides `message left`, whatever arrives first.
    pub reason: Option<String>,
    /// Seconds, from the final status callback.
    pub duration_s: Option<i64>,
}

/// Fields of a call that do not change while it lasts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallFact {
    /// Name of the line.
    pub line: Option<String>,
    /// `inbound`, `outbound-api`, `outbound-dial`.
    pub direction: Option<String>,
    /// As the carrier sent it.
    pub from: Option<String>,
    /// As the carrier sent it.
    pub to: Option<String>,
    /// `AC…`.
    pub account_sid: Option<String>,
    /// Of a child leg.
    pub parent_sid: Option<String>,
    /// CNAM.
    pub caller_name: Option<String>,
    /// `StirVerstat`: a signal, not a verdict.
    pub verstat: Option<String>,
}

/// Everything else a unit stores, in the order it was added.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    consents: Vec<Consent>,
    voicemails: Vec<VoicemailChange>,
    events: Vec<OutboxEvent>,
    errors: Vec<ErrorEntry>,
    texts: Vec<TextChange>,
    opt_outs: Vec<OptOut>,
    overrulings: Vec<Overruling>,
    missed_text: Option<Box<TextChange>>,
    /// Not kept in a spool: who would say whether its sender has had one?
    #[serde(skip)]
    reply: Option<Box<TextReply>>,
}

impl Facts {
    /// Takes the row of a given consent and hands out the leave to record that comes with it: the row commits in
    /// the transaction of the answer that carries the verb.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the ledger is who mints permits")]
    pub fn grant(&mut self, consent: Consent) -> Permit {
        self.consents.push(Consent { given: true, ..consent });
        Permit::minted_by_the_ledger()
    }

    /// Leave to record on the strength of a row that an earlier step of this call committed: `signed_state` is
    /// the consent mark of a URL that we handed out after that commit and that the carrier signed.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the ledger is who mints permits")]
    pub fn granted_before(&self, signed_state: bool) -> Option<Permit> {
        signed_state.then(Permit::minted_by_the_ledger)
    }

    /// Takes the row of a refused (or revoked) consent.
    pub fn refuse(&mut self, consent: Consent) {
        self.consents.push(Consent { given: false, ..consent });
    }

    /// Takes a voicemail row or a change to one.
    pub fn voicemail(&mut self, change: VoicemailChange) {
        self.voicemails.push(change);
    }

    /// Takes what a caller with the right to it says of a line's hours.
    pub fn overrule(&mut self, said: Overruling) {
        self.overrulings.push(said);
    }

    /// What was said of hours so far.
    #[must_use]
    pub fn overrulings(&self) -> &[Overruling] {
        &self.overrulings
    }

    /// Takes an outgoing event.
    pub fn event(&mut self, event: OutboxEvent) {
        self.events.push(event);
    }

    /// Takes an entry for `recent_errors`.
    pub fn error(&mut self, error: ErrorEntry) {
        self.errors.push(error);
    }

    /// Takes a text or a change to one.
    pub fn text(&mut self, change: TextChange) {
        self.texts.push(change);
    }

    /// Takes somebody's word that he wants no texts, or wants them again.
    pub fn opt_out(&mut self, said: OptOut) {
        self.opt_outs.push(said);
    }

    /// Takes what is answered to a text if its sender has had no reply for a while; until that is known the unit's own
    /// answer stands.
    pub fn reply_once(&mut self, reply: TextReply) {
        self.reply = Some(Box::new(reply));
    }

    /// Takes a text to the caller of a call that this webhook ends. It is stored if he reached nobody.
    pub fn text_if_missed(&mut self, text: TextChange) {
        self.missed_text = Some(Box::new(text));
    }

    /// The text to a caller who reached nobody.
    #[must_use]
    pub fn missed_text(&self) -> Option<&TextChange> {
        self.missed_text.as_deref()
    }

    /// The reply was given: it is a text of its own.
    pub(super) fn reply_given(&mut self, text: TextChange) {
        self.texts.push(text);
        self.reply = None;
    }

    /// The reply that waits for leave.
    #[must_use]
    pub fn reply(&self) -> Option<&TextReply> {
        self.reply.as_deref()
    }

    /// Texts taken so far.
    #[must_use]
    pub fn texts(&self) -> &[TextChange] {
        &self.texts
    }

    /// What was said about wanting texts so far.
    #[must_use]
    pub fn opt_outs(&self) -> &[OptOut] {
        &self.opt_outs
    }

    /// Consents taken so far.
    #[must_use]
    pub fn consents(&self) -> &[Consent] {
        &self.consents
    }

    /// Voicemail changes taken so far.
    #[must_use]
    pub fn voicemails(&self) -> &[VoicemailChange] {
        &self.voicemails
    }

    /// Events taken so far.
    #[must_use]
    pub fn events(&self) -> &[OutboxEvent] {
        &self.events
    }

    /// Errors taken so far.
    #[must_use]
    pub fn errors(&self) -> &[ErrorEntry] {
        &self.errors
    }
}

/// A row of `consents`. The event `consent.given` or `consent.refused` is written with it by the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// `con_…`, derived from call and step.
    pub id: String,
    /// What it covers.
    pub scope: ConsentScope,
    /// How it was given or refused.
    pub method: ConsentMethod,
    /// Version of the notice that was played.
    pub notice_version: String,
    /// Set by [`Facts::grant`] and [`Facts::refuse`].
    pub given: bool,
}

/// What a consent covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentScope {
    /// The conversation.
    Recording,
    /// One message left after the tone.
    Voicemail,
}

impl ConsentScope {
    /// The word in tables and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Voicemail => "voicemail",
        }
    }
}

/// How a consent was given or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentMethod {
    /// The notice was played to its end and the caller went on.
    NoticeHeard,
    /// A key was pressed.
    Key,
    /// The voicemail greeting says it, the caller may hang up before the tone.
    MessageAfterTone,
    /// It had been given; then a key was pressed.
    RevokedByKey,
    /// It may have been given; the caller told an operator, or a program of ours.
    RevokedByOperator,
}

impl ConsentMethod {
    /// The word in tables and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoticeHeard => "notice-heard",
            Self::Key => "key",
            Self::MessageAfterTone => "message-after-tone",
            Self::RevokedByKey => "revoked-by-key",
            Self::RevokedByOperator => "revoked-by-operator",
        }
    }

    /// Whether it takes back what was given.
    #[must_use]
    pub const fn revokes(self) -> bool {
        matches!(self, Self::RevokedByKey | Self::RevokedByOperator)
    }
}

/// How far a message has come. Like a call's state it only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VoicemailState {
    /// The Record verb was sent; the recording has not been reported yet.
    Expected,
    /// The caller finished (Record's action came); the audio may not be fetchable yet.
    Recorded,
    /// The carrier reports the audio complete.
    Ready,
    /// There is no audio (the caller hung up or said nothing).
    Absent,
    /// The carrier could not make the recording.
    Failed,
}

impl VoicemailState {
    /// The word in tables and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Recorded => "recorded",
            Self::Ready => "ready",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }

    /// Rung of the ladder. A recording that is there beats any word that it is not: such words also come from reports
    /// that contradict each other, and a message must not be lost to the order in which they are stored.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Expected => 0,
            Self::Recorded => 1,
            Self::Absent | Self::Failed => 2,
            Self::Ready => 3,
        }
    }
}

/// The kind of a timeline row that tells of words that our own job heard.
pub const OWN_TRANSCRIPT: Word = "transcript";

/// A voicemail row or a change to one: upserted by id, absent fields keep what is there. When the state first
/// reaches `ready` the ledger writes `voicemail.new`; when `absent` or `failed`, `recording.failed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoicemailChange {
    /// `vm_…`, derived from call and step, carried in the recording's callback URLs.
    pub id: String,
    /// Name of the line.
    pub line: String,
    /// Name of the box.
    pub mailbox: String,
    /// Caller's number as the carrier sent it.
    pub from: Option<String>,
    /// Where it stands.
    pub state: VoicemailState,
    /// `RE…`.
    pub recording_sid: Option<String>,
    /// Seconds.
    pub duration_s: Option<i64>,
    /// The caller's words. Their arrival writes `transcript.ready`.
    pub transcript: Option<String>,
    /// One piece of a real-time transcript: its carrier sequence and words. A voicemail's pieces are a map by
    /// sequence (the first stays), and `transcript` is their words in order, so pieces that come twice or out of
    /// order change nothing; `transcript.ready` is written when `transcript_state` first becomes `completed`.
    pub transcript_piece: Option<(i64, String)>,
    /// The language in which a card number may begin in one piece and end in the next; `None`: nothing is hidden.
    #[serde(default)]
    pub cards_in: Option<String>,
    /// `wanted`, `completed`, `failed`: what became of the transcript. The last two are final: the first stays.
    #[serde(with = "word::option")]
    pub transcript_state: Option<Word>,
}

/// An outgoing event; `events/catalogue.json` names the types and the fields of `data`. The ledger adds `call`
/// to the data of an event whose subject is a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxEvent {
    /// `evt_…`, derived from what happened, where two webhooks can tell of the same event: only the first is
    /// written. `None`: the ledger names it.
    pub id: Option<String>,
    /// `call.answered` and the like.
    #[serde(with = "word")]
    pub kind: Word,
    /// The line it belongs to.
    pub line: Option<String>,
    /// `calls/CA…`.
    pub subject: String,
    /// The envelope's `data`.
    pub data: Value,
}

/// An entry of `errors`, shown by the view `recent_errors`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEntry {
    /// Short name: `webhook.malformed`, `webhook.fault`, `carrier.12100`.
    pub kind: String,
    /// What happened, without secrets and with numbers masked.
    pub message: String,
    /// The call, if one is known.
    pub call_sid: Option<String>,
}
