//! What we send the server. Every event has an id, which an error about it repeats.

use crate::agents::port::{Opening, Who};
use crate::config::agent::{Agent, Realtime};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Numbers our events.
#[derive(Debug, Default)]
pub(super) struct Pen {
    last: u64,
}

impl Pen {
    fn id(&mut self) -> String {
        self.last += 1;
        format!("sb_{}", self.last)
    }

    /// A whole session, as a telephone needs it, and its id.
    pub(super) fn session(
        &mut self,
        agent: &Agent,
        set: &Realtime,
        opening: &Opening,
        tools: Vec<Value>,
    ) -> (String, String) {
        let id = self.id();
        let tools: Vec<Value> = tools.into_iter().map(function).collect();
        let language = opening.language.split('-').next().unwrap_or("en");
        let transcription = set.transcription_model.as_ref().map(|model| json!({"model": model, "language": language}));
        // All fields: what is left out falls back to defaults that are too sensitive for a telephone.
        let turns = json!({"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500,
            "create_response": true, "interrupt_response": set.trust_vendor_vad, "idle_timeout_ms": null});
        let session = json!({
            "type": "realtime",
            "model": set.model,
            "output_modalities": ["audio"],
            "instructions": instructions(agent, set),
            "max_output_tokens": 1024,
            "tools": tools,
            "tool_choice": "auto",
            "audio": {
                "input": {"format": {"type": "audio/pcmu"}, "noise_reduction": null, "transcription": transcription,
                    "turn_detection": turns},
                "output": {"format": {"type": "audio/pcmu"}, "voice": set.voice},
            },
        });
        (json!({"type": "session.update", "event_id": id, "session": session}).to_string(), id)
    }

    /// One frame: written by hand, because there are fifty a second.
    pub(super) fn append(&mut self, sound: &[u8]) -> String {
        let id = self.id();
        let mut text = String::with_capacity(sound.len() * 4 / 3 + 80);
        text.push_str("{\"type\":\"input_audio_buffer.append\",\"event_id\":\"");
        text.push_str(&id);
        text.push_str("\",\"audio\":\"");
        STANDARD.encode_string(sound, &mut text);
        text.push_str("\"}");
        text
    }

    /// Asks for an answer.
    pub(super) fn respond(&mut self, instructions: Option<&str>) -> String {
        let id = self.id();
        match instructions {
            Some(words) => {
                json!({"type": "response.create", "event_id": id, "response": {"instructions": words}}).to_string()
            }
            None => json!({"type": "response.create", "event_id": id}).to_string(),
        }
    }

    pub(super) fn cancel(&mut self, response: &str) -> String {
        json!({"type": "response.cancel", "event_id": self.id(), "response_id": response}).to_string()
    }

    /// The model shall remember no more of an item than this.
    pub(super) fn truncate(&mut self, item: &str, content_index: u32, audio_end_ms: u32) -> String {
        json!({"type": "conversation.item.truncate", "event_id": self.id(), "item_id": item,
            "content_index": content_index, "audio_end_ms": audio_end_ms})
        .to_string()
    }

    /// Something that was said, as text.
    pub(super) fn said(&mut self, who: Who, text: &str) -> String {
        let (role, kind) = match who {
            Who::Caller => ("user", "input_text"),
            Who::Agent => ("assistant", "output_text"),
        };
        let item = json!({"type": "message", "role": role, "content": [{"type": kind, "text": text}]});
        json!({"type": "conversation.item.create", "event_id": self.id(), "item": item}).to_string()
    }

    /// What became of a function call.
    pub(super) fn output(&mut self, call: &str, output: &Value) -> String {
        let item = json!({"type": "function_call_output", "call_id": call, "output": output.to_string()});
        json!({"type": "conversation.item.create", "event_id": self.id(), "item": item}).to_string()
    }
}

/// Says that it is a machine: several laws ask for it.
fn instructions(agent: &Agent, set: &Realtime) -> String {
    let rule = "You are on a telephone: answer in one or two short sentences. You are an automatic assistant; say so when \
                you are asked.";
    let person = if agent.targets.is_empty() { "" } else { " When the caller asks for a person, transfer the call." };
    format!("{}\n\n{rule}{person}", set.instructions)
}

/// A tool, as this API writes it.
fn function(mut tool: Value) -> Value {
    if let Some(tool) = tool.as_object_mut() {
        tool.insert("type".to_owned(), json!("function"));
    }
    tool
}
