//! Tools of the house: what is offered, what is asked for, and one answer to each asking.

use crate::agents::port::{Ms, Paged, Refusal, Tool, ToolCall, ToolResult, When};
use crate::config::agent::{Agent, AgentTool};
use crate::config::line::Target;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;

/// Whoever carries a tool out has so long to say what became of it.
const ANSWER_MS: Ms = 5_000;
/// Calls of tools that a conversation may make; each is remembered to its end.
const MOST: usize = 256;
/// Notes on one call, and letters of each.
const MOST_TAGS: usize = 32;
const TAG_KEY: usize = 64;
const TAG_VALUE: usize = 256;
/// Letters of any other text.
const TEXT: usize = 2_000;

/// What is answered to a call.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::agents) enum Asked {
    /// To be done; the answer comes.
    Do(ToolCall),
    /// It runs already.
    Running,
    /// Answer this, now.
    Answer(ToolResult),
}

/// Tools of one conversation.
#[derive(Debug)]
pub(in crate::agents) struct Tools {
    agent: Arc<Agent>,
    calls: VecDeque<Call>,
    tags: usize,
}

#[derive(Debug)]
struct Call {
    id: String,
    /// `None` while it runs.
    answer: Option<ToolResult>,
    late_at: Ms,
}

impl Tools {
    pub(in crate::agents) const fn new(agent: Arc<Agent>) -> Self {
        Self { agent, calls: VecDeque::new(), tags: 0 }
    }

    /// The agent asks for something. An id that was there already has no second effect.
    pub(in crate::agents) fn ask(&mut self, at: Ms, asking: &Asking<'_>) -> Asked {
        if let Some(known) = self.calls.iter().find(|call| call.id == asking.id) {
            return known.answer.clone().map_or(Asked::Running, Asked::Answer);
        }
        let (id, late_at) = (asking.id.to_owned(), at + ANSWER_MS);
        if self.calls.len() >= MOST {
            return Asked::Answer(refused(id, "tool_denied", "too many tools were asked for in this call"));
        }
        match self.checked(asking) {
            Ok(tool) => {
                let when = if tool == Tool::HangUp { When::AfterSpeech } else { asking.when.unwrap_or(usual(&tool)) };
                self.calls.push_back(Call { id: id.clone(), answer: None, late_at });
                Asked::Do(ToolCall { id, tool, when })
            }
            Err(refusal) => {
                let answer = ToolResult { id: id.clone(), outcome: Err(refusal), last: true };
                self.calls.push_back(Call { id, answer: Some(answer.clone()), late_at });
                Asked::Answer(answer)
            }
        }
    }

    /// Whoever carries it out has answered. `None`: nobody asked, or it has been answered for already.
    pub(in crate::agents) fn answered(&mut self, result: ToolResult) -> Option<ToolResult> {
        let call = self.calls.iter_mut().find(|call| call.id == result.id && call.answer.is_none())?;
        if result.last {
            call.answer = Some(result.clone());
        } else {
            call.late_at = Ms::MAX;
        }
        Some(result)
    }

    /// Calls that nobody answered in time are answered for.
    pub(in crate::agents) fn tick(&mut self, at: Ms) -> Option<ToolResult> {
        let late = self.calls.iter_mut().find(|call| call.answer.is_none() && at >= call.late_at)?;
        let answer = refused(late.id.clone(), "timeout", "nobody said in time what became of it");
        late.answer = Some(answer.clone());
        Some(answer)
    }

    pub(in crate::agents) fn wakes(&self) -> Option<Ms> {
        let open = self.calls.iter().filter(|call| call.answer.is_none() && call.late_at < Ms::MAX);
        open.map(|call| call.late_at).min()
    }

    fn checked(&mut self, asking: &Asking<'_>) -> Result<Tool, Refusal> {
        let Some(tool) = AgentTool::named(asking.name) else {
            return Err(Refusal::new("tool_unknown", "there is no such tool"));
        };
        if !self.agent.tools.contains(&tool) {
            return Err(denied("this line does not offer the tool"));
        }
        match tool {
            AgentTool::Transfer => self.transfer(asking),
            AgentTool::TakeMessage => Ok(Tool::TakeMessage { prompt: asking.text("prompt")? }),
            AgentTool::Page => self.page(asking),
            AgentTool::HangUp => Ok(Tool::HangUp),
            AgentTool::SetTag => self.tag(asking),
            AgentTool::Emergency => Ok(Tool::Emergency { reason: asking.text("reason")?.unwrap_or_default() }),
            AgentTool::SendDigits => digits(asking),
        }
    }

    /// A name of the line's targets, or a number that one of them is.
    fn transfer(&self, asking: &Asking<'_>) -> Result<Tool, Refusal> {
        let to = asking.needed("to")?;
        let is_it = |target: &Target| matches!(target, Target::Number(number) if number.as_str() == to);
        let by_name = self.agent.targets.get_key_value(&to);
        let found = by_name.or_else(|| self.agent.targets.iter().find(|(_, target)| is_it(target)));
        let Some((name, target)) = found else {
            let names: Vec<&str> = self.agent.targets.keys().map(String::as_str).collect();
            return Err(denied(&format!("`to` must be one of: {}", names.join(", "))));
        };
        Ok(Tool::Transfer { name: name.clone(), to: target.clone(), announce: asking.text("announce")? })
    }

    /// A zone that the line lets this agent page, and what it shall hear.
    fn page(&self, asking: &Asking<'_>) -> Result<Tool, Refusal> {
        let zone = asking.needed("zone")?;
        if !self.agent.page_zones.contains(&zone) {
            let refusal = denied(&format!("`zone` must be one of: {}", self.agent.page_zones.join(", ")));
            return Err(Refusal { reason: Some("not_allowed"), ..refusal });
        }
        let text = asking.text("text")?.filter(|text| !text.trim().is_empty()).map(Paged::Text);
        let what = match (text, asking.text("audio_utt")?) {
            (Some(text), None) => text,
            (None, Some(name)) => (asking.utt)(&name).ok_or_else(|| denied("`audio_utt` is no utterance of yours"))?,
            _ => return Err(denied("give `text`, or `audio_utt`, and not both")),
        };
        Ok(Tool::Page { zone, what })
    }

    fn tag(&mut self, asking: &Asking<'_>) -> Result<Tool, Refusal> {
        let (key, value) = (asking.needed("key")?, asking.needed("value")?);
        if key.len() > TAG_KEY || value.len() > TAG_VALUE || self.tags >= MOST_TAGS {
            return Err(denied(&format!(
                "at most {MOST_TAGS} tags, {TAG_KEY} bytes of key and {TAG_VALUE} of value each"
            )));
        }
        self.tags += 1;
        Ok(Tool::SetTag { key, value })
    }
}

/// A call as it came over the wire.
pub(in crate::agents) struct Asking<'a> {
    pub(in crate::agents) id: &'a str,
    pub(in crate::agents) name: &'a str,
    pub(in crate::agents) args: &'a Value,
    pub(in crate::agents) when: Option<When>,
    /// What is heard of an utterance that `audio_utt` names.
    pub(in crate::agents) utt: &'a dyn Fn(&str) -> Option<Paged>,
}

impl Asking<'_> {
    fn text(&self, key: &str) -> Result<Option<String>, Refusal> {
        match self.args.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.len() <= TEXT => Ok(Some(text.clone())),
            Some(Value::String(_)) => Err(denied(&format!("`{key}` is longer than {TEXT} bytes"))),
            Some(_) => Err(denied(&format!("`{key}` must be a text"))),
        }
    }

    fn needed(&self, key: &str) -> Result<String, Refusal> {
        self.text(key)?.filter(|text| !text.is_empty()).ok_or_else(|| denied(&format!("`{key}` is missing")))
    }
}

fn digits(asking: &Asking<'_>) -> Result<Tool, Refusal> {
    let digits = asking.needed("digits")?;
    if digits.len() > 64 || !digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'w' | b'#' | b'*')) {
        return Err(denied("`digits` must be at most 64 of 0-9 w # *"));
    }
    Ok(Tool::SendDigits { digits })
}

fn denied(message: &str) -> Refusal {
    Refusal::new("tool_denied", message)
}

fn refused(id: String, code: &'static str, message: &str) -> ToolResult {
    ToolResult { id, outcome: Err(Refusal::new(code, message)), last: true }
}

/// What ends the conversation waits for the last word.
const fn usual(tool: &Tool) -> When {
    match tool {
        Tool::Transfer { .. } | Tool::TakeMessage { .. } | Tool::HangUp => When::AfterSpeech,
        Tool::Page { .. } | Tool::SetTag { .. } | Tool::Emergency { .. } | Tool::SendDigits { .. } => When::Now,
    }
}

/// The tools of a line, each with its name, what it is for, and a JSON schema of what it takes. `names_sound`: the agent has
/// names for its utterances.
pub(in crate::agents) fn offer(agent: &Agent, names_sound: bool) -> Vec<Value> {
    agent.tools.iter().map(|tool| offered(*tool, agent, names_sound)).collect()
}

fn offered(tool: AgentTool, agent: &Agent, names_sound: bool) -> Value {
    let targets: Vec<&str> = agent.targets.keys().map(String::as_str).collect();
    let text = |about: &str| json!({"type": "string", "description": about});
    let (about, properties, required): (&str, Value, &[&str]) = match tool {
        AgentTool::Transfer => (
            "Put the caller through to a person. Say goodbye first; the transfer follows your last word.",
            json!({"to": {"type": "string", "enum": targets}, "announce": text("Said to the caller before ringing.")}),
            &["to"],
        ),
        AgentTool::TakeMessage => (
            "Let the caller leave a message after a tone. It follows your last word.",
            json!({"prompt": text("Said before the mailbox greets.")}),
            &[],
        ),
        AgentTool::Page => {
            let (zone, words) = (json!({"type": "string", "enum": agent.page_zones}), text("What is announced."));
            let about = "Announce something over the loudspeakers of a zone.";
            if names_sound {
                let sound = text("An utterance of yours that is announced instead of a text; complete.");
                (about, json!({"zone": zone, "text": words, "audio_utt": sound}), &["zone"])
            } else {
                (about, json!({"zone": zone, "text": words}), &["zone", "text"])
            }
        }
        AgentTool::HangUp => ("End the call after your last word.", json!({}), &[]),
        AgentTool::SetTag => (
            "Keep a note on this call.",
            json!({"key": text("Its name."), "value": text("Its text.")}),
            &["key", "value"],
        ),
        AgentTool::Emergency => (
            "Somebody is in danger: put the caller through to a person at once.",
            json!({"reason": text("What is the danger.")}),
            &["reason"],
        ),
        AgentTool::SendDigits => (
            "Send keys to the caller's side, as tones.",
            json!({"digits": text("0-9, *, #, w for half a second.")}),
            &["digits"],
        ),
    };
    let parameters =
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    json!({"name": tool.name(), "description": about, "parameters": parameters})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::E164;

    fn tools() -> Tools {
        let number = |text: &str| Target::Number(E164::parse(text).unwrap());
        let tools = AgentTool::ALL.iter().map(|(_, tool)| *tool).filter(|tool| *tool != AgentTool::Page).collect();
        let targets = [("sales".to_owned(), number("+15875550101"))].into();
        Tools::new(Arc::new(Agent { tools, targets, ..Agent::default() }))
    }

    fn ask(tools: &mut Tools, id: &str, name: &str, args: Value) -> Asked {
        tools.ask(0, &Asking { id, name, args: &args, when: None, utt: &|_| None })
    }

    fn code(asked: Asked) -> &'static str {
        match asked {
            Asked::Answer(ToolResult { outcome: Err(refusal), .. }) => refusal.code,
            _ => "",
        }
    }

    #[test]
    fn targets_are_names_of_the_line_and_numbers_that_it_lists() {
        let mut tools = tools();
        for (n, to) in ["sales", "+15875550101"].iter().enumerate() {
            let Asked::Do(call) = ask(&mut tools, &n.to_string(), "transfer", json!({"to": to})) else {
                panic!("{to}")
            };
            let Tool::Transfer { name, .. } = &call.tool else { panic!("{to}") };
            assert_eq!((name.as_str(), call.when), ("sales", When::AfterSpeech));
        }
        for to in ["+15875550199", "support", "911", ""] {
            assert_eq!(code(ask(&mut tools, to, "transfer", json!({"to": to}))), "tool_denied", "{to}");
        }
    }

    #[test]
    fn an_id_has_one_effect_and_one_answer() {
        let mut tools = tools();
        assert!(matches!(ask(&mut tools, "t1", "take_message", json!({})), Asked::Do(_)));
        assert_eq!(ask(&mut tools, "t1", "take_message", json!({})), Asked::Running);
        let done = ToolResult { id: "t1".to_owned(), outcome: Ok(json!({"when": "after_speech"})), last: true };
        assert_eq!(tools.answered(done.clone()), Some(done.clone()));
        assert_eq!(tools.answered(done.clone()), None);
        assert_eq!(ask(&mut tools, "t1", "transfer", json!({"to": "sales"})), Asked::Answer(done));
    }

    #[test]
    fn silence_is_answered_for() {
        let mut tools = tools();
        ask(&mut tools, "t1", "hangup_after_speech", json!({}));
        assert_eq!((tools.wakes(), tools.tick(4_999)), (Some(5_000), None));
        assert_eq!(tools.tick(5_000).map(|answer| answer.id), Some("t1".to_owned()));
        assert_eq!((tools.wakes(), tools.tick(9_000)), (None, None));
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        let mut tools = tools();
        assert_eq!(code(ask(&mut tools, "a", "page", json!({"zone": "701", "text": "x"}))), "tool_denied");
        assert_eq!(code(ask(&mut tools, "b", "reboot", json!({}))), "tool_unknown");
        assert_eq!(code(ask(&mut tools, "c", "send_digits", json!({"digits": "1;2"}))), "tool_denied");
        assert_eq!(code(ask(&mut tools, "d", "transfer", json!([]))), "tool_denied");
        for n in 0..2 * MOST {
            ask(&mut tools, &n.to_string(), "set_tag", json!({"key": "k", "value": "v"}));
        }
        assert_eq!(tools.calls.len(), MOST);
    }
}
