//! Measures of one stream: who was heard when, and how fast the server gave way and answered.

use super::FRAME_TIME;
use super::note::{Cause, Clear, Event};
use super::report::{Answered, Interruption, StreamReport};
use std::time::Duration;

/// A voice that has paused for less goes on.
const BREATH: Duration = Duration::from_millis(700);
/// A line that was audible so recently is being interrupted.
const JUST_NOW: Duration = Duration::from_millis(200);
/// Without `clear` for so long, the interruption was missed.
const MISSED_AFTER: Duration = Duration::from_secs(2);
/// A `clear` so long after the caller's last sound or key may still be for it.
const STILL_ASKED: Duration = Duration::from_secs(1);
/// Media that comes so soon after a `clear` was not stopped in time.
const AFTER_CLEAR: Duration = Duration::from_millis(200);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    /// The line's voice, as it is heard: since when, and until when so far.
    voice: Option<(Duration, Duration)>,
    /// The caller's first voiced frame over the line's voice; the answer is still out.
    interrupts: Option<Duration>,
    /// The caller's first voiced frame over the line's voice, while the caller speaks.
    interrupted_at: Option<Duration>,
    /// The caller's last voiced frame; the line has not answered yet.
    silent: Option<Duration>,
    /// The caller is speaking.
    speaks: bool,
    /// The caller's last sound.
    spoke: Option<Duration>,
    /// The caller's last key.
    pressed: Option<Duration>,
    cleared: Option<Duration>,
    pub(super) report: StreamReport,
}

impl Gauge {
    /// Whether the line can be heard at this moment.
    pub(super) fn hears(&self, now: Duration) -> bool {
        self.voice.is_some_and(|(_, until)| now <= until + JUST_NOW)
    }

    /// A frame was played from `at` on, and a person would hear it.
    pub(super) fn heard(&mut self, at: Duration) -> Option<Event> {
        let goes_on = self.voice.filter(|(_, until)| at < *until + BREATH);
        let fresh = self.cleared.is_none_or(|cleared| at >= cleared);
        let answers = self.silent.filter(|silent| fresh && at >= *silent && !self.speaks && self.interrupts.is_none());
        if let Some(silent) = answers {
            self.silent = None;
            self.report.answers.push(Answered { silent_at_ms: whole_ms(silent), heard_after_ms: ms(at - silent) });
        }
        self.report.first_heard_ms.get_or_insert(ms(at));
        if fresh && self.speaks && self.interrupted_at.is_some_and(|began| self.cleared >= Some(began)) {
            self.report.interruptions.last_mut().into_iter().for_each(|last| last.talked_on = true);
        }
        let begins = goes_on.is_none() || (answers.is_some() && self.cleared.is_some());
        let since = goes_on.filter(|_| !begins).map_or(at, |(since, _)| since);
        self.voice = Some((since, at + FRAME_TIME));
        begins.then(|| Event::Heard { after: answers.map(|silent| at - silent) })
    }

    /// The caller's first voiced frame goes out.
    pub(super) fn begins(&mut self, now: Duration, words: Option<&'static str>) -> Event {
        let over_the_line = self.hears(now);
        (self.speaks, self.silent, self.spoke) = (true, None, Some(now));
        self.interrupts = over_the_line.then_some(now);
        self.interrupted_at = self.interrupts;
        Event::Speaks { words, over_the_line }
    }

    /// The caller's last voiced frame goes out.
    pub(super) fn ends(&mut self, now: Duration) -> Event {
        (self.speaks, self.spoke) = (false, Some(now));
        self.silent = Some(now);
        Event::Silent
    }

    pub(super) fn presses(&mut self, now: Duration, key: char) -> Event {
        self.pressed = Some(now);
        Event::Presses(key)
    }

    /// The server dropped what waited. `dropped`, and how many marks came back.
    pub(super) fn cleared(&mut self, now: Duration, dropped: Duration, marks: usize) -> Event {
        self.report.clears += 1;
        let recent = |at: Option<Duration>| at.filter(|at| now <= *at + STILL_ASKED);
        let cause = match (self.interrupts.take(), recent(self.pressed)) {
            (Some(began), _) => {
                self.interruption(began, Some(now - began), dropped);
                Cause::Voice { after: now - began }
            }
            (None, Some(pressed)) => Cause::Key { after: now - pressed },
            (None, None) => match recent(self.spoke).filter(|_| !self.speaks).or(self.spoke.filter(|_| self.speaks)) {
                Some(spoke) => Cause::Voice { after: now - spoke },
                None => {
                    self.report.unasked_clears += 1;
                    Cause::Nothing
                }
            },
        };
        let heard = self.voice.filter(|_| self.hears(now)).map_or(Duration::ZERO, |(since, _)| now - since);
        self.cleared = Some(now);
        Event::Cleared(Clear { cause, dropped, marks, heard })
    }

    /// Media came in.
    pub(super) fn came(&mut self, now: Duration) {
        let soon = self.cleared.is_some_and(|cleared| now <= cleared + AFTER_CLEAR);
        self.report.media_after_clear += u64::from(soon);
    }

    /// Time has passed.
    pub(super) fn passes(&mut self, now: Duration) -> Option<Event> {
        let began = self.interrupts.take_if(|began| now > *began + MISSED_AFTER)?;
        self.interruption(began, None, Duration::ZERO);
        // Whoever talks on does not answer.
        self.silent = None;
        Some(Event::Missed)
    }

    fn interruption(&mut self, began: Duration, cleared_after: Option<Duration>, dropped: Duration) {
        self.report.interruptions.push(Interruption {
            at_ms: whole_ms(began),
            cleared_after_ms: cleared_after.map(ms),
            dropped_ms: whole_ms(dropped),
            talked_on: false,
        });
    }
}

pub(super) fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds to the microsecond.
pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// The line is heard from one moment to the other.
    fn hear(gauge: &mut Gauge, from: u64, to: u64) -> Vec<Event> {
        (from..to).step_by(20).filter_map(|ms| gauge.heard(at(ms))).collect()
    }

    #[test]
    fn an_interruption_is_measured_to_the_clear_and_the_answer_to_the_first_sound() {
        let mut gauge = Gauge::default();
        assert_eq!(hear(&mut gauge, 100, 2000), [Event::Heard { after: None }]);
        assert_eq!(gauge.begins(at(2000), None), Event::Speaks { words: None, over_the_line: true });
        hear(&mut gauge, 2000, 2140);
        let clear = Clear { cause: Cause::Voice { after: at(143) }, dropped: at(60), marks: 1, heard: at(2043) };
        assert_eq!(gauge.cleared(at(2143), at(60), 1), Event::Cleared(clear));
        // What was handed over before the clear may still be heard: it is no answer.
        assert_eq!(gauge.heard(at(2140)), None);
        gauge.ends(at(2900));
        assert_eq!(hear(&mut gauge, 3260, 4000), [Event::Heard { after: Some(at(360)) }]);
        assert_eq!(gauge.passes(at(9000)), None);
        let report = gauge.report;
        assert_eq!(
            report.interruptions,
            [Interruption { at_ms: 2000, cleared_after_ms: Some(143.0), dropped_ms: 60, talked_on: false }]
        );
        assert_eq!(report.answers, [Answered { silent_at_ms: 2900, heard_after_ms: 360.0 }]);
        assert_eq!((report.clears, report.unasked_clears, report.first_heard_ms), (1, 0, Some(100.0)));
    }

    #[test]
    fn a_line_that_talks_on_has_missed_it_and_does_not_answer() {
        let mut gauge = Gauge::default();
        hear(&mut gauge, 0, 1000);
        gauge.begins(at(1000), None);
        gauge.ends(at(1500));
        hear(&mut gauge, 1000, 3000);
        assert_eq!(gauge.passes(at(3001)), Some(Event::Missed));
        hear(&mut gauge, 3000, 4000);
        assert_eq!(gauge.report.interruptions[0].cleared_after_ms, None);
        assert!(gauge.report.answers.is_empty());
    }

    #[test]
    fn a_line_that_only_holds_its_breath_has_talked_on() {
        let mut gauge = Gauge::default();
        hear(&mut gauge, 0, 1000);
        gauge.begins(at(1000), None);
        gauge.cleared(at(1020), at(100), 1);
        hear(&mut gauge, 1600, 2000);
        gauge.ends(at(2000));
        assert!(gauge.report.interruptions[0].talked_on);
    }

    #[test]
    fn a_clear_after_a_key_is_for_the_key_and_one_after_nothing_for_nothing() {
        let mut gauge = Gauge::default();
        hear(&mut gauge, 0, 1000);
        gauge.presses(at(1000), '#');
        let cause = |event| match event {
            Event::Cleared(clear) => clear.cause,
            other => panic!("{other:?}"),
        };
        assert_eq!(cause(gauge.cleared(at(1030), at(0), 0)), Cause::Key { after: at(30) });
        assert_eq!(cause(gauge.cleared(at(2500), at(0), 0)), Cause::Nothing);
        gauge.came(at(2600));
        gauge.came(at(2701));
        assert_eq!((gauge.report.unasked_clears, gauge.report.media_after_clear), (1, 1));
    }

    #[test]
    fn who_speaks_into_silence_interrupts_nobody_and_is_answered() {
        let mut gauge = Gauge::default();
        hear(&mut gauge, 0, 100);
        assert_eq!(gauge.begins(at(1000), None), Event::Speaks { words: None, over_the_line: false });
        gauge.ends(at(1600));
        assert_eq!(hear(&mut gauge, 2000, 2200), [Event::Heard { after: Some(at(400)) }]);
        assert!(gauge.report.interruptions.is_empty());
    }
}
