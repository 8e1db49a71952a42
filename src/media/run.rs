//! The task of one stream. The caller's frames are its clock; a timer only steps in when they stay away.

use super::books::{TOKEN, begun, count_common, course, keep};
use super::course::{Conversation, Outcome, paged};
use super::live::{Board, Hung};
use super::outcome::Over;
use super::paging;
use super::parts::Media;
use super::passes::Refused;
use super::relay;
use super::socket::{Came, DONE, REFUSED, Socket};
use super::stages::{Greeting, Met, Started};
use super::talk::Talk;
use super::voices::Saying;
use crate::agents::port::Why;
use crate::config::line::Line;
use crate::ledger::StreamNext;
use crate::twilio::relay::Setup;
use crate::twilio::stream::{Pen, Start};
use crate::world::StreamPass;
use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use serde_json::json;
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::time::{self, sleep_until, timeout};

/// How long the carrier may take to say whose stream it is.
const GREETING: Duration = Duration::from_secs(5);
/// A carrier that sends nothing for so long is gone, though nobody closed the socket.
const DEAD: Duration = Duration::from_secs(15);
/// A carrier that reads nothing for so long is as good as gone.
const STUCK: Duration = Duration::from_secs(10);
/// How often counters leave the stream.
const PUBLISH: Duration = Duration::from_secs(1);

/// A stream from its first frame to its last. What is boxed here and below is apart: a task has room for the largest of its
/// parts for as long as it lives.
pub(super) async fn stream(media: Media, mut socket: Socket, pass: Option<StreamPass>) {
    let (media, socket) = (&media, &mut socket);
    let Some((pass, line, first)) = Box::pin(enter(media, socket, pass)).await else { return };
    match (first, &pass.zone, line.agent.relay()) {
        (First::Start(start), Some(zone), _) => Box::pin(paging::page(media, socket, (&pass, zone), &start)).await,
        (First::Start(start), None, None) => converse(media, socket, (&pass, line), start).await,
        (First::Setup(setup), _, Some(_)) => Box::pin(relay::converse(media, socket, (&pass, line), &setup)).await,
        _ => Box::pin(refuse(media, socket, ("elsewhere", "the line has another kind of agent by now"))).await,
    }
}

/// Whose stream it is. `None`: nobody's; who was refused was told.
async fn enter(media: &Media, socket: &mut Socket, pass: Option<StreamPass>) -> Option<(StreamPass, Arc<Line>, First)> {
    let why = match timeout(GREETING, greet(socket, Greeting { pass })).await {
        Ok(Some((greeting, first))) => match admit(media, greeting, &first).await {
            Ok((pass, line)) => return Some((pass, line, first)),
            Err(why) => why,
        },
        Ok(None) => {
            tracing::debug!("a stream ended before it began");
            return None;
        }
        Err(_elapsed) => ("silent", "no start message came in time"),
    };
    refuse(media, socket, why).await;
    None
}

/// The first message that says whose stream it is.
enum First {
    /// We hear and speak.
    Start(Box<Start>),
    /// The carrier does.
    Setup(Box<Setup>),
}

async fn greet(socket: &mut Socket, mut greeting: Greeting) -> Option<(Greeting, First)> {
    loop {
        match socket.next().await {
            Came::Text(text) => match greeting.hear(&text) {
                Met::NotYet(still) => greeting = still,
                Met::Begun(greeting, start) => return Some((greeting, First::Start(start))),
                Met::Relayed(greeting, setup) => return Some((greeting, First::Setup(setup))),
                Met::Over => return None,
            },
            Came::Nothing | Came::Room => {}
            Came::Gone(_) => return None,
        }
    }
}

/// The pass and the line of a stream that begins, if it is for this very call. A pass that did not come with the URL is
/// claimed now.
async fn admit(media: &Media, greeting: Greeting, first: &First) -> Result<(StreamPass, Arc<Line>), Denied> {
    let (call, account, parameters) = match first {
        First::Start(start) => (&start.call_sid, &start.account_sid, &start.parameters),
        First::Setup(setup) => (&setup.call_sid, &setup.account_sid, &setup.parameters),
    };
    let pass = match greeting.pass {
        Some(pass) => pass,
        None => {
            let token = parameters.get(TOKEN).ok_or(("forged", "neither URL nor start carries a token"))?;
            let pass = media.read(token).map_err(Refused::told)?;
            media.claim(&pass).await.map_err(Refused::told)?;
            pass
        }
    };
    Greeting::fits(&pass, call, account).map_err(|why| ("elsewhere", why))?;
    if matches!(first, First::Start(start) if !start.is_telephone_sound) {
        return Err(("elsewhere", "the stream's sound is not mu-law, 8 kHz, mono"));
    }
    let line = pass.line_in(&media.0.worlds.current()).cloned();
    line.map(|line| (pass, line)).ok_or(("elsewhere", "the line of this stream is gone"))
}

/// The word of `stream_refusals_total`, and why.
type Denied = (&'static str, &'static str);

async fn refuse(media: &Media, socket: &mut Socket, (word, why): Denied) {
    media.0.meters.streams.refused.count(word);
    tracing::warn!(why, "refused a stream");
    socket.close(REFUSED, "refused").await;
}

async fn converse(media: &Media, socket: &mut Socket, (pass, line): (&StreamPass, Arc<Line>), start: Box<Start>) {
    let hung = begun(media, pass);
    let mut started = begin(media, (pass, line), *start);
    tracing::debug!(call.sid = pass.call.as_str(), stream.sid = started.stream_sid, "a stream began");
    let over = Running { media, socket: &mut *socket, started: &mut started, hung }.until_over().await;
    Box::pin(conclude(media, socket, pass, (started, over))).await;
}

/// A conversation that begins now. On the heap: what a task holds over a wait it would hold twice where it was moved.
fn begin(media: &Media, (pass, line): (&StreamPass, Arc<Line>), start: Start) -> Box<Started> {
    let talk = Talk::begin(course(media, (pass, line), &start.parameters));
    Box::new(Started { pen: Pen::new(&start.stream_sid), stream_sid: start.stream_sid, talk })
}

/// A conversation is over: what became of it is kept, and the carrier is let go.
async fn conclude(media: &Media, socket: &mut Socket, pass: &StreamPass, (mut started, over): (Box<Started>, Over)) {
    let Started { talk, stream_sid, .. } = &mut *started;
    let summary = summary(talk, stream_sid, time::Instant::now().into_std());
    keep(media, pass, &over, (summary, &mut talk.course, stream_sid)).await;
    socket.close(DONE, "done").await;
}

fn summary(talk: &Talk, stream_sid: &str, now: Instant) -> serde_json::Value {
    let [speech, key, resumed, agent] = talk.course.counts.total_interruptions;
    json!({
        "stream_sid": stream_sid,
        "duration_ms": talk.course.ms(now),
        "frames_in": talk.course.counts.total_frames_in,
        "frames_out": talk.playback.frames_out,
        "late_frames": talk.playback.late_frames,
        "heard_ms": talk.playback.heard_ms(now),
        "barge_ins": { "speech": speech, "key": key, "resumed": resumed, "agent": agent },
        "turns": talk.course.turns.count,
        "answers": talk.course.turns.table,
        "tags": talk.course.tags,
    })
}

/// A conversation, its socket, and who is told of its numbers.
struct Running<'a> {
    media: &'a Media,
    socket: &'a mut Socket,
    started: &'a mut Started,
    hung: Hung,
}

/// Why the task woke.
enum Woken {
    Carrier(Came),
    Agent,
    Spoken(Saying, Option<Bytes>),
    Paged(String, Outcome),
    Timer,
    Closing,
}

impl Running<'_> {
    async fn until_over(mut self) -> Over {
        let mut now = time::Instant::now();
        let (mut heard, mut read, mut publish) = (now, now, now + PUBLISH);
        let mut timer = pin!(sleep_until(now));
        let closing = self.media.0.closing.clone();
        let mut closing = pin!(closing.cancelled());
        loop {
            self.post();
            if let Some(over) = self.started.talk.course.over.take() {
                self.publish(now.into_std());
                return over;
            }
            let wakes = time::Instant::from_std(self.started.talk.wakes(now.into_std()));
            if timer.is_elapsed() || wakes < timer.deadline() {
                timer.as_mut().reset(wakes);
            }
            let talk = &mut self.started.talk;
            let woken = tokio::select! {
                biased;
                came = self.socket.next() => Woken::Carrier(came),
                () = talk.course.link.wait() => Woken::Agent,
                (saying, sound) = spoken(&mut talk.saying) => Woken::Spoken(saying, sound),
                (id, outcome) = paged(&mut talk.course.pages) => Woken::Paged(id, outcome),
                () = &mut timer => Woken::Timer,
                () = &mut closing => Woken::Closing,
            };
            now = time::Instant::now();
            if matches!(woken, Woken::Carrier(Came::Text(_) | Came::Nothing)) {
                heard = now;
            }
            if !self.socket.is_stuck() {
                read = now;
            }
            self.take(woken, now.into_std());
            if now >= heard + DEAD || now >= read + STUCK {
                self.lost("the carrier fell silent", now.into_std());
            }
            if now >= publish {
                publish = now + PUBLISH;
                self.publish(now.into_std());
            }
        }
    }

    fn take(&mut self, woken: Woken, now: Instant) {
        match woken {
            Woken::Carrier(Came::Text(text)) => self.started.hear(&text, now),
            Woken::Carrier(Came::Room) | Woken::Agent | Woken::Timer => {
                self.started.talk.blocked = self.socket.is_stuck();
                self.started.talk.settle(now);
            }
            Woken::Carrier(Came::Nothing) => {}
            Woken::Carrier(Came::Gone(_)) => self.lost("the socket closed without a stop", now),
            Woken::Spoken(saying, sound) => self.started.talk.spoken(saying.source, sound, now),
            Woken::Paged(id, outcome) => {
                self.started.talk.course.answer(id, outcome, now);
                self.started.talk.settle(now);
            }
            Woken::Closing => {
                let over = Over::new(StreamNext::Again, Why::Shutdown, "this instance stops");
                self.started.talk.end_now(over, now);
            }
        }
    }

    /// If the call is still there, the carrier asks what follows: the conversation, once more.
    fn lost(&mut self, why: &str, now: Instant) {
        self.started.talk.end_now(Over::new(StreamNext::Again, Why::CallerHangup, why), now);
    }

    /// Sends what waits, as far as the carrier takes it.
    fn post(&mut self) {
        if self.started.talk.out.is_empty() {
            return;
        }
        // What we write is text.
        self.started.send(|text| self.socket.put(Utf8Bytes::try_from(text).unwrap_or_default()));
        self.socket.send();
        let talk = &mut self.started.talk;
        talk.blocked = self.socket.is_stuck() || !talk.out.is_empty();
    }

    /// Brings counters to where others see them.
    fn publish(&mut self, now: Instant) {
        let streams = &self.media.0.meters.streams;
        let (talk, board) = (&mut self.started.talk, &self.hung.board);
        let counts = talk.course.counts.take();
        streams.frames.add("in", counts.frames_in);
        let out = talk.playback.frames_out.saturating_sub(board.frames_out.load(Ordering::Relaxed));
        streams.frames.add("out", out);
        let late = talk.playback.late_frames.saturating_sub(board.late_frames.load(Ordering::Relaxed));
        streams.late_frames.increment(late);
        count_common(streams, &counts, &self.started.stream_sid);
        counts.answers.iter().for_each(|waited| streams.turn_latency.record(waited.as_secs_f64()));
        counts.fillers.iter().for_each(|waited| streams.turn_filler.record(waited.as_secs_f64()));
        show(board, &self.started.talk, now);
    }
}

fn show(board: &Board, talk: &Talk, now: Instant) {
    let set = |of: &std::sync::atomic::AtomicU64, to: u64| of.store(to, Ordering::Relaxed);
    set(&board.frames_in, talk.course.counts.total_frames_in);
    set(&board.frames_out, talk.playback.frames_out);
    set(&board.late_frames, talk.playback.late_frames);
    set(&board.barge_ins, u64::from(talk.course.counts.interrupts()));
    set(&board.turns, u64::from(talk.course.turns.count));
    set(&board.heard_ms, talk.playback.heard_ms(now));
    set(&board.queued_ms, talk.playback.waiting_ms());
    board.playing.store(talk.playback.audible(now).is_some(), Ordering::Relaxed);
    board.speaking.store(talk.speeches.is_speaking(), Ordering::Relaxed);
}

/// The first text that becomes sound; the others wait behind it, as they do on the line.
async fn spoken(saying: &mut VecDeque<Saying>) -> (Saying, Option<Bytes>) {
    let Some(first) = saying.front_mut() else { return std::future::pending().await };
    let sound = first.sound.as_mut().await;
    match saying.pop_front() {
        Some(first) => (first, sound),
        None => std::future::pending().await,
    }
}
