//! The live conversation: a stream, and the mailbox behind it.

use super::draft::Draft;
use super::scene::{Scene, Turn};
use super::state::{State, Why};
use super::{consent, voicemail};
use crate::base::CallSid;
use crate::gate::Route;
use crate::twiml::{Connect, Stream};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Hands the call to our socket. The stream's signature is the same for every call (PROTOCOL.md 1.5), so the URL
/// ends in a token that only this call and step have.
pub(super) fn start(turn: &Turn<'_>, draft: &mut Draft) {
    draft.decided("live stream");
    let after = turn.url(Route::Stream, turn.next());
    let host = turn.world.public_url.split_once("://").map_or(turn.world.public_url.as_str(), |(_, host)| host);
    let token = stream_token(&turn.world.stream_key, turn.sid, turn.state.step);
    let stream = Stream::to(format!("wss://{host}/twilio/ws/{token}"))
        .status_callback(after.as_str())
        .parameter("step", turn.state.step.to_string());
    draft.verb(Connect::new(stream).action(after));
    draft.redirect(turn.url(Route::Voicemail, State { why: Why::Talk, ..turn.next() }));
}

/// Token of the stream that a step of a call opens: the same on every instance, and nothing to be stored.
#[must_use]
pub fn stream_token(key: &[u8], call: &CallSid, step: u32) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(call.as_str().as_bytes());
    mac.update(&[0]);
    mac.update(&step.to_be_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// The stream ended, or never began: nobody is left in silence.
pub(super) fn ended(turn: Turn<'_>, draft: &mut Draft) {
    draft.decided("the stream ended");
    voicemail::take(&consent::settle(turn, draft), draft, Why::Talk);
}

/// The carrier tells how the stream fares; it does not listen to the answer.
pub(super) fn reported(scene: &Scene<'_>, draft: &mut Draft) {
    draft.decided("stream event kept");
    if scene.field("StreamEvent") == Some("stream-error") {
        let code = scene.field("StreamErrorCode").filter(|code| code.bytes().all(|b| b.is_ascii_digit()));
        let kind = code.map_or_else(|| "carrier.stream".to_owned(), |code| format!("carrier.{code}"));
        draft.error(scene, kind, scene.field("StreamError").unwrap_or("the stream failed"));
    }
}
