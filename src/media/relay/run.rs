//! The task of one conversation in text.

use super::talk::Relayed;
use crate::agents::port::Why;
use crate::config::line::Line;
use crate::ledger::{StreamEnd, StreamNext};
use crate::media::books::{begun, count_common, course, keep};
use crate::media::course::{Conversation, Outcome, paged};
use crate::media::live::Hung;
use crate::media::outcome::Over;
use crate::media::parts::Media;
use crate::media::socket::{Came, DONE, Socket};
use crate::twilio::relay::{self, Setup};
use crate::world::StreamPass;
use axum::extract::ws::close_code;
use serde_json::json;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::time::{self, sleep_until};

/// How often the socket is shown to be in use: long listening is no reason for a proxy to close it.
const PING: Duration = Duration::from_secs(15);
/// A carrier that reads nothing for so long is as good as gone.
const STUCK: Duration = Duration::from_secs(10);
/// How often counters leave the conversation.
const PUBLISH: Duration = Duration::from_secs(1);
/// How long the carrier may take to close what it was asked to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// A conversation from its setup to its last message.
pub(in crate::media) async fn converse(
    media: &Media,
    socket: &mut Socket,
    (pass, line): (&StreamPass, Arc<Line>),
    setup: &Setup,
) {
    let hung = begun(media, pass);
    let talk = Relayed::begin(course(media, (pass, line), &setup.parameters));
    tracing::debug!(call.sid = pass.call.as_str(), stream.sid = setup.session_id, "a conversation in text began");
    let mut running = Running { media, socket: &mut *socket, talk, hung, sid: &setup.session_id };
    let over = running.until_over().await;
    let mut talk = running.talk;
    let summary = summary(&talk, &setup.session_id, time::Instant::now().into_std());
    keep(media, pass, &over, (summary, &mut talk.course, &setup.session_id)).await;
    // Only now: the carrier asks at once what follows. It brings back what it was told here, for an instance that cannot know.
    socket.put(relay::end(&handoff(&over.end)));
    socket.send();
    socket.until_gone(FAREWELL).await;
    socket.close(DONE, "done").await;
}

/// How the conversation ended, with the agent's words that the carrier is to say, and without the caller's: this goes
/// through the carrier's logs.
fn handoff(end: &StreamEnd) -> String {
    let next = match &end.next {
        StreamNext::Emergency { .. } => StreamNext::Emergency { said: String::new() },
        next => next.clone(),
    };
    serde_json::to_string(&StreamEnd { next, ..end.clone() }).unwrap_or_default()
}

fn summary(talk: &Relayed, session: &str, now: Instant) -> serde_json::Value {
    let [speech, key, resumed, _] = talk.course.counts.total_interruptions;
    json!({
        "session_id": session,
        "mode": "text",
        "duration_ms": talk.course.ms(now),
        "heard_ms": talk.spoken.heard_ms(),
        "barge_ins": { "speech": speech, "key": key, "resumed": resumed },
        "turns": talk.course.turns.count,
        "answers": talk.course.turns.table,
        "tags": talk.course.tags,
    })
}

/// A conversation, its socket, and who is told of its numbers.
struct Running<'a> {
    media: &'a Media,
    socket: &'a mut Socket,
    talk: Relayed,
    hung: Hung,
    sid: &'a str,
}

/// Why the task woke.
enum Woken {
    Carrier(Came),
    Agent,
    Paged(String, Outcome),
    Timer,
    Closing,
}

impl Running<'_> {
    async fn until_over(&mut self) -> Over {
        let mut now = time::Instant::now();
        let (mut read, mut publish, mut ping) = (now, now + PUBLISH, now + PING);
        let closing = self.media.0.closing.clone();
        let mut closing = pin!(closing.cancelled());
        loop {
            self.post();
            if let Some(over) = self.talk.course.over.take() {
                self.publish();
                return over;
            }
            let wakes = time::Instant::from_std(self.talk.wakes(now.into_std()));
            let woken = tokio::select! {
                biased;
                came = self.socket.next() => Woken::Carrier(came),
                () = self.talk.course.link.wait() => Woken::Agent,
                (id, outcome) = paged(&mut self.talk.course.pages) => Woken::Paged(id, outcome),
                () = sleep_until(wakes) => Woken::Timer,
                () = &mut closing => Woken::Closing,
            };
            now = time::Instant::now();
            self.take(woken, now.into_std());
            if !self.socket.is_stuck() {
                read = now;
            }
            if now >= read + STUCK {
                self.lost("the carrier does not read", now.into_std());
            }
            if now >= ping {
                ping = now + PING;
                self.socket.ping();
            }
            if now >= publish {
                publish = now + PUBLISH;
                self.publish();
            }
        }
    }

    fn take(&mut self, woken: Woken, now: Instant) {
        match woken {
            Woken::Carrier(Came::Text(text)) => self.talk.hear(&text, now),
            Woken::Carrier(Came::Room) | Woken::Agent | Woken::Timer => self.talk.settle(now),
            Woken::Carrier(Came::Nothing) => {}
            Woken::Paged(id, outcome) => {
                self.talk.course.answer(id, outcome, now);
                self.talk.settle(now);
            }
            // There is no word for a caller who hung up. Whether he did, the carrier's next question tells.
            Woken::Carrier(Came::Gone(Some(close_code::NORMAL))) => {
                let over = Over::new(StreamNext::Closed, Why::CallerHangup, "the carrier closed the conversation");
                self.talk.end_now(over, now);
            }
            Woken::Carrier(Came::Gone(_)) => self.lost("the socket closed in the middle", now),
            Woken::Closing => {
                self.talk.end_now(Over::new(StreamNext::Again, Why::Shutdown, "this instance stops"), now);
            }
        }
    }

    fn lost(&mut self, why: &str, now: Instant) {
        self.talk.end_now(Over::new(StreamNext::Again, Why::CallerHangup, why), now);
    }

    /// Sends what waits, as far as the carrier takes it.
    fn post(&mut self) {
        if self.talk.out.is_empty() {
            return;
        }
        let out = &self.talk.out;
        let sent = out.iter().take_while(|text| self.socket.put(text.to_string())).count();
        self.talk.out.drain(..sent);
        self.socket.send();
    }

    /// Brings counters to where others see them.
    fn publish(&mut self) {
        let (streams, board) = (&self.media.0.meters.streams, &self.hung.board);
        let counts = self.talk.course.counts.take();
        count_common(streams, &counts, self.sid);
        counts.answers.iter().for_each(|waited| streams.relay_answer.record(waited.as_secs_f64()));
        board.barge_ins.store(u64::from(self.talk.course.counts.interrupts()), Ordering::Relaxed);
        board.turns.store(u64::from(self.talk.course.turns.count), Ordering::Relaxed);
        board.heard_ms.store(self.talk.spoken.heard_ms(), Ordering::Relaxed);
        board.playing.store(self.talk.spoken.is_playing(), Ordering::Relaxed);
        board.speaking.store(self.talk.is_hearing(), Ordering::Relaxed);
    }
}
