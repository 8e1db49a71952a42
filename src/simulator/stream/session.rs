//! One stream without its socket: messages and time go in, messages and notes come out.

use super::acoustics::{Acoustics, Room};
use super::clip::{Clip, is_audible};
use super::gauge::{Gauge, ms, whole_ms};
use super::mouth::{Deed, Mouth};
use super::note::{Event, Note};
use super::playout::{Full, Playout, moment, samples};
use super::report::{Sound, StreamReport};
use super::wire::{self, Asked, CONNECTED, Names, Writer};
use super::{FRAME, FRAME_TIME};
use crate::simulator::act::Act;
use crate::twiml::Parameter;
use std::collections::VecDeque;
use std::time::Duration;

/// A message the server sent cannot be understood; reported once a stream.
const INVALID: u32 = 31951;
/// It is binary.
const BINARY: u32 = 31950;

/// What a stream begins with.
#[derive(Debug)]
pub(in crate::simulator) struct Setting {
    pub(in crate::simulator) names: Names,
    pub(in crate::simulator) url: String,
    pub(in crate::simulator) parameters: Vec<Parameter>,
    /// What the caller does, and with which voices.
    pub(in crate::simulator) acts: VecDeque<Act>,
    pub(in crate::simulator) clips: Vec<Clip>,
    /// What the line adds.
    pub(in crate::simulator) acoustics: Acoustics,
    /// Keep what is heard and said.
    pub(in crate::simulator) keeps_sound: bool,
}

/// See the module.
#[derive(Debug)]
pub(in crate::simulator) struct Session {
    writer: Writer,
    parameters: Vec<Parameter>,
    playout: Playout,
    mouth: Mouth,
    room: Room,
    gauge: Gauge,
    /// Heard, but not a whole frame yet.
    heard: Vec<u8>,
    /// Frames of the line's sound that are over.
    heard_frames: u64,
    sound: Option<Sound>,
    notes: Vec<Note>,
    /// The two warnings, each given once.
    warned: [bool; 2],
    hangs_up: bool,
}

impl Session {
    pub(in crate::simulator) fn new(setting: Setting) -> Self {
        let Setting { names, url, parameters, acts, clips, acoustics, keeps_sound } = setting;
        let mut gauge = Gauge::default();
        (gauge.report.stream_sid, gauge.report.url) = (names.stream_sid.clone(), url);
        Self {
            writer: Writer::new(names),
            parameters,
            playout: Playout::default(),
            mouth: Mouth::new(acts, clips),
            room: Room::new(acoustics),
            gauge,
            heard: Vec::with_capacity(2 * FRAME),
            heard_frames: 0,
            sound: keeps_sound.then(Sound::default),
            notes: Vec::new(),
            warned: [false; 2],
            hangs_up: false,
        }
    }

    /// The first two messages.
    pub(super) fn opening(&mut self, out: &mut Vec<String>) {
        out.push(CONNECTED.to_owned());
        out.push(self.writer.start(&["inbound"], &self.parameters));
    }

    /// A frame is due: what was played is judged, marks come back, the caller acts and is heard.
    pub(super) fn tick(&mut self, now: Duration, out: &mut Vec<String>) {
        self.play_until(now, out);
        if let Some(event) = self.gauge.passes(now) {
            self.note(now, event);
        }
        self.act(now, out);
        let uttered = self.mouth.frame(now);
        let carried = self.room.carries(uttered.frame);
        self.gauge.report.frames += 1;
        let frames = u32::try_from(self.gauge.report.frames).unwrap_or(u32::MAX);
        out.push(self.writer.media("inbound", FRAME_TIME * frames, &carried));
        if let Some(sound) = &mut self.sound {
            sound.said.extend(carried);
        }
        if let Some(words) = uttered.begins {
            let event = self.gauge.begins(now, words);
            self.note(now, event);
        }
        if uttered.ends {
            let event = self.gauge.ends(now);
            self.note(now, event);
        }
    }

    /// How late the frame of this moment was.
    pub(super) fn late(&mut self, by: Duration) {
        let report = &mut self.gauge.report;
        report.latest_frame_ms = report.latest_frame_ms.max(ms(by));
        report.late_frames += u64::from(by > FRAME_TIME);
    }

    /// A text message of the server.
    pub(super) fn hear(&mut self, text: &str, now: Duration, out: &mut Vec<String>) {
        // What came before it has been played so far.
        self.play_until(now, out);
        match wire::read(text, &self.writer.names.stream_sid) {
            Ok(Asked::Media(sound)) => self.media(&sound, now),
            Ok(Asked::Mark(name)) => {
                self.gauge.report.marks += 1;
                self.playout.mark(name);
            }
            Ok(Asked::Clear) => {
                let (dropped, marks) = self.playout.clear();
                let event = self.gauge.cleared(now, moment(dropped), marks);
                self.note(now, event);
            }
            Err(why) => {
                self.gauge.report.invalid += 1;
                self.warn(now, INVALID, format!("Stream - Message - Invalid Message: {why}"));
            }
        }
        self.echo(out);
    }

    /// A binary message of the server.
    pub(super) fn hear_binary(&mut self, now: Duration) {
        self.gauge.report.invalid += 1;
        self.warn(now, BINARY, "Stream - Message - a binary message is ignored".to_owned());
    }

    /// The last message, if we are the one who ends it.
    pub(super) fn closing(&mut self, out: &mut Vec<String>) {
        out.push(self.writer.stop());
    }

    /// Something went wrong with the socket, on purpose.
    pub(super) const fn is_cut(&mut self, how: &'static str) {
        self.gauge.report.cut = Some(how);
    }

    /// Whether the caller has put the phone down.
    pub(super) const fn hangs_up(&self) -> bool {
        self.hangs_up
    }

    pub(super) fn notes(&mut self) -> impl Iterator<Item = Note> {
        self.notes.drain(..)
    }

    /// The stream is over: what is left of the caller's script, and the report.
    pub(super) fn finish(mut self, now: Duration) -> (VecDeque<Act>, StreamReport) {
        self.play_until(now, &mut Vec::new());
        let gaps = self.playout.gaps;
        let report = StreamReport {
            seconds: now.as_secs_f64(),
            received_ms: self.playout.came() / 8,
            gaps: gaps.count,
            longest_gap_ms: ms(moment(gaps.longest)),
            dry_ms: ms(moment(gaps.dry)),
            sound: self.sound,
            ..self.gauge.report
        };
        (self.mouth.into_acts(), report)
    }

    fn act(&mut self, now: Duration, out: &mut Vec<String>) {
        while let Some(deed) = self.mouth.deed(now, self.gauge.hears(now)) {
            let event = match deed {
                Deed::Presses(key) => {
                    out.push(self.writer.dtmf(key));
                    self.gauge.presses(now, key)
                }
                Deed::HangsUp => {
                    self.hangs_up = true;
                    Event::HangsUp
                }
            };
            self.note(now, event);
        }
    }

    fn media(&mut self, sound: &[u8], now: Duration) {
        self.gauge.came(now);
        if let Err(Full) = self.playout.push(sound) {
            self.warn(now, INVALID, "more sound than ten minutes is waiting; the rest is dropped".to_owned());
        }
    }

    fn play_until(&mut self, now: Duration, out: &mut Vec<String>) {
        self.playout.play_until(samples(now), &mut self.heard);
        let whole = self.heard.len() / FRAME * FRAME;
        let frames: Vec<u8> = self.heard.drain(..whole).collect();
        for frame in frames.chunks(FRAME) {
            let at = FRAME_TIME * u32::try_from(self.heard_frames).unwrap_or(u32::MAX);
            self.heard_frames += 1;
            self.room.hears(frame);
            if is_audible(frame) {
                self.gauge.report.heard_ms += whole_ms(FRAME_TIME);
                if let Some(event) = self.gauge.heard(at) {
                    self.note(at, event);
                }
            }
        }
        if let Some(sound) = &mut self.sound {
            sound.heard.extend(frames);
        }
        self.echo(out);
    }

    fn echo(&mut self, out: &mut Vec<String>) {
        while let Some(name) = self.playout.reached() {
            out.push(self.writer.mark(&name));
        }
    }

    fn warn(&mut self, at: Duration, code: u32, why: String) {
        let [invalid, binary] = &mut self.warned;
        let warned = if code == INVALID { invalid } else { binary };
        if !std::mem::replace(warned, true) {
            self.note(at, Event::Warned { code, why });
        }
    }

    fn note(&mut self, at: Duration, what: Event) {
        self.notes.push(Note { at, what });
    }
}

#[cfg(test)]
mod tests {
    use super::super::playout::SILENCE;
    use super::*;
    use crate::simulator::parse_acts;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    const fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn session(script: &str) -> Session {
        let [account_sid, call_sid, stream_sid] = ["AC1", "CA1", "MZ1"].map(str::to_owned);
        let clips = vec![Clip::mulaw(&[0; 3200]).unwrap()];
        Session::new(Setting {
            names: Names { account_sid, call_sid, stream_sid },
            url: "wss://h.example/ws".to_owned(),
            parameters: Vec::new(),
            acts: parse_acts(script).unwrap().into(),
            clips,
            acoustics: Acoustics::default(),
            keeps_sound: true,
        })
    }

    fn loud(ms: usize) -> String {
        let payload = STANDARD.encode(vec![0x20; 8 * ms]);
        json!({ "event": "media", "streamSid": "MZ1", "media": { "payload": payload } }).to_string()
    }

    fn mark(name: &str) -> String {
        json!({ "event": "mark", "streamSid": "MZ1", "mark": { "name": name } }).to_string()
    }

    const CLEAR: &str = r#"{"event":"clear","streamSid":"MZ1"}"#;

    fn events(out: &[String]) -> Vec<String> {
        let said = out.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
        said.map(|message| match message["event"].as_str().unwrap() {
            "mark" => format!("mark {}", message["mark"]["name"].as_str().unwrap()),
            event => event.to_owned(),
        })
        .collect()
    }

    #[test]
    fn an_interrupted_prompt_is_dropped_and_its_marks_come_back_at_once() {
        let (mut session, mut out) = (session("w0.5,s"), Vec::new());
        session.opening(&mut out);
        assert_eq!(events(&out), ["connected", "start"]);
        for name in ["a", "b", "c"] {
            session.hear(&loud(600), at(5), &mut out);
            session.hear(&mark(name), at(5), &mut out);
        }
        out.clear();
        for ms in (20..1000).step_by(20) {
            session.tick(at(ms), &mut out);
        }
        assert_eq!(events(&out).iter().filter(|event| *event != "media").collect::<Vec<_>>(), ["mark a"]);
        out.clear();
        session.hear(CLEAR, at(1001), &mut out);
        assert_eq!(events(&out), ["mark b", "mark c"]);
        let notes: Vec<_> = session.notes().map(|note| note.what).collect();
        assert!(
            matches!(
                notes.as_slice(),
                [
                    Event::Heard { after: None },
                    Event::Speaks { over_the_line: true, .. },
                    Event::Silent,
                    Event::Cleared(_)
                ]
            ),
            "{notes:?}"
        );
        let (_, report) = session.finish(at(1500));
        assert_eq!((report.frames, report.received_ms, report.gaps), (49, 1800, 0));
        assert_eq!(report.interruptions[0].dropped_ms, 804);
        let sound = report.sound.unwrap();
        let heard = |ms: usize| sound.heard[8 * ms];
        assert_eq!([heard(2), heard(10), heard(1000), heard(1002)], [SILENCE, 0x20, 0x20, SILENCE]);
    }

    #[test]
    fn what_twilio_would_not_take_is_dropped_and_told_once() {
        let (mut session, mut out) = (session(""), Vec::new());
        for text in ["{", &mark("a").replace("MZ1", "MZ2"), &loud(20).replace("payload", "data")] {
            session.hear(text, at(1), &mut out);
        }
        session.hear_binary(at(2));
        session.hear_binary(at(3));
        let codes: Vec<_> = session
            .notes()
            .map(|note| match note.what {
                Event::Warned { code, .. } => code,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!((codes, out.len()), (vec![31951, 31950], 0));
        let (_, report) = session.finish(at(20));
        assert_eq!((report.invalid, report.received_ms), (5, 0));
    }

    #[test]
    fn keys_go_out_as_dtmf_and_what_is_left_is_for_later() {
        let (mut session, mut out) = (session("7,w60,8"), Vec::new());
        for ms in (20..1000).step_by(20) {
            session.tick(at(ms), &mut out);
        }
        assert_eq!(events(&out).iter().filter(|event| *event == "dtmf").count(), 1);
        let (acts, _) = session.finish(at(1000));
        assert_eq!(acts.len(), 2);
    }
}
