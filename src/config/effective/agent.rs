//! Who talks to callers, as the file writes it.

use super::rows::{Rows, key, list, quoted};
use super::{action, languages};
use crate::config::agent::{Agent, AgentKind, Realtime, Relay};
use crate::config::barge_in::BargeIn;
use crate::config::line::Line;

pub(super) fn write(rows: &mut Rows, line: &Line) {
    let agent = &*line.agent;
    rows.header("[lines.agent]");
    kind(rows, line);
    rows.row("tools", list(agent.tools.iter().map(|tool| quoted(tool.name()))));
    let targets = agent.targets.iter().map(|(name, target)| format!("{} = {}", key(name), action::target(target)));
    rows.row("targets", format!("{{ {} }}", targets.collect::<Vec<_>>().join(", ")));
    if !agent.page_zones.is_empty() {
        rows.row("page_zones", list(agent.page_zones.iter().map(|zone| quoted(zone))));
    }
    rows.row("on_failure", action::written(&agent.on_failure));
    rows.row("on_end", action::written(&agent.on_end));
    if agent.relay().is_none() {
        rows.row("hold", agent.hold);
    }
    if let Some(name) = &agent.secret_env {
        rows.text("secret_env", name);
    }
    rows.text("caller_number", agent.caller_number.name());
    rows.row("reconnect", agent.reconnect);
    told(rows, line, "one_moment", |agent| Some(&agent.one_moment));
    rows.row("max_s", agent.max_s);
    let patience = &agent.patience;
    rows.row(
        "patience",
        format!(
            "{{ connect_ms = {}, ready_ms = {}, answer_ms = {}, first_fail_ms = {}, answer_fail_ms = {} }}",
            patience.connect_ms, patience.ready_ms, patience.answer_ms, patience.first_fail_ms, patience.answer_fail_ms
        ),
    );
}

/// How soon a caller's voice counts, with the numbers in force.
pub(super) fn barge_in(rows: &mut Rows, listens: &BargeIn) {
    rows.header("[lines.barge_in]");
    rows.text("preset", listens.preset.name());
    rows.row("evidence", listens.evidence);
    rows.row("speech_ms", listens.speech_ms);
    rows.row("silence_ms", listens.silence_ms);
}

/// A text that may differ by language.
fn told(rows: &mut Rows, line: &Line, key: &str, text: impl Fn(&Agent) -> Option<&String>) {
    if let Some(value) = languages::each(line, |line| text(&line.agent).map(|text| quoted(text))) {
        rows.row(key, value);
    }
}

fn kind(rows: &mut Rows, line: &Line) {
    match &line.agent.kind {
        AgentKind::Script(_) => {
            rows.text("kind", "script");
            script(rows, line);
        }
        AgentKind::WebSocket { url } => {
            rows.text("kind", "websocket");
            rows.text("url", url);
        }
        AgentKind::OpenAiRealtime(set) => realtime(rows, line, set),
        AgentKind::ConversationRelay(set) => relay(rows, line, set),
    }
}

fn script(rows: &mut Rows, line: &Line) {
    told(rows, line, "script", |agent| match agent.kind.brain() {
        AgentKind::Script(script) => script.file.as_ref(),
        _ => None,
    });
}

/// The settings of OpenAI's API, if those are the agent's.
const fn set(agent: &Agent) -> Option<&Realtime> {
    match &agent.kind {
        AgentKind::OpenAiRealtime(set) => Some(set),
        _ => None,
    }
}

fn realtime(rows: &mut Rows, line: &Line, whole: &Realtime) {
    const NONE: &String = &String::new();
    rows.text("kind", "openai-realtime");
    rows.text("base_url", &whole.base_url);
    told(rows, line, "model", |agent| Some(&set(agent)?.model));
    told(rows, line, "voice", |agent| Some(&set(agent)?.voice));
    told(rows, line, "instructions", |agent| Some(&set(agent)?.instructions));
    told(rows, line, "greeting", |agent| Some(set(agent)?.greeting.as_ref().unwrap_or(NONE)));
    told(rows, line, "transcription_model", |agent| Some(set(agent)?.transcription_model.as_ref().unwrap_or(NONE)));
    rows.row("trust_vendor_vad", whole.trust_vendor_vad);
}

fn relay(rows: &mut Rows, line: &Line, set: &Relay) {
    rows.text("kind", "conversation-relay");
    match &*set.text {
        AgentKind::Script(_) => script(rows, line),
        AgentKind::WebSocket { url } => rows.text("url", url),
        // No file can say this.
        AgentKind::OpenAiRealtime(_) | AgentKind::ConversationRelay(_) => {}
    }
    told(rows, line, "greeting", |agent| agent.relay()?.greeting.as_ref());
    told(rows, line, "voice", |agent| agent.relay()?.voice.as_ref());
    told(rows, line, "speech_model", |agent| agent.relay()?.speech_model.as_ref());
    let optional = [
        ("tts_provider", &set.tts_provider),
        ("transcription_provider", &set.transcription_provider),
        ("interrupt_sensitivity", &set.interrupt_sensitivity),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            rows.text(key, value);
        }
    }
    rows.text("interruptible", set.interruptible.name());
    rows.row("dtmf", set.dtmf);
    let hints = |line: &Line| Some(list(line.agent.relay()?.hints.iter().map(|hint| quoted(hint))));
    if let Some(hints) = languages::each(line, hints) {
        rows.row("hints", hints);
    }
}
