//! The way on to a live stream.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{State, Why};
use crate::gate::Route;
use crate::twiml::{Connect, Stream};
use crate::world::StreamPass;

/// Hands the call to our socket. The stream's signature is the same for every call (PROTOCOL.md 1.5), so the URL
/// ends in a token that only this call and step have. Some carriers lose the path, so it is a parameter too. `tries`:
/// how often the conversation was taken up again.
pub(super) fn connect(turn: &Turn<'_>, draft: &mut Draft, tries: u32) {
    draft.decided("live stream");
    let after = turn.url(Route::Stream, State { tries, ..turn.next() });
    let host = turn.world.public_url.split_once("://").map_or(turn.world.public_url.as_str(), |(_, host)| host);
    let account = turn.field("AccountSid").unwrap_or_default();
    let pass = StreamPass::new((turn.sid.clone(), turn.state.step), account, &turn.line.name, turn.webhook.at);
    let token = pass.token(turn.world);
    let mut stream = Stream::to(format!("wss://{host}/twilio/ws/{token}")).status_callback(after.as_str());
    let told = [("token", Some(token.as_str())), ("from", turn.field("From")), ("to", turn.field("To"))];
    for (name, value) in told {
        // Longer ones the carrier refuses; no number is.
        if let Some(value) = value.filter(|value| value.len() < 400) {
            stream = stream.parameter(name, value);
        }
    }
    draft.verb(Connect::new(stream).action(after));
    draft.redirect(turn.url(Route::Voicemail, State { why: Why::Talk, ..turn.next() }));
}
