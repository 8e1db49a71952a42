//! A fake server that follows a script, a telephone, and the session between them.

use super::script::{Mutation, load, mutate};
use super::telephone::Telephone;
use crate::agents::openai::{Realtime, Setting};
use crate::agents::outbox::sound;
use crate::agents::port::{Ms, Opening, Stats, ToAgent, Why};
use crate::agents::session::{Act, Acts, Heard, Session, Socket};
use crate::base::{Clock, E164, Secret, Time};
use crate::config::agent::{self, Agent, AgentKind, AgentTool, Patience};
use crate::config::line::Target;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A played script.
pub(super) struct Stage {
    session: Realtime,
    pub(super) telephone: Telephone,
    lines: Vec<Value>,
    pub(super) sent: Vec<(Ms, Socket, Value)>,
    pub(super) appended: Vec<Ms>,
    pub(super) notes: Vec<&'static str>,
    pub(super) dials: Vec<(Ms, Socket)>,
    pub(super) closes: Vec<(Ms, Socket, u16)>,
    /// The socket that the server speaks on.
    socket: Socket,
    frozen: bool,
    now: Ms,
}

/// The line of all scripts.
fn agent(reconnect: bool) -> Agent {
    let set = agent::Realtime {
        base_url: "wss://api.openai.com/v1".to_owned(),
        model: "gpt-realtime".to_owned(),
        voice: "marin".to_owned(),
        instructions: "You answer the telephone of a made-up bakery. Be brief.".to_owned(),
        greeting: Some("Greet the caller.".to_owned()),
        transcription_model: Some("gpt-4o-mini-transcribe".to_owned()),
        trust_vendor_vad: false,
    };
    let sales = Target::Number(E164::parse("+15875550101").unwrap());
    // The script of a reconnection lets us wait longer than a caller should.
    let connect_ms = if reconnect { 2_000 } else { 800 };
    Agent {
        kind: AgentKind::OpenAiRealtime(set),
        patience: Patience { connect_ms, ..Patience::default() },
        tools: vec![AgentTool::Transfer],
        targets: BTreeMap::from([("sales".to_owned(), sales)]),
        reconnect,
        ..Agent::default()
    }
}

fn session(reconnect: bool) -> Realtime {
    let agent = agent(reconnect);
    let AgentKind::OpenAiRealtime(set) = agent.kind.clone() else { unreachable!("the line of all scripts") };
    let clock = Clock::manual(Time::UNIX_EPOCH);
    Realtime::new(Setting {
        agent: Arc::new(agent),
        set,
        key: Secret::new("test-key"),
        opening: Opening::example(),
        clock,
    })
}

impl Stage {
    /// Plays a script to its end, and ten seconds more.
    pub(super) fn play(name: &str, variant: Option<&str>, mutation: Mutation) -> Self {
        let lines = mutate(load(name, variant), mutation);
        let time = |line: &Value| ["ms", "by_ms", "to_ms"].iter().filter_map(|key| line[*key].as_u64()).max();
        let end = lines.iter().filter_map(time).max().unwrap() + 10_000;
        // An hour of frames is an hour of nothing: they come less often there.
        let every = if end > 1_000_000 { 1_000 } else { 20 };
        let mut stage = Self {
            session: session(variant == Some("B")),
            telephone: Telephone::default(),
            lines,
            sent: Vec::new(),
            appended: Vec::new(),
            notes: Vec::new(),
            dials: Vec::new(),
            closes: Vec::new(),
            socket: 1,
            frozen: false,
            now: 0,
        };
        stage.run(end, every);
        stage
    }

    fn run(&mut self, end: Ms, every: Ms) {
        let mut acts = Acts::new();
        self.session.begin(0, &mut acts);
        self.session.told(0, ToAgent::Begin, &mut acts);
        self.perform(acts);
        let mut due = self.due();
        for now in 0..end {
            self.now = now;
            while let Some(line) = due.pop_if(|line| line["ms"].as_u64().unwrap() <= now) {
                self.step(&line);
            }
            if now % every == 0 {
                self.tell(sound(&[0xff; 160], 0));
            }
            if now % 20 == 0 {
                let words = self.telephone.frame(now);
                words.into_iter().for_each(|word| self.tell(word));
            }
            if self.session.wakes().is_some_and(|at| at <= now) {
                let mut acts = Acts::new();
                self.session.tick(now, &mut acts);
                self.perform(acts);
                assert!(self.session.wakes().is_none_or(|at| at > now), "it wakes for nothing at {now}");
            }
        }
    }

    /// What happens, the last first.
    fn due(&self) -> Vec<Value> {
        let mut due: Vec<Value> = self.lines.iter().filter(|line| line["ms"].is_u64()).cloned().collect();
        due.sort_by_key(|line| line["ms"].as_u64().unwrap());
        due.reverse();
        due
    }

    fn step(&mut self, line: &Value) {
        match (line["dir"].as_str().unwrap(), line["op"].as_str(), line["do"].as_str()) {
            ("s>c", ..) if !self.frozen && self.wanted(line) => self.hear(Heard::Text(&line["event"].to_string())),
            ("net", Some("open"), _) => {
                self.socket = self.dials.last().unwrap().1;
                self.hear(Heard::Open(None));
            }
            ("net", Some("close"), _) => {
                self.hear(Heard::Closed(line["code"].as_u64().and_then(|code| u16::try_from(code).ok())));
            }
            ("net", Some("drop"), _) => self.hear(Heard::Closed(None)),
            ("net", Some("freeze"), _) => self.frozen = true,
            ("phone", _, Some("speak")) => self.telephone.speak(self.now, line["for_ms"].as_u64().unwrap()),
            ("phone", _, Some("hangup")) => {
                self.tell(ToAgent::Stop { why: Why::CallerHangup, stats: Stats::default() });
            }
            _ => {}
        }
    }

    /// `only_if`: only after the client has sent such an event.
    fn wanted(&self, line: &Value) -> bool {
        line["only_if"].is_null() || self.sent.iter().any(|(_, _, sent)| fits(sent, &line["only_if"]))
    }

    fn hear(&mut self, news: Heard<'_>) {
        let mut acts = Acts::new();
        self.session.heard(self.now, self.socket, news, &mut acts);
        self.perform(acts);
    }

    fn tell(&mut self, word: ToAgent) {
        let mut acts = Acts::new();
        self.session.told(self.now, word, &mut acts);
        self.perform(acts);
    }

    fn perform(&mut self, acts: Acts) {
        for act in acts {
            match act {
                Act::Text(_, text) if text.contains("input_audio_buffer.append") => self.appended.push(self.now),
                Act::Text(socket, text) => self.sent.push((self.now, socket, serde_json::from_str(&text).unwrap())),
                Act::Say(word) => {
                    let words = self.telephone.take(self.now, word);
                    words.into_iter().for_each(|word| self.tell(word));
                }
                Act::Dial(socket) => {
                    self.dials.push((self.now, socket));
                    let request = self.session.request(socket);
                    assert_eq!(request.url, "wss://api.openai.com/v1/realtime?model=gpt-realtime");
                    let headers: Vec<_> = request.headers.iter().map(|(name, text)| (*name, text.expose())).collect();
                    assert_eq!(headers, [("authorization", "Bearer test-key")]);
                }
                Act::Close(socket, code) => self.closes.push((self.now, socket, code)),
                Act::Note(kind, _) => self.notes.push(kind),
                Act::Ping(_) if !self.frozen => self.hear(Heard::Alive),
                Act::Ping(_) | Act::Binary(..) => {}
            }
        }
    }

    /// Everything that the script itself demands.
    pub(super) fn check(&self) {
        let mut used = vec![false; self.sent.len()];
        for line in self.lines.iter().filter(|line| line["dir"] == "c>s") {
            let (by, expect) = (line["by_ms"].as_u64().unwrap(), &line["expect"]);
            if expect["type"] == "input_audio_buffer.append" {
                let count = self.appended.iter().filter(|at| **at <= by).count();
                assert!(count as u64 >= line["min_count"].as_u64().unwrap(), "{count} frames by {by}");
                continue;
            }
            let fit = |(n, (at, _, sent)): &(usize, &(Ms, Socket, Value))| !used[*n] && *at <= by && fits(sent, expect);
            let found = self.sent.iter().enumerate().find(fit).map(|(n, _)| n);
            let found = found.unwrap_or_else(|| panic!("not sent by {by}: {expect}; sent: {:#?}", self.sent));
            used[found] = true;
        }
        for line in self.lines.iter().filter(|line| line["dir"] == "forbid" && line["expect"]["carrier"].is_null()) {
            let window = line["from_ms"].as_u64().unwrap()..=line["to_ms"].as_u64().unwrap();
            let sent = self.sent.iter().find(|(at, _, sent)| window.contains(at) && fits(sent, &line["expect"]));
            assert!(sent.is_none(), "forbidden: {sent:?}");
        }
        for line in self.lines.iter().filter(|line| line["op"] == "expect_close") {
            let by = line["ms"].as_u64().unwrap();
            assert!(self.closes.iter().any(|(at, _, code)| *at <= by && *code == 1000), "not closed by {by}");
        }
    }

    /// What holds however a script is mutated.
    pub(super) fn hold(&self) {
        let created = |line: &&Value| line["event"]["type"] == "session.updated";
        let agreed = self.lines.iter().find(created).map(|line| line["ms"].as_u64().unwrap());
        if let (Some(first), Some(agreed)) = (self.appended.first(), agreed) {
            assert!(*first >= agreed, "sound before its format is agreed");
        }
        for (_, utt, heard_ms) in &self.telephone.cuts {
            let most = u64::from(*heard_ms);
            let truncated = self.sent.iter().filter(|(_, _, sent)| sent["type"] == "conversation.item.truncate");
            assert!(truncated.clone().all(|(_, _, sent)| sent["audio_end_ms"].as_u64().unwrap() <= most));
            let cut = self.telephone.cuts.iter().find(|(_, cut, _)| cut == utt).unwrap().0;
            assert!(!self.telephone.heard.iter().any(|(at, heard, _)| heard == utt && *at > cut), "sound behind a cut");
        }
        let outputs = self.sent.iter().filter(|(_, _, sent)| sent["item"]["type"] == "function_call_output").count();
        assert!(outputs <= 1 && self.telephone.tools.len() <= 1, "a tool twice");
    }
}

/// Whether `sent` holds all of `expect`.
fn fits(sent: &Value, expect: &Value) -> bool {
    match expect {
        Value::String(any) if any == "$any" => !sent.is_null(),
        Value::Object(expected) => match expected.get("$range").and_then(Value::as_array) {
            Some(range) => sent.as_f64().is_some_and(|n| range[0].as_f64() <= Some(n) && Some(n) <= range[1].as_f64()),
            None => expected.iter().all(|(key, expect)| fits(&sent[key], expect)),
        },
        Value::Array(expected) => sent
            .as_array()
            .is_some_and(|sent| sent.len() == expected.len() && sent.iter().zip(expected).all(|(s, e)| fits(s, e))),
        other => sent == other,
    }
}
