//! What goes wrong with one call, decided before it begins.

use super::accident::{Accident, Place, Planned};
use super::dice::Dice;
use crate::simulator::SimulatorError;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Places that are drawn for: more than a call of the built-in line has.
const DOCUMENTS: u16 = 10;
const REPORTS: u16 = 16;
const STREAMS: u16 = 4;
/// Out of a hundred.
const BAD_DOCUMENTS: u64 = 12;
const BAD_REPORTS: u64 = 25;
const BAD_STREAMS: u64 = 50;
const SKEWED: u64 = 10;
const HANG_UPS: u64 = 15;

/// The accidents of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Planned>);

impl Schedule {
    /// Follows from seed and call number, and from nothing else.
    #[must_use]
    pub fn of(seed: u64, call: u64) -> Self {
        let mut dice = Dice::of(seed, call);
        let mut planned = Vec::new();
        if dice.percent(SKEWED) {
            let seconds = i64::try_from(dice.between(0, 2 * 86_400)).unwrap_or_default() - 86_400;
            planned.push(Planned { place: Place::Call, accident: Accident::Skew(seconds) });
        }
        if dice.percent(HANG_UPS) {
            let after = Duration::from_millis(dice.between(100, 60_000));
            planned.push(Planned { place: Place::Call, accident: Accident::HangUp(after) });
        }
        for place in (0..DOCUMENTS).map(Place::Document) {
            if dice.percent(BAD_DOCUMENTS) {
                planned.push(Planned { place, accident: on_a_document(&mut dice) });
            }
        }
        for place in (0..REPORTS).map(Place::Report) {
            if dice.percent(BAD_REPORTS) {
                planned.push(Planned { place, accident: on_a_report(&mut dice) });
            }
        }
        // Behind the others: what was drawn for a seed before there were any stays as it was.
        for place in (0..STREAMS).map(Place::Stream) {
            if dice.percent(BAD_STREAMS) {
                planned.push(Planned { place, accident: on_a_stream(&mut dice) });
            }
        }
        Self(planned)
    }

    /// All accidents.
    #[must_use]
    pub fn planned(&self) -> &[Planned] {
        &self.0
    }

    /// The same without some: for finding out which matter. `keep` is told each one's number.
    #[must_use]
    pub fn only(&self, mut keep: impl FnMut(usize) -> bool) -> Self {
        let kept = self.0.iter().enumerate().filter(|(number, _)| keep(*number));
        Self(kept.map(|(_, planned)| *planned).collect())
    }

    fn at(&self, place: Place) -> Option<Accident> {
        self.0.iter().find(|planned| planned.place == place).map(|planned| planned.accident)
    }
}

/// Cuts are one in three: each sends the caller to the fallback URL.
fn on_a_document(dice: &mut Dice) -> Accident {
    match dice.between(0, 12) {
        0..3 => Accident::Twice,
        3..6 => Accident::Again(Duration::from_millis(dice.between(0, 90_000))),
        6..8 => Accident::SlowBody,
        8 => Accident::CutSending,
        9..11 => Accident::CutWaiting(Duration::from_millis(dice.between(0, 12))),
        _ => Accident::CutAnswer,
    }
}

fn on_a_report(dice: &mut Dice) -> Accident {
    match dice.between(0, 16) {
        0..3 => Accident::Twice,
        3..5 => Accident::Again(Duration::from_millis(dice.between(0, 600_000))),
        5..9 => Accident::Late(Duration::from_millis(dice.between(200, 60_000))),
        9..11 => Accident::Contradicted,
        11 => Accident::Lost,
        12 => Accident::CutSending,
        13 => Accident::CutWaiting(Duration::from_millis(dice.between(0, 12))),
        14 => Accident::CutAnswer,
        _ => Accident::SlowBody,
    }
}

/// Early: callers of a chaotic day do not stay for long.
fn on_a_stream(dice: &mut Dice) -> Accident {
    let after = Duration::from_millis(dice.between(10, 600));
    match dice.between(0, 4) {
        0 => Accident::Reset(after),
        1 => Accident::HalfClose(after),
        2 => Accident::Stall(after),
        _ => Accident::Garbage(after),
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&words.join(","))
    }
}

impl FromStr for Schedule {
    type Err = SimulatorError;

    fn from_str(text: &str) -> Result<Self, SimulatorError> {
        let words = text.split(',').filter(|word| !word.trim().is_empty());
        words.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// A schedule that a call is going through.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Pending {
    schedule: Schedule,
    documents: u16,
    reports: u16,
    streams: u16,
}

impl Pending {
    pub(in crate::simulator) const fn new(schedule: Schedule) -> Self {
        Self { schedule, documents: 0, reports: 0, streams: 0 }
    }

    /// What happens to the next document. The fallback URL is never cut off: a carrier that loses both would leave
    /// the caller without a word whatever the house does.
    pub(in crate::simulator) fn document(&mut self, is_fallback: bool) -> Option<Accident> {
        let place = Place::Document(self.documents);
        self.documents = self.documents.saturating_add(1);
        self.schedule.at(place).filter(|accident| !(is_fallback && accident.is_cut()))
    }

    /// What happens to the next report.
    pub(in crate::simulator) fn report(&mut self) -> Option<Accident> {
        let place = Place::Report(self.reports);
        self.reports = self.reports.saturating_add(1);
        self.schedule.at(place)
    }

    /// What happens to the next stream.
    pub(in crate::simulator) fn stream(&mut self) -> Option<Accident> {
        let place = Place::Stream(self.streams);
        self.streams = self.streams.saturating_add(1);
        self.schedule.at(place)
    }

    /// How far the carrier's clock is off.
    pub(in crate::simulator) fn skew_s(&self) -> i64 {
        self.on_the_call(|accident| if let Accident::Skew(seconds) = accident { Some(seconds) } else { None })
            .unwrap_or_default()
    }

    /// When the caller hangs up, whatever their script says.
    pub(in crate::simulator) fn hang_up(&self) -> Option<Duration> {
        self.on_the_call(|accident| if let Accident::HangUp(after) = accident { Some(after) } else { None })
    }

    fn on_the_call<T>(&self, pick: impl Fn(Accident) -> Option<T>) -> Option<T> {
        let whole = self.schedule.0.iter().filter(|planned| planned.place == Place::Call);
        whole.map(|planned| planned.accident).find_map(pick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_follows_from_seed_and_call_alone_and_can_be_written_down() {
        for call in 0..200 {
            let schedule = Schedule::of(7, call);
            assert_eq!(schedule, Schedule::of(7, call));
            assert_eq!(schedule.to_string().parse::<Schedule>().unwrap(), schedule);
        }
        assert_ne!(Schedule::of(7, 1).to_string(), Schedule::of(8, 1).to_string());
        assert_eq!("".parse::<Schedule>().unwrap(), Schedule::default());
    }

    #[test]
    fn every_accident_happens() {
        let mut names = std::collections::BTreeSet::new();
        for planned in (0..300).flat_map(|call| Schedule::of(1, call).0) {
            let text = planned.to_string();
            let name = text.split([':', '=']).nth(1).unwrap_or_default();
            names.insert(name.to_owned());
        }
        assert_eq!(names.len(), 15, "{names:?}");
    }

    #[test]
    fn accidents_meet_their_places_and_the_fallback_is_not_cut() {
        let mut pending = Pending::new("d0:twice,d1:cut-answer,d2:cut-answer,r1:lost,call:skew=-5".parse().unwrap());
        assert_eq!(pending.document(false), Some(Accident::Twice));
        assert_eq!(pending.document(true), None);
        assert_eq!(pending.document(false), Some(Accident::CutAnswer));
        assert_eq!((pending.report(), pending.report()), (None, Some(Accident::Lost)));
        assert_eq!((pending.skew_s(), pending.hang_up()), (-5, None));
    }

    #[test]
    fn accidents_can_be_left_out_one_by_one() {
        let schedule: Schedule = "d0:twice,r1:lost,r2:lost".parse().unwrap();
        assert_eq!(schedule.only(|number| number != 1).to_string(), "d0:twice,r2:lost");
    }
}
