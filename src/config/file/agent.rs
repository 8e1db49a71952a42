//! `[lines.agent]`: who talks to callers.

use super::names::extension;
use super::reader::{Table, Value};
use super::scope::Scope;
use super::script::Leads;
use super::surroundings::looks_secret;
use super::text::File;
use super::{action, barge_in, script, target, words};
use crate::config::agent::{
    Agent, AgentKind, AgentTool, CallerNumber, Interruptible, On, Patience, Realtime, Relay, Script,
};
use crate::config::line::{Action, Emergency, Target};
use crate::config::mistake::{Wrong, nearest};
use crate::config::settings::SECRETS;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::{Host, Url};

const KINDS: [&str; 4] = ["script", "websocket", "openai-realtime", "conversation-relay"];
const SECRET_ENV: &str = "secret_env = \"AGENT_SECRET_BAKERY\"";
const TOOLS: &str = "tools = [\"transfer\", \"take_message\"]";
const PAGE_ZONES: &str = "page_zones = [\"701\"]";
const TARGETS: &str = "targets = { sales = \"+15875550101\" }";

pub(super) fn read(line: &Table<'_>, scope: &Scope<'_>, emergency: &Emergency) -> Agent {
    let table = line.table("agent", "[lines.agent]");
    let usual = Agent::default();
    let targets = targets(&table, scope);
    let page_zones = page_zones(&table);
    let kind = kind(&table, &Leads { targets: &targets, zones: &page_zones });
    if let (AgentKind::ConversationRelay(_), Some(ears)) = (&kind, line.get("barge_in")) {
        let mend = "write interruptible and interrupt_sensitivity in [lines.agent]: the carrier listens";
        ears.warning("`barge_in` is for our own ears: it does nothing here", mend);
    }
    let agent = Agent {
        tools: tools(&table, (&targets, &page_zones), emergency),
        on_failure: next(&table, "on_failure", scope),
        on_end: next(&table, "on_end", scope),
        barge_in: barge_in::read(line, &table),
        hold: table.boolean("hold").unwrap_or(usual.hold),
        secret_env: table.parsed("secret_env", SECRET_ENV, secret_env),
        caller_number: table.parsed("caller_number", "caller_number = \"last4\"", caller_number).unwrap_or_default(),
        reconnect: table.boolean("reconnect").unwrap_or(usual.reconnect),
        one_moment: table.told("one_moment").unwrap_or_else(|| one_moment(table.file)),
        max_s: table.number("max_s", 10..=14_400, usual.max_s),
        patience: patience(table.table("patience", "[lines.agent.patience]")),
        kind,
        targets,
        page_zones,
    };
    table.finish();
    agent
}

/// In the language of the line, where we speak it.
fn one_moment(file: &File<'_>) -> String {
    words::CONNECTING.of(&file.tongues.borrow().now.language).unwrap_or(words::CONNECTING.english()).to_owned()
}

fn kind(table: &Table<'_>, leads: &Leads<'_>) -> AgentKind {
    let word = table.parsed("kind", "kind = \"websocket\"", |text| match KINDS.iter().find(|kind| **kind == text) {
        Some(kind) => Ok(*kind),
        None => {
            let mend = nearest(text, KINDS).map_or_else(
                || format!("write one of: {}", KINDS.join(", ")),
                |near| format!("did you mean \"{near}\"?"),
            );
            Err(Wrong::new(format!("`{text}` is no kind of agent"), mend))
        }
    });
    match word {
        Some("websocket") => AgentKind::WebSocket { url: url(table).unwrap_or_default() },
        Some("openai-realtime") => AgentKind::OpenAiRealtime(realtime(table)),
        Some("conversation-relay") => AgentKind::ConversationRelay(relay(table, leads)),
        _ => AgentKind::Script(Arc::new(script(table, leads))),
    }
}

fn script(table: &Table<'_>, leads: &Leads<'_>) -> Script {
    table
        .get("script")
        .and_then(|path| path.in_tongue())
        .map_or_else(Script::builtin, |path| script::read(&path, leads))
}

fn url(table: &Table<'_>) -> Option<String> {
    const WANTED: &str = "url = \"wss://agent.example.com/calls\"";
    if !table.has("url") {
        table.mistake("the agent has no address", format!("write {WANTED}"));
    }
    table.parsed("url", WANTED, socket_url)
}

/// `wss://…` without secrets; `ws://` where nothing leaves the machine.
fn socket_url(text: &str) -> Result<String, Wrong> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "ws" | "wss") && url.has_host());
    let Some(url) = url else {
        let mend = text.strip_prefix("http").map_or_else(
            || "write it like wss://agent.example.com/calls".to_owned(),
            |rest| format!("write ws{rest}, if that is meant"),
        );
        return Err(Wrong::new(format!("`{text}` is not a WebSocket address"), mend));
    };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "ws" && !here {
        return Err(Wrong::new(format!("`{text}` is not encrypted"), "write wss://; ws:// is for this machine alone"));
    }
    let secret = url.password().is_some() || !url.username().is_empty() || url.fragment().is_some();
    if secret || url.query_pairs().any(|(name, _)| looks_secret(&name)) {
        // Never the address itself: it may hold the secret.
        return Err(Wrong::new(
            "the address holds a secret",
            "take it out: AGENT_SECRET in the environment is sent or signs",
        ));
    }
    Ok(text.to_owned())
}

fn realtime(table: &Table<'_>) -> Realtime {
    const INSTRUCTIONS: &str = "instructions = \"You answer the telephone of …\"";
    if !table.has("instructions") {
        table.mistake("the agent does not know who it is", format!("write {INSTRUCTIONS}"));
    }
    let text = |key, default: &str| table.told(key).unwrap_or_else(|| default.to_owned());
    let transcription = text("transcription_model", "gpt-4o-mini-transcribe");
    let base = table.parsed("base_url", "base_url = \"wss://api.openai.com/v1\"", socket_url);
    Realtime {
        base_url: base.unwrap_or_else(|| "wss://api.openai.com/v1".to_owned()),
        model: text("model", "gpt-realtime"),
        voice: text("voice", "marin"),
        instructions: text("instructions", ""),
        greeting: Some(text("greeting", "Greet the caller in one short sentence, and ask what you can do."))
            .filter(|words| !words.is_empty()),
        transcription_model: Some(transcription).filter(|model| !model.is_empty()),
        trust_vendor_vad: table.boolean("trust_vendor_vad").unwrap_or(false),
    }
}

fn relay(table: &Table<'_>, leads: &Leads<'_>) -> Relay {
    let word =
        |key: &'static str, known: &'static [&'static str]| table.parsed(key, known_first(known), one_of(key, known));
    let text = |key: &'static str| table.told(key);
    let brain = if table.has("url") {
        if table.has("script") {
            table.mistake("two agents answer: `url` and `script`", "leave one of them out");
        }
        AgentKind::WebSocket { url: url(table).unwrap_or_default() }
    } else {
        AgentKind::Script(Arc::new(script(table, leads)))
    };
    let interruptible = word("interruptible", &["any", "speech", "dtmf", "none"]);
    let interruptible = Interruptible::ALL.into_iter().find(|kind| Some(kind.name()) == interruptible.as_deref());
    let hints = table
        .get("hints")
        .and_then(|hints| hints.in_tongue())
        .map(|hints| hints.list().iter().filter_map(hint).collect());
    let relay = Relay {
        text: Box::new(brain),
        greeting: text("greeting"),
        tts_provider: word("tts_provider", &["ElevenLabs", "Google", "Amazon"]),
        voice: text("voice"),
        transcription_provider: word("transcription_provider", &["Deepgram", "Google"]),
        speech_model: text("speech_model"),
        interruptible: interruptible.unwrap_or_default(),
        interrupt_sensitivity: word("interrupt_sensitivity", &["low", "medium", "high"]),
        dtmf: table.boolean("dtmf").unwrap_or(true),
        hints: hints.unwrap_or_default(),
    };
    unheard(table, &relay);
    relay
}

/// What our own ears and voice would do, and the carrier's do not.
fn unheard(table: &Table<'_>, relay: &Relay) {
    for key in ["barge_in", "hold"] {
        if let Some(value) = table.get(key) {
            let mend = "write interruptible and interrupt_sensitivity: the carrier listens";
            table.file.warning(&value.span, format!("`{key}` is for our own ears: it does nothing here"), mend);
        }
    }
    let AgentKind::Script(script) = &*relay.text else { return };
    if !relay.dtmf && script.rules.iter().any(|rule| matches!(rule.on, On::Key(_))) {
        table
            .mistake("the script waits for keys that nobody tells it", "write dtmf = true, or take the keys out of it");
    }
}

fn hint(value: &Value<'_>) -> Option<String> {
    value.parsed("hints = [\"opening hours\"]", |text| {
        if text.trim().is_empty() || text.contains(',') {
            return Err(Wrong::new(format!("`{text}` is no hint"), "write words without a comma, each hint by itself"));
        }
        Ok(text.trim().to_owned())
    })
}

/// An example: `key = "first"` is too much to say.
fn known_first(known: &'static [&'static str]) -> &'static str {
    known.first().copied().unwrap_or_default()
}

fn one_of(key: &'static str, known: &'static [&'static str]) -> impl Fn(&str) -> Result<String, Wrong> {
    move |text| {
        if known.contains(&text) {
            return Ok(text.to_owned());
        }
        let mend = nearest(text, known.iter().copied())
            .map_or_else(|| format!("write one of: {}", known.join(", ")), |near| format!("did you mean \"{near}\"?"));
        Err(Wrong::new(format!("`{text}` is no `{key}` of the carrier's"), mend))
    }
}

fn targets(table: &Table<'_>, scope: &Scope<'_>) -> BTreeMap<String, Target> {
    let named = |(name, span, value): (String, std::ops::Range<usize>, Value<'_>)| {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        if name.is_empty() || name.len() > 40 || !name.chars().all(sound) {
            let mend = "small letters, digits, - and _, like sales: the agent says it";
            value.file.mistake(&span, format!("`{name}` is not a name for a target"), mend);
        }
        Some((name, value.parsed(TARGETS, |text| target::parse(text, scope.dial_public))?))
    };
    table.table("targets", TARGETS).entries().into_iter().filter_map(named).collect()
}

/// Zones that the agent may page without a PIN: the line says so. None where the house has none.
fn page_zones(table: &Table<'_>) -> Vec<String> {
    let Some(written) = table.get("page_zones") else { return Vec::new() };
    let known = &table.file.pages.borrow().zones;
    let parse = |zone: &str| {
        extension(zone)?;
        if known.is_empty() || known.iter().any(|known| known == zone) {
            return Ok(zone.to_owned());
        }
        let mend = format!("write [paging.zones.{zone}], or some of: {}", known.join(", "));
        Err(Wrong::new(format!("there is no zone `{zone}`"), mend))
    };
    let zones: Vec<String> = written.list().iter().filter_map(|value| value.parsed(PAGE_ZONES, parse)).collect();
    if known.is_empty() && !zones.is_empty() {
        table.file.note(&written.span, "the agent's tool `page` is not offered: there are no zones", "");
        return Vec::new();
    }
    zones
}

/// What is written, or what makes sense for the line.
fn tools(
    table: &Table<'_>,
    (targets, zones): (&BTreeMap<String, Target>, &[String]),
    emergency: &Emergency,
) -> Vec<AgentTool> {
    let Some(written) = table.get("tools") else {
        let always = [AgentTool::TakeMessage, AgentTool::HangUp, AgentTool::SetTag];
        let transfer = (!targets.is_empty()).then_some(AgentTool::Transfer);
        let escalate = emergency.number.is_some().then_some(AgentTool::Emergency);
        let page = (!zones.is_empty()).then_some(AgentTool::Page);
        return transfer.into_iter().chain(always).chain(escalate).chain(page).collect();
    };
    let mut tools: Vec<AgentTool> = written.list().iter().filter_map(|value| value.parsed(TOOLS, tool)).collect();
    if tools.contains(&AgentTool::Transfer) && targets.is_empty() {
        written.mistake("the agent may transfer calls and knows nobody", format!("write {TARGETS}"));
    }
    if tools.contains(&AgentTool::Page) && !table.has("page_zones") {
        let what = "the agent's tool `page` is not offered: no zone is named";
        table.file.note(&written.span, what, format!("write {PAGE_ZONES}"));
    }
    tools.retain(|tool| *tool != AgentTool::Page || !zones.is_empty());
    tools
}

fn tool(name: &str) -> Result<AgentTool, Wrong> {
    AgentTool::named(name).ok_or_else(|| {
        let names = AgentTool::ALL.map(|(name, _)| name);
        let mend = nearest(name, names)
            .map_or_else(|| format!("write some of: {}", names.join(", ")), |near| format!("did you mean \"{near}\"?"));
        Wrong::new(format!("`{name}` is no tool of the house"), mend)
    })
}

/// Where a conversation leads: to a person, a menu or the mailbox, and never in a circle.
fn next(table: &Table<'_>, key: &'static str, scope: &Scope<'_>) -> Action {
    let Some(value) = table.get(key) else { return Action::Voicemail };
    match action::read(&value, scope).map(|choice| choice.action) {
        Some(action @ (Action::Dial(_) | Action::Voicemail | Action::Menu(_) | Action::Hangup { .. })) => action,
        Some(_) => {
            let mend = "write \"voicemail\", { dial = \"+1…\" }, { menu = \"…\" } or \"hangup\"";
            value.mistake(format!("`{key}` cannot do that"), mend);
            Action::Voicemail
        }
        None => Action::Voicemail,
    }
}

fn patience(table: Table<'_>) -> Patience {
    let usual = Patience::default();
    let read = Patience {
        connect_ms: table.number("connect_ms", 100..=10_000, usual.connect_ms),
        ready_ms: table.number("ready_ms", 100..=10_000, usual.ready_ms),
        answer_ms: table.number("answer_ms", 300..=60_000, usual.answer_ms),
        first_fail_ms: table.number("first_fail_ms", 500..=60_000, usual.first_fail_ms),
        answer_fail_ms: table.number("answer_fail_ms", 500..=120_000, usual.answer_fail_ms),
    };
    if read.answer_ms > 2_000 {
        let what = "an answer may be late for more than two seconds before anything is said";
        table.file.warning(&table.span, what, "write answer_ms = 1800: callers take longer silence for a dead line");
    }
    table.finish();
    read
}

/// The name of a variable, and of none that holds something else. Never the text itself: it may be the secret.
fn secret_env(text: &str) -> Result<String, Wrong> {
    let rest = text.strip_prefix(SECRETS).filter(|rest| !rest.is_empty() && !rest.ends_with("_FILE"));
    let sound = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_';
    if text.len() <= 64 && rest.is_some_and(|rest| rest.bytes().all(sound)) {
        return Ok(text.to_owned());
    }
    let mend = format!("write {SECRET_ENV}, and the secret into that variable, or a file's name into …_FILE");
    Err(Wrong::new("`secret_env` is not the name of a variable for an agent's secret", mend))
}

fn caller_number(text: &str) -> Result<CallerNumber, Wrong> {
    let all = [CallerNumber::Full, CallerNumber::Last4, CallerNumber::None];
    all.into_iter().find(|number| number.name() == text).ok_or_else(|| {
        Wrong::new(format!("`{text}` is no amount of a number"), "write \"full\", \"last4\" or \"none\"")
    })
}
