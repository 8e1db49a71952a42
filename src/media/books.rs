//! What conversations of both kinds have in common, in sound or in text: they are counted, seen by operators, and their ends
//! are kept for whoever decides what follows.

use super::counts::{Fresh, Interruption, Odd};
use super::course::Course;
use super::live::Hung;
use super::outcome::Over;
use super::parts::Media;
use crate::agents::port::Opening;
use crate::base::StreamMeters;
use crate::config::agent::AgentKind;
use crate::config::line::Line;
use crate::ledger::StreamNext;
use crate::world::StreamPass;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time;

/// The parameter of our TwiML that carries the token.
pub(super) const TOKEN: &str = "token";

/// A conversation begins: it is counted, and operators see it.
pub(super) fn begun(media: &Media, pass: &StreamPass) -> Hung {
    media.0.meters.streams.active.increment(1.0);
    media.0.boards.hang(&pass.call)
}

/// A conversation is over: that is counted and kept, for whoever decides what follows. `stream_sid` is `MZ…` or `VX…`.
pub(super) async fn keep(
    media: &Media,
    pass: &StreamPass,
    over: &Over,
    (mut summary, course, stream_sid): (serde_json::Value, &mut Course, &str),
) {
    let streams = &media.0.meters.streams;
    streams.active.decrement(1.0);
    streams.ended.count(word(&over.end.next));
    let (sid, reason) = (pass.call.as_str(), over.end.reason.as_str());
    tracing::info!(call.sid = sid, stream.sid = stream_sid, reason, stream = %summary, "a stream ended");
    // Behind the log: what callers say stands in none.
    if let Some(summary) = summary.as_object_mut() {
        summary.insert("said".to_owned(), course.minutes.as_json());
    }
    let told = course.minutes.events(sid, &course.line, stream_sid);
    let answered = !matches!(course.line.agent.kind.brain(), AgentKind::Script(_)) && course.turns.count > 0;
    media.keep_end(pass, (&over.end, told), (&summary, answered)).await;
}

/// A conversation that begins now; `told` are the parameters of our TwiML.
pub(super) fn course(media: &Media, (pass, line): (&StreamPass, Arc<Line>), told: &BTreeMap<String, String>) -> Course {
    let opening = opening(pass, &line, told);
    let call = (opening.call.to_string(), opening.from.clone());
    let link = media.0.engines.open(&line.agent, opening);
    Course::new(line, call, (link, Arc::clone(&media.0.voices)), time::Instant::now().into_std())
}

/// What the agent is told of the call; `told` are the parameters of our TwiML.
pub(super) fn opening(pass: &StreamPass, line: &Line, told: &BTreeMap<String, String>) -> Opening {
    let parameter = |name: &str| told.get(name).cloned().unwrap_or_default();
    Opening {
        call: pass.call.clone(),
        line: line.name.clone(),
        from: parameter("from"),
        to: parameter("to"),
        language: line.language.clone(),
        menu: parameter("menu"),
        tags: BTreeMap::new(),
    }
}

pub(super) const fn word(next: &StreamNext) -> &'static str {
    match next {
        StreamNext::Line => "line",
        StreamNext::Failed | StreamNext::NotPaged { .. } => "failed",
        StreamNext::Voicemail => "voicemail",
        StreamNext::Transfer { .. } => "transfer",
        StreamNext::Emergency { .. } => "emergency",
        StreamNext::Hangup => "hangup",
        StreamNext::Again => "again",
        StreamNext::Closed => "closed",
    }
}

/// What conversations of both kinds count.
pub(super) fn count_common(streams: &StreamMeters, counts: &Fresh, sid: &str) {
    for (how, word) in Interruption::ALL {
        streams.barge_ins.add(word, counts.interruptions.get(how as usize).map_or(0, |n| u64::from(*n)));
    }
    for (how, word) in Odd::ALL {
        let odd = counts.odd.get(how as usize).map_or(0, |n| u64::from(*n));
        streams.odd.add(word, odd);
        if odd > 0 && how == Odd::Malformed {
            tracing::warn!(stream.sid = sid, messages = odd, "ignored what is no message");
        }
    }
}
