//! `/Recordings`, also below a call: what is kept, and its sound (PROTOCOL.md 7.9).

use super::ask::Ask;
use super::when::When;
use crate::simulator::archive::{Recording, wav};
use crate::simulator::twin::books::Books;
use crate::simulator::twin::wire::{Answer, Refusal, date, page};
use axum::http::Method;
use serde_json::{Value, json};

/// `call`: only those of this call.
pub(super) fn all(books: &Books, ask: Ask<'_>, call: Option<&str>) -> Result<Answer, Refusal> {
    if ask.request.method != Method::GET {
        return Err(Refusal::method_not_allowed());
    }
    let (call, when) = (call.or_else(|| ask.request.filled("CallSid")), When::of(ask.request, "DateCreated"));
    let nothing = ask.request.filled("ConferenceSid").is_some();
    let found = books.archive.find_recordings(|recording| {
        recording.account_sid == ask.account
            && call.is_none_or(|sid| recording.call_sid == sid)
            && when.holds(recording.started)
            && !nothing
    });
    let items: Vec<_> = found.into_iter().map(|(place, recording)| (place, body(&recording))).collect();
    Ok(page(ask.request, "recordings", &items))
}

/// A recording of a call: also told to pause, to go on, to end. `Twilio.CURRENT` is the one that runs.
pub(super) fn of_call(books: &Books, ask: Ask<'_>, call: &str, file: &str) -> Result<Answer, Refusal> {
    if ask.request.method != Method::POST {
        return one(books, ask, file);
    }
    let found = books.archive.find_recordings(|recording| {
        recording.account_sid == ask.account
            && recording.call_sid == call
            && (recording.sid == file || (file == "Twilio.CURRENT" && recording.runs()))
    });
    let (_, recording) = found.into_iter().next().ok_or_else(|| ask.not_found())?;
    let status = match ask.request.filled("Status") {
        Some("paused") => "paused",
        Some("in-progress") => "in-progress",
        Some("stopped") => "stopped",
        _ => return Err(Refusal::bad(20001, "Status is paused, in-progress or stopped")),
    };
    let over = || Refusal::bad(21220, "The recording is not in progress");
    books.archive.control(&recording.sid, status, books.now()).map(|now| Answer::ok(&body(&now))).ok_or_else(over)
}

/// `file`: the SID, and how its sound is wanted, if it is.
pub(super) fn one(books: &Books, ask: Ask<'_>, file: &str) -> Result<Answer, Refusal> {
    let wants_json = ask.request.path.ends_with(".json");
    let (sid, kind) = file.split_once('.').unwrap_or((file, if wants_json { "json" } else { "wav" }));
    let found = books.archive.find_recordings(|recording| recording.sid == sid && recording.account_sid == ask.account);
    let (_, recording) = found.into_iter().next().ok_or_else(|| ask.not_found())?;
    match (&ask.request.method, kind) {
        (&Method::DELETE, _) => {
            books.archive.forget_recording(sid);
            Ok(Answer::gone())
        }
        (&Method::GET | &Method::HEAD, "json") => Ok(Answer::ok(&body(&recording))),
        (&Method::GET | &Method::HEAD, "wav") => {
            Ok(Answer::bytes("audio/x-wav", wav(recording.seconds, recording.channels)))
        }
        // An MP3 would have to be encoded; better none than a WAV under a false name.
        (&Method::GET | &Method::HEAD, _) => Err(Refusal::new(406, 20406, "The twin serves recordings as .wav only")),
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn body(recording: &Recording) -> Value {
    let uri = format!("/2010-04-01/Accounts/{}/Recordings/{}", recording.account_sid, recording.sid);
    json!({
        "sid": recording.sid,
        "account_sid": recording.account_sid,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid,
        "conference_sid": null,
        "channels": recording.channels,
        "date_created": date(recording.started),
        "date_updated": date(recording.started),
        "start_time": date(recording.started),
        "duration": (recording.status == "completed").then(|| recording.seconds.to_string()),
        "price": "-0.00250",
        "price_unit": "USD",
        "source": recording.source,
        "status": recording.status,
        "error_code": null,
        "encryption_details": null,
        "media_url": format!("https://api.twilio.com{uri}"),
        "uri": format!("{uri}.json"),
        "subresource_uris": { "transcriptions": format!("{uri}/Transcriptions.json") },
    })
}
