//! Functions that the model calls: tools of the house, answered once, behind the answer that called them.

use super::incoming::Event;
use super::talk::{Farewell, Talk};
use crate::agents::desk::{Asked, Asking};
use crate::agents::port::{FromAgent, Ms, ToolCall, ToolResult, When};
use crate::agents::session::{Act, Acts, Socket};
use serde_json::{Value, json};

/// A farewell is waited for so long.
const FAREWELL_MS: Ms = 5_000;

impl Talk {
    /// An accepted tool is carried through, whatever becomes of the agent.
    pub(super) fn accepted(&mut self) -> Option<ToolCall> {
        self.farewell.take().map(|farewell| farewell.call)
    }

    pub(super) fn called(&mut self, at: Ms, response: &str, event: &Event<'_>, acts: &mut Acts) {
        let (Some(id), Some(name)) = (event.call_id.as_deref(), event.name.as_deref()) else { return };
        self.responses.called(response, id);
        self.vigil.working(at);
        let args = event.arguments.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
        match self.tools.ask(at, &Asking { id, name, args: &args, when: None, utt: &|_| None }) {
            Asked::Do(call) if call.when == When::AfterSpeech => self.say_farewell_first(at, call),
            Asked::Do(call) => acts.push_back(Act::Say(FromAgent::ToolCall(call))),
            Asked::Running => {}
            Asked::Answer(answer) => self.responses.answered(&answer.id, output(&answer)),
        }
    }

    /// The model says goodbye when it knows that its tool was accepted, and only then the stream is told.
    fn say_farewell_first(&mut self, at: Ms, call: ToolCall) {
        let accepted = ToolResult { id: call.id.clone(), outcome: Ok(json!({"when": "after_speech"})), last: true };
        if let Some(accepted) = self.tools.answered(accepted) {
            self.responses.answered(&accepted.id, output(&accepted));
        }
        // A second farewell waits for nothing of its own.
        self.farewell.get_or_insert(Farewell { call, response: None, until: at + FAREWELL_MS });
    }

    pub(super) fn output(&mut self, at: Ms, socket: Socket, result: &ToolResult, acts: &mut Acts) {
        self.responses.answered(&result.id, output(result));
        self.send_outputs(at, socket, acts);
    }

    /// Outputs go back behind `response.done`, all at once, and one answer is asked for.
    pub(super) fn send_outputs(&mut self, at: Ms, socket: Socket, acts: &mut Acts) {
        let calls = self.responses.outputs();
        if calls.is_empty() {
            return;
        }
        for call in calls {
            acts.push_back(Act::Text(socket, self.pen.output(&call.id, &call.output.unwrap_or(Value::Null))));
        }
        self.vigil.working(at);
        self.respond(socket, None, acts);
    }
}

fn output(result: &ToolResult) -> Value {
    match &result.outcome {
        Ok(value) => {
            let mut output = json!({"ok": true});
            if let (Some(output), Some(value)) = (output.as_object_mut(), value.as_object()) {
                output.extend(value.clone());
            }
            output
        }
        Err(refusal) => {
            json!({"ok": false, "error": refusal.code, "reason": refusal.reason, "message": refusal.message})
        }
    }
}
