//! A stream both ways: the call waits while a socket has it, in real time, because the server's clock cannot be compressed.

use super::run::Run;
use super::stage::HungUp;
use super::stream_status::refusal;
use super::streaming::StreamStatus;
use crate::simulator::chaos::Accident;
use crate::simulator::http::{Fields, Socket};
use crate::simulator::masked::masked;
use crate::simulator::problem::Problem;
use crate::simulator::stream::{End, Ended, Event, Line, Note, Session, Setting};
use crate::simulator::transcript::{Actor, Kind, Step};
use crate::twiml::Stream;
use std::time::Duration;
use tokio::time::sleep_until;

/// Microseconds: a stream's frames begin within this of its start, as calls begin when they like.
const PHASES: u64 = 20_000;

impl Run<'_, '_> {
    /// Hands the call to the socket until one side has enough. Returns what the Connect's action is told.
    pub(super) async fn stream(&mut self, stream: &Stream) -> Result<Fields, HungUp> {
        let status = self.stream_status(stream);
        let Some(socket) = self.open_stream(stream, &status, true).await else { return Ok(status.named()) };
        let session = Session::new(self.setting(stream, &status));
        let began = self.stage.clock.at();
        let (phase, cut) = (self.stage.sids.chance() % PHASES, self.stage.chaos.stream().and_then(Accident::cut));
        let line = Line::open(socket, session, Duration::from_micros(phase), cut);
        let (hung_up, ended) = self.stay_on(line, began).await;
        if let Some(ended) = ended {
            self.stream_ended(&status, ended);
        }
        hung_up.map(|()| status.named())
    }

    /// Opens the socket of a stream and tells its status callback how that went.
    pub(super) async fn open_stream(
        &mut self,
        stream: &Stream,
        status: &StreamStatus,
        both_ways: bool,
    ) -> Option<Socket> {
        let url = status.url.as_str();
        let refused = refusal(stream, both_ways);
        let turn = self.stage.turn;
        self.stage.turn = turn.wrapping_add(1);
        let opened = match refused {
            Some(fault) => Err(fault),
            None => {
                self.stage.did(Actor::Carrier, format!("opens a stream to {}", masked(url)));
                let before = self.stage.clock.wall().now();
                let opened = self.stage.carrier.client.open_socket(url, turn).await;
                let took = self.stage.clock.wall().now() - before;
                self.stage.clock.charge(took.to_std().unwrap_or_default());
                opened
            }
        };
        match opened {
            Ok(socket) => {
                self.stage.tell(status, "stream-started");
                Some(socket)
            }
            Err(fault) => {
                self.stage.fail(fault.code, fault.why.clone());
                self.stage.tell_failure(status, &fault);
                None
            }
        }
    }

    fn setting(&mut self, stream: &Stream, status: &StreamStatus) -> Setting {
        Setting {
            names: status.names.clone(),
            url: status.url.clone(),
            parameters: stream.parameters.clone(),
            acts: std::mem::take(self.person.acts()),
            clips: self.stage.script.voices(),
            acoustics: self.stage.script.acoustics,
            keeps_sound: self.stage.script.keeps_sound,
        }
    }

    /// Follows the stream to its end; meanwhile reports are delivered, and the caller may hang up.
    async fn stay_on(&mut self, mut line: Line, began: Duration) -> (Result<(), HungUp>, Option<Ended>) {
        let mut result = Ok(());
        loop {
            self.stage.clock.reach(began + line.began.elapsed());
            self.stage.deliver_until(self.stage.clock.at()).await;
            if result.is_ok() && self.stage.is_time_to_hang_up() {
                result = Err(self.stage.hang_up());
                line.stop();
            }
            let wake = line.began + self.stage.next_moment().saturating_sub(began);
            let over = result.is_err();
            tokio::select! {
                note = line.note() => match note {
                    Some(note) => result = result.and(self.tell_note(began, note)),
                    None => break,
                },
                () = self.stage.order(), if !over => {
                    self.stage.obey();
                    result = Err(HungUp);
                    line.stop();
                }
                () = sleep_until(wake), if !over => {}
            }
        }
        let ended = line.ended().await;
        (result, ended)
    }

    /// Puts a note into the transcript.
    fn tell_note(&mut self, began: Duration, note: Note) -> Result<(), HungUp> {
        let at = began + note.at;
        let did = |actor, text: String| Step::new(at, actor, Kind::Did, text);
        let caller = self.actor();
        let step = match note.what {
            Event::Heard { after: None } => did(Actor::Line, "is heard".to_owned()),
            Event::Heard { after: Some(after) } => {
                did(Actor::Line, format!("is heard, {} after the caller fell silent", ms(after)))
            }
            Event::Speaks { words: Some(words), over_the_line } => {
                if over_the_line {
                    self.stage.transcript.add(did(caller, "interrupts".to_owned()));
                }
                Step::new(at, caller, Kind::Said, words)
            }
            Event::Speaks { words: None, over_the_line } => {
                did(caller, if over_the_line { "interrupts" } else { "speaks" }.to_owned())
            }
            Event::Silent => did(caller, "has spoken".to_owned()),
            Event::Presses(key) => did(caller, format!("presses {key}")),
            Event::HangsUp => {
                self.stage.clock.reach(at);
                return Err(self.stage.hang_up());
            }
            Event::Cleared(clear) => did(Actor::Line, clear.words()),
            Event::Missed => {
                let mut step = did(Actor::Line, "talks on: no clear within two seconds".to_owned());
                step.kind = Kind::Warning;
                step
            }
            Event::Warned { code, why } => {
                let mut step = Step::new(at, Actor::Carrier, Kind::Warning, why);
                step.code = Some(code);
                step
            }
        };
        self.stage.transcript.add(step);
        Ok(())
    }

    fn stream_ended(&mut self, status: &StreamStatus, ended: Ended) {
        let Ended { end, acts, mut report } = ended;
        *self.person.acts() = acts;
        let led_elsewhere = self.stage.told.is_some() && !self.stage.has_hung_up();
        report.ended = match &end {
            End::Server => "the server closed it",
            End::Carrier if led_elsewhere => "the call was led elsewhere",
            End::Carrier | End::Caller => "the caller hung up",
            End::Failed(fault) if fault.on_purpose => "it was cut",
            End::Failed(_) => "it failed",
        };
        self.stage.did(Actor::Carrier, format!("ends the stream after {:.1} s: {}", report.seconds, report.ended));
        if let End::Failed(fault) = end {
            self.stage.tell_failure(status, &fault);
            if fault.on_purpose {
                self.stage.owes_a_verb = !self.stage.has_hung_up();
            } else {
                report.error = Some(Problem { code: fault.code, text: fault.why.clone() });
            }
            self.stage.blame(fault);
        } else {
            self.stage.tell(status, "stream-stopped");
        }
        self.stage.streams.push(report);
    }
}

/// `143 ms`
fn ms(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
