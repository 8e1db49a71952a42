//! What can go wrong, as types and as text: `d2:cut-answer`, `r3:late=40000`, `call:hang-up=12500`.

use crate::simulator::SimulatorError;
use crate::simulator::http::Mishap;
use crate::simulator::stream::{Cut, How};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What an accident happens to. Counting begins at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The call as a whole.
    Call,
    /// The so-manieth document that is asked for.
    Document(u16),
    /// The so-manieth status-type callback.
    Report(u16),
    /// The so-manieth stream both ways.
    Stream(u16),
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Accident {
    /// Delivered twice at the same moment, to two instances where there are several.
    Twice,
    /// Delivered again, the same bytes, so much later.
    Again(Duration),
    /// The connection breaks in the middle of the request.
    CutSending,
    /// The connection breaks so long after the request was sent.
    CutWaiting(Duration),
    /// The connection breaks in the middle of the answer.
    CutAnswer,
    /// The request's body comes in small pieces.
    SlowBody,
    /// A report comes so much later than it should, so that others overtake it.
    Late(Duration),
    /// A report is never sent.
    Lost,
    /// A final report is followed by another that says something else.
    Contradicted,
    /// The carrier's clock is so many seconds ahead, or behind.
    Skew(i64),
    /// The caller hangs up so long after the call began.
    HangUp(Duration),
    /// The stream's connection is reset so long after it began.
    Reset(Duration),
    /// Our side of it ends then, without a word.
    HalfClose(Duration),
    /// It is not read for a while then.
    Stall(Duration),
    /// Something that is no frame is sent then.
    Garbage(Duration),
}

/// An accident and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Planned {
    /// Where.
    pub place: Place,
    /// What.
    pub accident: Accident,
}

impl Accident {
    /// What happens on the wire, if it happens there.
    pub(in crate::simulator) const fn mishap(self) -> Option<Mishap> {
        match self {
            Self::CutSending => Some(Mishap::CutSending),
            Self::CutWaiting(after) => Some(Mishap::CutWaiting(after)),
            Self::CutAnswer => Some(Mishap::CutAnswer),
            Self::SlowBody => Some(Mishap::SlowBody),
            _ => None,
        }
    }

    /// What happens in the middle of a stream, if it happens there.
    pub(in crate::simulator) const fn cut(self) -> Option<Cut> {
        let (how, after) = match self {
            Self::Reset(after) => (How::Reset, after),
            Self::HalfClose(after) => (How::HalfClose, after),
            Self::Stall(after) => (How::Stall, after),
            Self::Garbage(after) => (How::Garbage, after),
            _ => return None,
        };
        Some(Cut { how, after })
    }

    /// Whether the carrier gets no answer because of it.
    pub(in crate::simulator) const fn is_cut(self) -> bool {
        matches!(self, Self::CutSending | Self::CutWaiting(_) | Self::CutAnswer)
    }

    /// Whether it can happen there.
    const fn fits(self, place: Place) -> bool {
        match self {
            Self::Skew(_) | Self::HangUp(_) => matches!(place, Place::Call),
            Self::Late(_) | Self::Lost | Self::Contradicted => matches!(place, Place::Report(_)),
            _ if self.cut().is_some() => matches!(place, Place::Stream(_)),
            _ => matches!(place, Place::Document(_) | Place::Report(_)),
        }
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Call => f.write_str("call:")?,
            Place::Document(number) => write!(f, "d{number}:")?,
            Place::Report(number) => write!(f, "r{number}:")?,
            Place::Stream(number) => write!(f, "s{number}:")?,
        }
        match self.accident {
            Accident::Twice => f.write_str("twice"),
            Accident::Again(after) => write!(f, "again={}", after.as_millis()),
            Accident::CutSending => f.write_str("cut-sending"),
            Accident::CutWaiting(after) => write!(f, "cut-waiting={}", after.as_millis()),
            Accident::CutAnswer => f.write_str("cut-answer"),
            Accident::SlowBody => f.write_str("slow-body"),
            Accident::Late(by) => write!(f, "late={}", by.as_millis()),
            Accident::Lost => f.write_str("lost"),
            Accident::Contradicted => f.write_str("contradicted"),
            Accident::Skew(seconds) => write!(f, "skew={seconds}"),
            Accident::HangUp(after) => write!(f, "hang-up={}", after.as_millis()),
            Accident::Reset(after) => write!(f, "reset={}", after.as_millis()),
            Accident::HalfClose(after) => write!(f, "half-close={}", after.as_millis()),
            Accident::Stall(after) => write!(f, "stall={}", after.as_millis()),
            Accident::Garbage(after) => write!(f, "garbage={}", after.as_millis()),
        }
    }
}

impl FromStr for Planned {
    type Err = SimulatorError;

    fn from_str(text: &str) -> Result<Self, SimulatorError> {
        read(text).ok_or_else(|| SimulatorError::Accident(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Planned> {
    let (place, what) = text.trim().split_once(':')?;
    let place = match place.split_at_checked(1)? {
        ("d", number) => Place::Document(number.parse().ok()?),
        ("r", number) => Place::Report(number.parse().ok()?),
        ("s", number) => Place::Stream(number.parse().ok()?),
        _ if place == "call" => Place::Call,
        _ => return None,
    };
    let (name, value) = what.split_once('=').map_or((what, None), |(name, value)| (name, Some(value)));
    let time = || value?.parse().ok().map(Duration::from_millis);
    let accident = match name {
        "twice" => Accident::Twice,
        "again" => Accident::Again(time()?),
        "cut-sending" => Accident::CutSending,
        "cut-waiting" => Accident::CutWaiting(time()?),
        "cut-answer" => Accident::CutAnswer,
        "slow-body" => Accident::SlowBody,
        "late" => Accident::Late(time()?),
        "lost" => Accident::Lost,
        "contradicted" => Accident::Contradicted,
        "skew" => Accident::Skew(value?.parse().ok()?),
        "hang-up" => Accident::HangUp(time()?),
        "reset" => Accident::Reset(time()?),
        "half-close" => Accident::HalfClose(time()?),
        "stall" => Accident::Stall(time()?),
        "garbage" => Accident::Garbage(time()?),
        _ => return None,
    };
    accident.fits(place).then_some(Planned { place, accident })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_can_be_read_again() {
        let all = [
            "d0:twice",
            "d12:again=1500",
            "r3:cut-sending",
            "d1:cut-waiting=2",
            "r0:cut-answer",
            "d2:slow-body",
            "r4:late=40000",
            "r1:lost",
            "r2:contradicted",
            "call:skew=-7200",
            "call:hang-up=12500",
            "s0:reset=120",
            "s1:half-close=80",
            "s2:stall=9",
            "s3:garbage=300",
        ];
        for text in all {
            assert_eq!(text.parse::<Planned>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "d:twice",
            "x1:twice",
            "d1:lost",
            "call:twice",
            "r1:skew=1",
            "d1:again",
            "d1:nap",
            "dé:lost",
            "s0:twice",
        ] {
            assert!(bad.parse::<Planned>().is_err(), "{bad}");
        }
    }
}
