//! Who talks to callers, as the file writes it.

use super::action;
use super::rows::{Rows, key, list, quoted};
use crate::config::agent::{Agent, AgentKind, Realtime, Relay, Script};
use crate::config::barge_in::BargeIn;

pub(super) fn write(rows: &mut Rows, agent: &Agent) {
    rows.header("[lines.agent]");
    kind(rows, &agent.kind);
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
    rows.text("one_moment", &agent.one_moment);
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

fn kind(rows: &mut Rows, kind: &AgentKind) {
    match kind {
        AgentKind::Script(written) => {
            rows.text("kind", "script");
            script(rows, written);
        }
        AgentKind::WebSocket { url } => {
            rows.text("kind", "websocket");
            rows.text("url", url);
        }
        AgentKind::OpenAiRealtime(set) => realtime(rows, set),
        AgentKind::ConversationRelay(set) => relay(rows, set),
    }
}

fn script(rows: &mut Rows, script: &Script) {
    if let Some(file) = &script.file {
        rows.text("script", file);
    }
}

fn realtime(rows: &mut Rows, set: &Realtime) {
    rows.text("kind", "openai-realtime");
    rows.text("base_url", &set.base_url);
    rows.text("model", &set.model);
    rows.text("voice", &set.voice);
    rows.text("instructions", &set.instructions);
    rows.text("greeting", set.greeting.as_deref().unwrap_or_default());
    rows.text("transcription_model", set.transcription_model.as_deref().unwrap_or_default());
    rows.row("trust_vendor_vad", set.trust_vendor_vad);
}

fn relay(rows: &mut Rows, set: &Relay) {
    rows.text("kind", "conversation-relay");
    match &*set.text {
        AgentKind::Script(written) => script(rows, written),
        AgentKind::WebSocket { url } => rows.text("url", url),
        // No file can say this.
        AgentKind::OpenAiRealtime(_) | AgentKind::ConversationRelay(_) => {}
    }
    let optional = [
        ("greeting", &set.greeting),
        ("tts_provider", &set.tts_provider),
        ("voice", &set.voice),
        ("transcription_provider", &set.transcription_provider),
        ("speech_model", &set.speech_model),
        ("interrupt_sensitivity", &set.interrupt_sensitivity),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            rows.text(key, value);
        }
    }
    rows.text("interruptible", set.interruptible.name());
    rows.row("dtmf", set.dtmf);
    rows.row("hints", list(set.hints.iter().map(|hint| quoted(hint))));
}
