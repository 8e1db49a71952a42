//! Live streams meet the other rooms: who talks, who makes text into sound, who shows their numbers.

use crate::agents::port::Say;
use crate::agents::{Engines, Keys};
use crate::audio::prompts;
use crate::base::{Clock, Meters};
use crate::calls;
use crate::config::Settings;
use crate::config::agent::BUILTIN_PROMPT;
use crate::config::line::Line;
use crate::db::Db;
use crate::gate;
use crate::ledger::Ledger;
use crate::media::{LiveStream, Media, Parts, Voiced, Voices};
use crate::ops::{self, StreamCounters};
use crate::paging::Paging;
use crate::speech::Speech;
use crate::world::Worlds;
use bytes::Bytes;
use std::sync::Arc;

/// What streams are made of.
pub(super) struct From<'a> {
    pub settings: &'a Settings,
    pub worlds: &'a Worlds,
    pub ledger: &'a Ledger,
    pub db: &'a Db,
    pub clock: &'a Clock,
    pub meters: &'a Arc<Meters>,
    pub speech: &'a Speech,
    pub paging: &'a Paging,
}

/// The room of live streams.
pub(super) fn media(from: &From<'_>) -> Media {
    let speech = from.speech.clone();
    Media::new(Parts {
        worlds: from.worlds.clone(),
        ledger: from.ledger.clone(),
        db: from.db.clone(),
        clock: from.clock.clone(),
        meters: Arc::clone(from.meters),
        engines: Engines::new(
            Keys {
                openai: from.settings.speech.openai.clone(),
                agent: from.settings.agents.secret.clone(),
                named: from.settings.agents.named.clone(),
            },
            from.clock.clone(),
            Arc::clone(from.meters),
        ),
        voices: Voices {
            say: Box::new(move |line, say| voiced(&speech, line, say)),
            calls_for_help: Box::new(calls::calls_for_help),
            hello: Box::new(calls::hello),
            announce: super::paging::announcer(from.paging.clone()),
        },
        pager: super::paging::pager(from.paging.clone()),
    })
}

/// What is compiled in needs no speech engine; everything else is said by the line's.
fn voiced(speech: &Speech, line: &Line, say: &Say) -> Voiced {
    if say.text == BUILTIN_PROMPT {
        return Voiced::Ready(Bytes::from_static(prompts::TALK.sound));
    }
    let compiled_in = [&prompts::TALK, &prompts::MOMENT, &prompts::TROUBLE, &prompts::MESSAGE];
    if let Some(prompt) = compiled_in.into_iter().find(|prompt| prompt.text == say.text) {
        return Voiced::Ready(Bytes::from_static(prompt.sound));
    }
    let Some(voice) = &line.speech.voice else {
        // In our words, if not in the line's: a caller who waits hears a voice.
        let waits = say.text == line.agent.one_moment;
        return if waits { Voiced::Ready(Bytes::from_static(prompts::MOMENT.sound)) } else { Voiced::Mute };
    };
    let mut voice = voice.clone();
    voice.voice = say.voice.clone().unwrap_or(voice.voice);
    let (speech, text) = (speech.clone(), say.text.clone());
    let language = say.language.clone().unwrap_or_else(|| line.language.clone());
    Voiced::Later(Box::pin(async move {
        let sound = speech.say(&voice, &text, &language).await;
        sound.inspect_err(|error| tracing::warn!(%error, "a text could not be said")).ok()
    }))
}

/// The gate's port.
pub(super) fn for_gate(media: &Media) -> gate::Streams {
    let (open, ends, announced) = (media.clone(), media.clone(), media.clone());
    gate::Streams {
        open: Box::new(move |parts| {
            let media = open.clone();
            Box::pin(async move { media.open(parts).await })
        }),
        ends: Box::new(move |call, step| {
            let media = ends.clone();
            Box::pin(async move { media.end_of(call, step).await })
        }),
        announced: Box::new(move |answer| announced.announced(answer)),
    }
}

/// The operators' port.
pub(super) fn for_operators(media: &Media) -> ops::Streams {
    let media = media.clone();
    ops::Streams(Box::new(move || {
        media.live().into_iter().map(|stream| (stream.call.to_string(), counters(&stream))).collect()
    }))
}

fn counters(stream: &LiveStream) -> StreamCounters {
    StreamCounters {
        frames_in: stream.frames_in,
        frames_out: stream.frames_out,
        late_frames: stream.late_frames,
        barge_ins: stream.barge_ins,
        turns: stream.turns,
        heard_ms: stream.heard_ms,
        queued_ms: stream.queued_ms,
        playing: stream.playing,
        speaking: stream.speaking,
    }
}
