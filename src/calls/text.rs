//! Texts: one comes in, or the carrier tells what became of one of ours. Both are kept whole; no picture is ever fetched.

use super::draft::Draft;
use super::emergency;
use super::hiding::hidden;
use super::input::clean;
use super::opens;
use super::scene::Scene;
use super::state::State;
use crate::base::{CallSid, Caller, derived_id, folded, rfc3339_ms};
use crate::config::callers::Verdict;
use crate::config::line::Line;
use crate::gate::Route;
use crate::ledger::{OptOut, OutboxEvent, Quota, TextChange, TextKind, TextObject, TextReply, TextState};
use crate::twilio::webhook::{IncomingSms, SmsState, SmsStatus};
use crate::twiml::{Message, TextResponse};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Numbers and names are cut here; nothing real is longer.
const LONGEST: usize = 256;
/// A text has 1600 characters at most.
const LONGEST_BODY: usize = 8000;
/// By then a message that was left has been told of.
const UNTIL_MISSED: TimeDelta = TimeDelta::seconds(60);
const HOUR_US: i64 = 3_600_000_000;

/// What the carrier answers by itself, as a text of its own or folded: nothing is said on top of it.
const STOP: [&str; 9] = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "arret"];
const START: [&str; 2] = ["start", "unstop"];
const HELP: [&str; 3] = ["help", "info", "aide"];
/// The carrier refused because its recipient had written STOP.
const REFUSED_BY_OPT_OUT: u32 = 21610;

/// A webhook about a text.
pub(super) fn taken(scene: &Scene<'_>, draft: &mut Draft) {
    let names = ["MessageSid", "SmsSid", "SmsMessageSid"];
    let Some(sid) = names.into_iter().find_map(|name| scene.field(name)).and_then(CallSid::parse) else {
        draft.decided("a text without a name: kept");
        return draft.error(scene, "webhook.malformed", "a text without a MessageSid that can be one");
    };
    match scene.field("MessageStatus") {
        None | Some("received") => arrived(scene, draft, sid.as_str()),
        Some(word) => reported(scene, draft, (sid.as_str(), word)),
    }
}

/// What the carrier did with what somebody wrote.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    Stop,
    Start,
    Help,
    None,
}

impl Keyword {
    /// As the carrier says where it can be asked to, or as it decides: by a text that is nothing else.
    fn of(scene: &Scene<'_>, body: &str) -> Self {
        let word = folded(body);
        let is = |words: &[&str]| words.contains(&word.as_str());
        match scene.field("OptOutType") {
            Some("STOP") => Self::Stop,
            Some("START") => Self::Start,
            Some("HELP") => Self::Help,
            _ if is(&STOP) => Self::Stop,
            _ if is(&START) => Self::Start,
            _ if is(&HELP) => Self::Help,
            _ => Self::None,
        }
    }
}

fn arrived(scene: &Scene<'_>, draft: &mut Draft, sid: &str) {
    let sms = IncomingSms::read(scene.webhook.fields);
    let id = derived_id("msg", &[sid]);
    let written = sms.body.unwrap_or_default();
    let media = media(&sms);
    let change = TextChange {
        sid: Some(sid.to_owned()),
        account_sid: kept(sms.account_sid),
        line: scene.line_name().map(str::to_owned),
        from: kept(sms.from),
        to: kept(sms.to),
        body: Some(clean(&hidden(scene.line, written), LONGEST_BODY).into_owned()),
        media_count: i64::from(sms.media.unwrap_or_default()),
        media: Some(media.to_string()),
        segments: sms.segments.map(i64::from),
        ..TextChange::new(id, TextKind::Received, TextState::Received)
    };
    draft.decided(if scene.line.is_some() { "text kept" } else { "no line has this number: text kept" });
    draft.facts.event(received(scene, &change, &media));
    let keyword = Keyword::of(scene, written);
    wishes(scene, draft, (keyword, written));
    if let Some(line) = scene.line {
        calls_for_help(line, draft, &change, written);
        if keyword == Keyword::None && may_have_reply(scene, line, &change) {
            reply(scene, line, draft, &change);
        }
    }
    draft.facts.text(change);
}

fn kept(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| clean(text, LONGEST).into_owned())
}

/// Names and kinds of what came with a text. Its URLs are not kept, and nothing is fetched from them.
fn media(sms: &IncomingSms<'_>) -> Value {
    let one = |(place, kind): (&str, &str)| {
        let sid = sms.media_urls.get(place).and_then(|url| url.rsplit('/').next());
        let sid = sid.filter(|sid| sid.starts_with("ME") && sid.bytes().all(|b| b.is_ascii_alphanumeric()));
        json!({ "sid": sid.map(|sid| clean(sid, LONGEST)), "type": clean(kind, LONGEST) })
    };
    sms.media_types.iter().map(one).collect()
}

/// `message.received`: once, whatever URL the carrier asks.
fn received(scene: &Scene<'_>, change: &TextChange, media: &Value) -> OutboxEvent {
    let mut message = json!(told(change));
    if let Some(fields) = message.as_object_mut() {
        fields.insert("body".to_owned(), json!(change.body));
        fields.insert("media".to_owned(), media.clone());
        fields.insert("segments".to_owned(), json!(change.segments));
        fields.insert("received_at".to_owned(), json!(rfc3339_ms(scene.webhook.at)));
    }
    told(change).event("message.received", json!({ "message": message }))
}

fn told(change: &TextChange) -> TextObject<'_> {
    TextObject {
        id: &change.id,
        sid: change.sid.as_deref(),
        line: change.line.as_deref(),
        direction: change.kind.direction(),
        from: change.from.as_deref(),
        to: change.to.as_deref(),
        state: change.state.as_str(),
    }
}

/// Who writes STOP gets no more texts of ours either; the carrier answers him.
fn wishes(scene: &Scene<'_>, draft: &mut Draft, (keyword, written): (Keyword, &str)) {
    let out = match keyword {
        Keyword::Stop => true,
        Keyword::Start => false,
        Keyword::Help => return draft.decided("the carrier answers"),
        // The carrier takes it for a START; it may as well be a customer's yes, which deserves its reply.
        Keyword::None if folded(written) == "yes" => false,
        Keyword::None => return,
    };
    draft.decided(if out { "wants no texts" } else { "wants texts" });
    if let (Some(number), Some(peer)) = (kept(scene.field("To")), kept(scene.field("From"))) {
        draft.facts.opt_out(OptOut { number, peer, out, word: clean(written.trim(), 20).into_owned() });
    }
}

/// A word that calls for help is told at once; who writes is not rung.
fn calls_for_help(line: &Line, draft: &mut Draft, change: &TextChange, written: &str) {
    let Some(alarm) = emergency::heard(line, written) else { return };
    draft.decided("emergency word: told");
    let data = json!({
        "call": null,
        "message": told(change),
        "keyword": alarm.keyword,
        "excerpt": hidden(Some(line), &alarm.excerpt),
        "source": "text",
        "action": "none",
    });
    draft.facts.event(told(change).event("emergency.detected", data));
}

/// People only: not another line of this house, not a short code, and nobody whom the line does not let in.
fn may_have_reply(scene: &Scene<'_>, line: &Line, change: &TextChange) -> bool {
    let Caller::Number(from) = Caller::parse(change.from.as_deref().unwrap_or_default()) else { return false };
    let ours = scene.world.lines().iter().any(|line| line.numbers.contains(&from));
    !ours && !matches!(scene.world.verdict(line, (from.as_str(), None), scene.webhook.at), Verdict::Blocked(..))
}

/// The line's reply, if its sender has had none for a while.
fn reply(scene: &Scene<'_>, line: &Line, draft: &mut Draft, change: &TextChange) {
    let Some(words) = words(scene, line) else { return };
    let id = derived_id("msg", &["reply", &change.id]);
    let report_to = reports(&scene.world.public_url, &line.name, &id);
    let answer = TextResponse::of(Message::new(words.as_str()).status_callback(report_to)).render();
    let from = change.from.as_deref().unwrap_or_default();
    draft.facts.reply_once(TextReply {
        quota: Quota {
            key: format!("reply/{}/{from}", line.name),
            every_us: i64::from(line.texts.reply_every_h) * HOUR_US,
        },
        answer: answer.into(),
        decision: format!("replies, again in {} hours at the earliest", line.texts.reply_every_h),
        text: TextChange {
            account_sid: change.account_sid.clone(),
            line: change.line.clone(),
            from: change.to.clone(),
            to: change.from.clone(),
            body: Some(words),
            in_reply_to: Some(change.id.clone()),
            ..TextChange::new(id, TextKind::Reply, TextState::Accepted)
        },
    });
}

/// Where the carrier reports what becomes of a text of ours.
#[must_use]
pub fn reports(public_url: &str, line: &str, id: &str) -> String {
    State { step: 1, line, message: id, ..State::default() }.url(public_url, Route::Sms)
}

fn words(scene: &Scene<'_>, line: &Line) -> Option<String> {
    let texts = &line.texts;
    let standing = scene.world.standing(line, scene.webhook.at);
    let words = match standing.open || texts.reply_closed.is_empty() {
        true => texts.reply.clone(),
        false => {
            let now = scene.webhook.at.with_timezone(&line.timezone);
            opens::greeting(line, &texts.reply_closed, &standing, now)
        }
    };
    (!words.trim().is_empty()).then_some(words)
}

/// A call is over: whoever reached nobody is sent the line's text, if he can be reached so. The ledger knows whom he reached;
/// a message that he left is told of within the time until it is sent.
pub(super) fn missed(scene: &Scene<'_>, draft: &mut Draft) {
    let (Some(line), Some(call)) = (scene.line, &scene.sid) else { return };
    let inbound = scene.field("Direction").is_none_or(|direction| direction == "inbound");
    let Caller::Number(caller) = Caller::parse(scene.field("From").unwrap_or_default()) else { return };
    let ours = scene.world.lines().iter().any(|line| line.numbers.contains(&caller));
    if line.texts.missed.is_empty() || !inbound || ours {
        return;
    }
    draft.facts.text_if_missed(TextChange {
        account_sid: kept(scene.field("AccountSid")),
        line: Some(line.name.clone()),
        from: kept(scene.called()),
        to: Some(caller.to_string()),
        body: Some(line.texts.missed.clone()),
        call_sid: Some(call.to_string()),
        due_at: Some(scene.webhook.at + UNTIL_MISSED),
        ..TextChange::new(derived_id("msg", &["missed", call.as_str()]), TextKind::MissedCall, TextState::Queued)
    });
}

/// What became of a text of ours: reports come twice, late and in any order, and none moves its row back.
fn reported(scene: &Scene<'_>, draft: &mut Draft, (sid, word): (&str, &str)) {
    let Some(state) = SmsState::parse(word).and_then(stands) else {
        draft.decided("message status unknown: kept");
        return draft.error(scene, "webhook.malformed", "a report about a text without a MessageStatus that we know");
    };
    draft.decided("text is ");
    draft.also(state.as_str());
    let report = SmsStatus::read(scene.webhook.fields);
    let ours = Some(scene.state.message).filter(|id| id.starts_with("msg_")).map(str::to_owned);
    let line = scene.world.line(scene.state.line).or_else(|| scene.world.line_for(report.from.unwrap_or_default()));
    let change = TextChange {
        sid: Some(sid.to_owned()),
        account_sid: kept(report.account_sid),
        line: line.map(|line| line.name.clone()),
        from: kept(report.from),
        to: kept(report.to),
        error_code: report.error_code.map(i64::from).filter(|_| state.is_failure()),
        ..TextChange::new(ours.unwrap_or_else(|| derived_id("msg", &[sid])), TextKind::Other, state)
    };
    if state.is_failure() {
        let data = json!({ "message": told(&change), "error_code": change.error_code });
        draft.facts.event(told(&change).event("message.failed", data));
    } else if state.rank() >= TextState::Accepted.rank() {
        draft.facts.event(told(&change).event("message.sent", json!({ "message": told(&change) })));
    }
    if report.error_code == Some(REFUSED_BY_OPT_OUT)
        && let (Some(number), Some(peer)) = (change.from.clone(), change.to.clone())
    {
        draft.facts.opt_out(OptOut { number, peer, out: true, word: REFUSED_BY_OPT_OUT.to_string() });
    }
    draft.facts.text(change);
}

/// The carrier's word, as we say it. It sends nothing later for us, and takes nothing back.
const fn stands(state: SmsState) -> Option<TextState> {
    Some(match state {
        SmsState::Accepted | SmsState::Scheduled | SmsState::Queued | SmsState::Sending => TextState::Accepted,
        SmsState::Sent => TextState::Sent,
        SmsState::Delivered => TextState::Delivered,
        SmsState::Undelivered => TextState::Undelivered,
        SmsState::Failed | SmsState::Canceled => TextState::Failed,
        SmsState::Read => TextState::Read,
        SmsState::Receiving | SmsState::Received => return None,
    })
}
