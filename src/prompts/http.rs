//! `GET /prompts/{name}`.

use crate::base::{PROBLEM_JSON, Problem, ProblemKind};
use crate::config::text::Sound;
use crate::world::Worlds;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// A year: the name says what it is.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The one route of this room; `HEAD` too.
pub fn routes(worlds: Worlds) -> Router {
    Router::new().route("/prompts/{name}", get(play)).with_state(worlds)
}

async fn play(State(worlds): State<Worlds>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    match worlds.current().prompts.get(&name) {
        Some(sound) => serve(sound, &headers),
        None => {
            let problem = Problem::new(ProblemKind::NotFound, "no line plays a sound of this name");
            (StatusCode::NOT_FOUND, [(CONTENT_TYPE, PROBLEM_JSON)], problem.to_json()).into_response()
        }
    }
}

fn serve(sound: &Sound, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", sound.digest);
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    let kept = [(ETAG, tag.clone()), (CACHE_CONTROL, FOR_EVER.to_owned())];
    if known == "*" || known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(CONTENT_TYPE, sound.media_type())], sound.bytes.clone()).into_response()
}
