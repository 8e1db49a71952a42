//! `/Transcriptions`, also below a recording (PROTOCOL.md 7.9).

use super::ask::Ask;
use super::when::When;
use crate::simulator::archive::Transcript;
use crate::simulator::twin::books::Books;
use crate::simulator::twin::wire::{Answer, Refusal, date, page};
use axum::http::Method;
use serde_json::{Value, json};

/// `recording`: only those of this recording.
pub(super) fn all(books: &Books, ask: Ask<'_>, recording: Option<&str>) -> Result<Answer, Refusal> {
    if ask.request.method != Method::GET {
        return Err(Refusal::method_not_allowed());
    }
    let when = When::of(ask.request, "DateCreated");
    let found = books.archive.find_transcripts(|transcript| {
        transcript.account_sid == ask.account
            && recording.is_none_or(|sid| transcript.recording_sid == sid)
            && when.holds(transcript.created)
    });
    let items: Vec<_> = found.into_iter().map(|(place, transcript)| (place, body(&transcript))).collect();
    Ok(page(ask.request, "transcriptions", &items))
}

pub(super) fn one(books: &Books, ask: Ask<'_>, sid: &str) -> Result<Answer, Refusal> {
    let found =
        books.archive.find_transcripts(|transcript| transcript.sid == sid && transcript.account_sid == ask.account);
    let (_, transcript) = found.into_iter().next().ok_or_else(|| ask.not_found())?;
    match ask.request.method {
        Method::GET => Ok(Answer::ok(&body(&transcript))),
        Method::DELETE => {
            books.archive.forget_transcript(sid);
            Ok(Answer::gone())
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn body(transcript: &Transcript) -> Value {
    json!({
        "sid": transcript.sid,
        "account_sid": transcript.account_sid,
        "api_version": "2010-04-01",
        "recording_sid": transcript.recording_sid,
        "date_created": date(transcript.created),
        "date_updated": date(transcript.created),
        "duration": transcript.seconds.to_string(),
        "price": "-0.05000",
        "price_unit": "USD",
        "status": "completed",
        "transcription_text": transcript.text,
        "type": "fast",
        "uri": format!("/2010-04-01/Accounts/{}/Transcriptions/{}.json", transcript.account_sid, transcript.sid),
    })
}
