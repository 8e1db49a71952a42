//! The way on to a live stream, or to a conversation in text.

use super::draft::Draft;
use super::scene::Turn;
use super::state::{State, Tongue, Why};
use crate::config::agent::{Interruptible, Relay};
use crate::gate::Route;
use crate::twiml::{Connect, ConversationRelay, Interruption, Parameter, RelayDebug, Sensitivity, Stream};
use crate::world::StreamPass;

/// Hands the call to our socket for a conversation. `tries`: how often it was taken up again.
pub(super) fn connect(turn: &Turn<'_>, draft: &mut Draft, tries: u32) {
    let (url, token) = door(turn, |pass| pass);
    let after = turn.url(Route::Stream, State { tries, ..turn.next() });
    let connect = match turn.line.agent.relay() {
        Some(relay) => {
            draft.decided("conversation in text");
            let told = told(turn, &token).map(|(name, value)| Parameter::new(name, value));
            Connect::new(told.fold(relayed(turn, relay, url), ConversationRelay::then))
        }
        None => {
            draft.decided("live stream");
            Connect::new(streamed(turn, (url, &token), &after))
        }
    };
    hand_over(turn, draft, connect.action(after), Why::Talk);
}

/// The same for a caller who pages: whatever the line's agent is, this is sound. `next` is where the call stands then.
pub(super) fn page(turn: &Turn<'_>, draft: &mut Draft, zone: &str, next: State<'_>) {
    let (url, token) = door(turn, |pass| pass.paging(zone));
    let after = turn.url(Route::Stream, next);
    let connect = Connect::new(streamed(turn, (url, &token), &after));
    hand_over(turn, draft, connect.action(after), Why::Fault);
}

/// Our socket, and the token that opens it once. The stream's signature is the same for every call (PROTOCOL.md 1.5), so the
/// URL ends in a token that only this call and step have. Some carriers lose the path, so it is a parameter too.
fn door(turn: &Turn<'_>, for_what: impl FnOnce(StreamPass) -> StreamPass) -> (String, String) {
    let host = turn.world.public_url.split_once("://").map_or(turn.world.public_url.as_str(), |(_, host)| host);
    let account = turn.field("AccountSid").unwrap_or_default();
    let pass = StreamPass::new((turn.sid.clone(), turn.state.step), account, &turn.line.name, turn.webhook.at);
    let pass = match turn.state.tongue {
        Tongue::Chosen(tag) => pass.speaking(tag),
        Tongue::Own | Tongue::Asked => pass,
    };
    let token = for_what(pass).token(turn.world);
    (format!("wss://{host}/twilio/ws/{token}"), token)
}

/// A carrier that does not ask what follows a stream finds the mailbox behind it.
fn hand_over(turn: &Turn<'_>, draft: &mut Draft, connect: Connect, why: Why) {
    draft.verb(connect);
    draft.redirect(turn.url(Route::Voicemail, State { why, ..turn.next() }));
}

/// What the socket is told of its call: an agent is called before the carrier says it.
fn told<'t>(turn: &Turn<'t>, token: &'t str) -> impl Iterator<Item = (&'static str, &'t str)> {
    let told = [("token", Some(token)), ("from", turn.field("From")), ("to", turn.field("To"))];
    // Longer ones the carrier refuses; no number is.
    told.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| value.len() < 400)?)))
}

/// Sound, both ways.
fn streamed(turn: &Turn<'_>, (url, token): (String, &str), after: &str) -> Stream {
    let stream = told(turn, token).fold(Stream::to(url), |stream, (name, value)| stream.parameter(name, value));
    stream.status_callback(after)
}

/// Words, both ways: the carrier hears and speaks. Words that come while they are said let emergencies out early, and who is
/// speaking tells when a last word was heard.
fn relayed(turn: &Turn<'_>, set: &Relay, url: String) -> ConversationRelay {
    let mut relay = ConversationRelay::to(url)
        .language(turn.line.language.as_str())
        .dtmf_detection(set.dtmf)
        .partial_prompts(true)
        .debug([RelayDebug::SpeakerEvents]);
    let cuts = match set.interruptible {
        Interruptible::None => Interruption::None,
        Interruptible::Dtmf => Interruption::Dtmf,
        Interruptible::Speech => Interruption::Speech,
        Interruptible::Any => Interruption::Any,
    };
    relay = relay.interruptible(cuts).welcome_greeting_interruptible(cuts);
    relay.interrupt_sensitivity = set.interrupt_sensitivity.as_deref().and_then(sensitivity);
    relay.welcome_greeting.clone_from(&set.greeting);
    relay.tts_provider.clone_from(&set.tts_provider);
    relay.voice.clone_from(&set.voice);
    relay.transcription_provider.clone_from(&set.transcription_provider);
    relay.speech_model.clone_from(&set.speech_model);
    relay.hints = (!set.hints.is_empty()).then(|| set.hints.join(","));
    relay
}

fn sensitivity(word: &str) -> Option<Sensitivity> {
    match word {
        "low" => Some(Sensitivity::Low),
        "medium" => Some(Sensitivity::Medium),
        "high" => Some(Sensitivity::High),
        _ => None,
    }
}
