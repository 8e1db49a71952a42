//! What a decision looks at: a webhook, and where its call stands.

use super::input::clean;
use super::state::{Standing, State, Tongue};
use crate::base::{CallSid, CallState};
use crate::config::line::{Line, Menu};
use crate::gate::{Route, Storage, Webhook};
use crate::world::World;

/// Bytes of a name: nobody listens to a longer one.
const LONGEST_NAME: usize = 60;

/// A webhook before anything is decided; call and line may be unknown.
pub(super) struct Scene<'a> {
    pub world: &'a World,
    pub webhook: &'a Webhook<'a>,
    pub sid: Option<CallSid>,
    pub line: Option<&'a Line>,
    /// As the URL says; a fresh one if it says nothing readable.
    pub state: State<'a>,
    /// The URL says something that we do not understand.
    pub lost: bool,
}

/// A webhook of a known call on a known line: what the caller hears next is decided from this alone.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    pub world: &'a World,
    pub webhook: &'a Webhook<'a>,
    pub sid: &'a CallSid,
    pub line: &'a Line,
    pub state: State<'a>,
    /// The URL says something that we do not understand, so a key that was pressed may mean anything.
    pub lost: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn new(world: &'a World, webhook: &'a Webhook<'a>) -> Self {
        let read = State::read(webhook.state);
        let lost = read.is_none() && webhook.state.get("v").is_some();
        let state = read.unwrap_or_default();
        // A line that a reload took away gives way to whatever answers the number now.
        let line = world.line(state.line).or_else(|| world.line_for(called(webhook).unwrap_or_default()));
        let sid = webhook.fields.get("CallSid").and_then(CallSid::parse);
        // A URL that was handed out before knows nothing of it.
        let revoked = sid.as_ref().is_some_and(|sid| world.revoked.contains(sid.as_str()));
        let state = if revoked { State { consent: Standing::Refused, ..state } } else { state };
        // Who is called works there, and speaks the language of the house.
        let tongue = if webhook.route == Route::Screen { Tongue::Own } else { state.tongue };
        let line = line.map(|line| spoken_in(line, tongue));
        Self { world, webhook, sid, line, state, lost }
    }

    /// A field of the carrier's, unless it is empty.
    pub(super) fn field(&self, name: &str) -> Option<&'a str> {
        self.webhook.fields.filled(name)
    }

    /// The number that the caller dialled.
    pub(super) fn called(&self) -> Option<&'a str> {
        called(self.webhook)
    }

    /// The turn of a known call.
    pub(super) fn turn(&self) -> Option<Turn<'_>> {
        let (sid, line) = (self.sid.as_ref()?, self.line?);
        Some(Turn { world: self.world, webhook: self.webhook, sid, line, state: self.state, lost: self.lost })
    }

    /// Name of the line, also of one that is gone.
    pub(super) fn line_name(&self) -> Option<&'a str> {
        self.line.map(|line| line.name.as_str()).or((!self.state.line.is_empty()).then_some(self.state.line))
    }
}

/// The line in the language of the call: as a whole, so that nothing that follows has to ask.
pub(super) fn spoken_in<'a>(line: &'a Line, tongue: Tongue<'_>) -> &'a Line {
    match tongue {
        Tongue::Own | Tongue::Asked => line,
        Tongue::Chosen(tag) => line.in_language(tag),
    }
}

/// On a call that we placed, our number is the one that calls.
fn called<'a>(webhook: &'a Webhook<'a>) -> Option<&'a str> {
    let placed = webhook.fields.get("Direction").is_some_and(|direction| direction.starts_with("outbound"));
    webhook.fields.filled(if placed { "From" } else { "To" })
}

impl<'a> Turn<'a> {
    /// A field of the carrier's, unless it is empty.
    pub(super) fn field(&self, name: &str) -> Option<&'a str> {
        self.webhook.fields.filled(name)
    }

    /// The state that every URL of the answer starts from: the next step of the same call.
    pub(super) fn next(&self) -> State<'a> {
        State {
            step: self.state.step.saturating_add(1),
            line: &self.line.name,
            consent: self.state.consent,
            caller: self.caller_name(),
            tongue: self.state.tongue.settled(),
            ..State::default()
        }
    }

    /// The name that the carrier gave the caller, in this webhook or an earlier one of the call.
    fn caller_name(&self) -> &'a str {
        let name = self.field("CallerName").map(str::trim).filter(|name| clean(name, LONGEST_NAME) == *name);
        name.unwrap_or(self.state.caller)
    }

    /// An absolute URL of ours.
    pub(super) fn url(&self, route: Route, state: State<'_>) -> String {
        state.url(&self.world.public_url, route)
    }

    /// Whether a row that is written now will last: without it nothing may be recorded.
    pub(super) fn can_store(&self) -> bool {
        self.webhook.storage == Storage::Durable
    }

    /// Whether the caller has hung up: nobody hears the answer.
    pub(super) fn is_gone(&self) -> bool {
        self.field("CallStatus").and_then(CallState::parse).is_some_and(CallState::is_final)
    }

    /// The menu that the caller answers, with its name. `None`: a reload took it away, or we cannot tell.
    pub(super) fn menu(&self) -> Option<(&'a str, &'a Menu)> {
        let name = if self.state.menu.is_empty() { &self.line.entry } else { self.state.menu };
        if self.lost { None } else { self.menu_named(name) }
    }

    /// A menu of the line, with its name.
    pub(super) fn menu_named(&self, name: &str) -> Option<(&'a str, &'a Menu)> {
        self.line.menus.get_key_value(name).map(|(name, menu)| (name.as_str(), menu))
    }
}
