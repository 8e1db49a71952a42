//! Conversations that are being recorded: paused, resumed, stopped; and consent that is taken back.

use super::live::{Entries, Entry, Live, is_over, known, whole};
use super::query::Named;
use super::trouble;
use crate::base::{Problem, ProblemKind, Time, WriteKey, derived_id, rfc3339_ms};
use crate::carrier::{Recording, RecordingControl, RecordingFilter};
use crate::ledger::read::{self, CallRow, ConsentRow};
use crate::ledger::{Consent, ConsentMethod, ConsentScope, Facts, recordings};
use crate::ops::access::{Operator, Role};
use crate::ops::state::Ops;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use chrono::SubsecRound;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// The carrier's word for a message, which is no conversation.
const OF_MESSAGE: &str = "RecordVerb";
/// Longest reason, in characters.
const LONGEST: usize = 500;

/// What a recording shall do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::ops) struct RecordingWish {
    /// `paused`, `recording` or `stopped`.
    #[schema(example = "paused")]
    state: Capture,
}

/// What a recording does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::ops) enum Capture {
    /// It goes on.
    Recording,
    /// What is said is not kept: the pause is silence.
    Paused,
    /// It is over, for good.
    Stopped,
}

impl Capture {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Recording => "resumes",
            Self::Paused => "pauses",
            Self::Stopped => "stops",
        }
    }

    const fn control(self) -> RecordingControl {
        match self {
            Self::Recording => RecordingControl::Resume,
            Self::Paused => RecordingControl::Pause,
            Self::Stopped => RecordingControl::Stop,
        }
    }
}

/// A recording of a conversation that goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct CaptureBody {
    /// The call.
    call_sid: String,
    /// `RE…`
    recording_sid: String,
    /// What it does now.
    state: Capture,
}

/// What a caller says to being recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::ops) struct ConsentWish {
    /// `false`: taken back. Only the caller can agree, on the line.
    #[schema(example = false)]
    given: bool,
    /// In a few words, for whoever asks later; at most 500 characters.
    #[serde(default)]
    reason: String,
}

/// Consent that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::ops) struct RevokedBody {
    /// The call.
    call_sid: String,
    /// Always false.
    given: bool,
    /// `con_…`, the row of the refusal.
    consent_id: String,
    /// When the caller refused, or took consent back.
    since: String,
    /// `RE…` that ran and was stopped.
    stopped: Vec<String>,
}

/// Pause, resume or stop the recording of a live call
///
/// Of a dialled conversation that is being recorded. What is said while it is paused is silence in the audio. A recording that
/// was stopped cannot be resumed, and one whose consent was taken back neither. The state that it is in already is a success.
/// Needs the role operator.
#[utoipa::path(post, path = "/api/calls/{sid}/recording", tag = "calls", request_body = RecordingWish,
    params(("sid" = String, Path, description = "CA…")),
    responses((status = 200, body = CaptureBody, description = "The carrier did it"),
              (status = 409, description = "The call has ended, nothing is being recorded, or consent was taken back")))]
pub(in crate::ops) async fn steer(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    key: Option<Extension<WriteKey>>,
    Named(sid): Named,
    wish: Result<Json<RecordingWish>, JsonRejection>,
) -> Result<Json<CaptureBody>, Problem> {
    who.require(Role::Operator)?;
    let hint = r#"write JSON like {"state": "paused"}; a state is paused, recording or stopped"#;
    let Json(RecordingWish { state }) = wish.map_err(|_| Problem::new(ProblemKind::BadRequest, hint))?;
    let live = Live::find(&ops, &sid).await?;
    live.is_whole("steer the recording of")?;
    let refused = last_word(&ops, &live.row).await?.filter(|row| !row.given);
    if state == Capture::Recording && refused.is_some() {
        return Err(Problem::new(ProblemKind::Conflict, "the caller does not consent to being recorded"));
    }
    let listed = listed(&live).await?;
    let running = listed.iter().find(|recording| recording.runs()).ok_or_else(nothing)?;
    let name = key.map_or_else(|| rfc3339_ms(ops.now()), |Extension(key)| key.id("rc"));
    control(&live, &who, (running, state), &name).await?;
    Ok(Json(CaptureBody { call_sid: sid, recording_sid: running.sid.clone(), state }))
}

/// Take consent back
///
/// When a caller says so to a person or a program. The refusal is a row of its own in the chain of consents, with the method
/// `revoked-by-operator`, and the event `consent.refused`. What is being recorded of the call is stopped, and nothing of it is
/// recorded any more; what was recorded before is kept and marked (`revoked_at`), until somebody removes it
/// (`DELETE /api/recordings/{sid}`). Twice is once. Also after the end of a call. Needs the role operator.
#[utoipa::path(post, path = "/api/calls/{sid}/consent", tag = "calls", request_body = ConsentWish,
    params(("sid" = String, Path, description = "CA…")),
    responses((status = 200, body = RevokedBody, description = "Written down, and nothing is recorded any more"),
              (status = 502, description = "Written down, but the carrier could not be asked to stop: ask again")))]
pub(in crate::ops) async fn revoke(
    State(ops): State<Ops>,
    Extension(who): Extension<Operator>,
    Named(sid): Named,
    wish: Result<Json<ConsentWish>, JsonRejection>,
) -> Result<Json<RevokedBody>, Problem> {
    who.require(Role::Operator)?;
    let reason = reason(wish)?;
    let row = known(&ops, &sid).await?;
    whole(&row, "take back the consent of")?;
    let refused = match last_word(&ops, &row).await?.filter(|word| !word.given) {
        Some(refused) => refused,
        None => write_down(&ops, &who, &row, &reason).await?,
    };
    let stopped = if is_over(&row) { Vec::new() } else { silence(&ops, &who, &row, refused.at).await? };
    // What has ended is known by now, but for the last seconds.
    recordings::revoked(ops.db(), &row, &[], refused.at).await.map_err(trouble::storage)?;
    tracing::info!(call.sid = sid, by = who.subject, stopped = stopped.len(), "consent is taken back");
    let (consent_id, since) = (refused.id, rfc3339_ms(refused.at));
    Ok(Json(RevokedBody { call_sid: sid, given: false, consent_id, since, stopped }))
}

fn reason(wish: Result<Json<ConsentWish>, JsonRejection>) -> Result<String, Problem> {
    let hint = || Problem::new(ProblemKind::BadRequest, r#"write JSON like {"given": false, "reason": "…"}"#);
    let Json(ConsentWish { given, reason }) = wish.map_err(|_| hint())?;
    if given {
        let detail = "given: only the caller can agree to being recorded, on the line";
        return Err(Problem::new(ProblemKind::Unprocessable, detail));
    }
    let sound = reason.chars().count() <= LONGEST && !reason.contains('\0');
    if sound { Ok(reason.trim().to_owned()) } else { Err(hint()) }
}

/// What the caller last said to the conversation being recorded.
async fn last_word(ops: &Ops, call: &CallRow) -> Result<Option<ConsentRow>, Problem> {
    let rows = read::consents(ops.db(), call).await.map_err(trouble::storage)?;
    Ok(rows.into_iter().rev().find(|row| row.scope == ConsentScope::Recording.as_str()))
}

/// The row of the refusal, its event and its place in the timeline.
async fn write_down(ops: &Ops, who: &Operator, call: &CallRow, reason: &str) -> Result<ConsentRow, Problem> {
    let none = || Problem::new(ProblemKind::Unavailable, "nothing steers calls here");
    let steering = ops.steering().ok_or_else(none)?;
    let (scope, method) = (ConsentScope::Recording, ConsentMethod::RevokedByOperator);
    let id = derived_id("con", &[&call.call_sid, method.as_str()]);
    let notice_version = last_word(ops, call).await?.map_or_else(String::new, |word| word.notice_version);
    // As both engines keep it.
    let at = ops.now().trunc_subsecs(6);
    let mut facts = Facts::default();
    let consent = Consent { id: id.clone(), scope, method, notice_version: notice_version.clone(), given: false };
    facts.refuse(consent);
    let decision = format!("{} takes back the caller's consent", who.subject);
    let input = json!({ "By": who.subject, "Reason": reason });
    // Before anything else of it: from here on no instance records this call.
    recordings::revoke(ops.db(), &call.call_sid, at).await.map_err(trouble::storage)?;
    (steering.look)().await;
    let entries = Entries { ledger: &steering.ledger, call_sid: &call.call_sid, at };
    entries.store(Entry { kind: "consent", name: method.as_str(), input, decision, facts }).await?;
    let (scope, method) = (scope.as_str().to_owned(), method.as_str().to_owned());
    Ok(ConsentRow { id, at, scope, method, notice_version, given: false })
}

/// Ends what is being recorded of a call, and marks what had begun before.
async fn silence(ops: &Ops, who: &Operator, call: &CallRow, since: Time) -> Result<Vec<String>, Problem> {
    let Ok(live) = Live::steer(ops, call.clone()) else { return Ok(Vec::new()) };
    let listed = listed(&live).await?;
    let before = |recording: &&Recording| recording.start_time.is_none_or(|start| start <= since);
    let begun: Vec<String> = listed.iter().filter(before).map(|recording| recording.sid.clone()).collect();
    recordings::revoked(ops.db(), call, &begun, since).await.map_err(trouble::storage)?;
    let mut stopped = Vec::new();
    for recording in listed.iter().filter(|recording| recording.runs()) {
        let name = format!("{}\0revoked", recording.sid);
        match control(&live, who, (recording, Capture::Stopped), &name).await {
            // It has ended by itself.
            Err(problem) if problem.kind == ProblemKind::Conflict => {}
            done => done.map(|()| stopped.push(recording.sid.clone()))?,
        }
    }
    Ok(stopped)
}

/// The recordings of the call's conversations that the carrier has.
async fn listed(live: &Live<'_>) -> Result<Vec<Recording>, Problem> {
    let filter = RecordingFilter { call_sid: Some(live.row.call_sid.clone()), ..RecordingFilter::default() };
    let pages = live.carrier.recordings(&filter).map_err(|error| trouble::steering(&error))?;
    let mut all = live.answered(pages.all().await.map(Some))?;
    all.retain(|recording| recording.source.as_deref() != Some(OF_MESSAGE));
    Ok(all)
}

/// Written down first, then done, then known of the recording too.
async fn control(
    live: &Live<'_>,
    who: &Operator,
    (recording, state): (&Recording, Capture),
    name: &str,
) -> Result<(), Problem> {
    let sid = recording.sid.as_str();
    let entry = |step: &str, decision: String| {
        let input = json!({ "By": who.subject, "RecordingSid": sid, "State": state.as_str(), "Step": step });
        (format!("{name}\0{}\0{step}", state.as_str()), input, decision)
    };
    let store = async |(name, input, decision): (String, _, _)| {
        let entry = Entry { kind: "taping", name: &name, input, decision, facts: Facts::default() };
        live.entries().store(entry).await
    };
    store(entry("requested", format!("{} {} the recording", who.subject, state.verb()))).await?;
    let asked = live.carrier.control_recording(&live.row.call_sid, sid, state.control()).await;
    if let Err(problem) = live.answered(asked) {
        let why = if problem.kind == ProblemKind::Conflict { "it had ended" } else { "the carrier did not do it" };
        if let Err(unwritten) = store(entry("failed", format!("the recording is as it was: {why}"))).await {
            tracing::warn!(call.sid = live.row.call_sid, recording = sid, why = %unwritten.detail, "what the carrier did not do was not written down");
        }
        return Err(if problem.kind == ProblemKind::Conflict { nothing() } else { problem });
    }
    let noted = recordings::steered(live.ops.db(), &live.row, sid, state.as_str(), live.ops.now()).await;
    noted.map(drop).map_err(trouble::storage)
}

fn nothing() -> Problem {
    Problem::new(ProblemKind::Conflict, "no conversation of this call is being recorded now")
}
