//! What must be true of a call, as the carrier saw it.

use crate::simulator::{Dialled, Report, StreamReport};

/// A machine that talks on for longer has not been interrupted.
const AT_ONCE_MS: f64 = 500.0;

/// One expectation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expect {
    /// No webhook failed.
    WentThrough,
    /// The line said something with these words in it.
    Heard(&'static str),
    /// The line said nothing with these words in it.
    NotHeard(&'static str),
    /// The caller talked to this number.
    Connected(&'static str),
    /// This number was rung, and it ended so.
    Rang(&'static str, &'static str),
    /// Somebody or something picked up this number, and did not get the call.
    NotPutThrough(&'static str),
    /// A message was recorded.
    Message,
    /// Nothing was recorded.
    NothingRecorded,
    /// The caller spoke over the machine: it stopped within half a second, sent nothing more of what it was saying, and
    /// answered once the caller was silent.
    GaveWay,
    /// Every webhook was answered with this status, and none with a document.
    Refused(u16),
}

impl Expect {
    /// Why it is not so; `None` when it is.
    pub(super) fn broken_by(self, report: &Report) -> Option<String> {
        let sound = match self {
            Self::WentThrough => report.went_through,
            Self::Heard(words) => report.heard().any(|said| said.contains(words)),
            Self::NotHeard(words) => !report.heard().any(|said| said.contains(words)),
            Self::Connected(number) => report.dialled.iter().any(|leg| leg.to == number && leg.bridged),
            Self::Rang(number, status) => report.dialled.iter().any(|leg| leg.to == number && leg.status == status),
            Self::NotPutThrough(number) => {
                let picked_up = |leg: &Dialled| leg.to == number && leg.status == "completed" && !leg.bridged;
                report.dialled.iter().any(picked_up)
            }
            Self::Message => report.recordings.iter().any(|recording| !recording.absent),
            Self::NothingRecorded => report.recordings.is_empty(),
            Self::GaveWay => report.streams.iter().any(gave_way),
            Self::Refused(status) => {
                let mut requests = report.steps.iter().filter_map(|step| step.request.as_ref()).peekable();
                requests.peek().is_some() && requests.all(|request| request.status == Some(status))
            }
        };
        (!sound).then(|| self.words())
    }

    fn words(self) -> String {
        match self {
            Self::WentThrough => "every webhook should have been answered well".to_owned(),
            Self::Heard(words) => format!("the caller should have heard \u{201c}{words}\u{201d}"),
            Self::NotHeard(words) => format!("the caller should not have heard \u{201c}{words}\u{201d}"),
            Self::Connected(number) => format!("the caller should have talked to {number}"),
            Self::Rang(number, status) => format!("{number} should have been rung, and been {status}"),
            Self::NotPutThrough(number) => format!("whoever picked up {number} should not have got the call"),
            Self::Message => "a message should have been recorded".to_owned(),
            Self::NothingRecorded => "nothing should have been recorded".to_owned(),
            Self::GaveWay => "the machine should have stopped for the caller's voice, and answered it".to_owned(),
            Self::Refused(status) => format!("every webhook should have been answered with {status}"),
        }
    }
}

fn gave_way(stream: &StreamReport) -> bool {
    let at_once = |after: Option<f64>| after.is_some_and(|ms| ms <= AT_ONCE_MS);
    !stream.interruptions.is_empty()
        && stream.interruptions.iter().all(|each| at_once(each.cleared_after_ms) && !each.talked_on)
        && stream.media_after_clear == 0
        && stream.unasked_clears == 0
        && !stream.answers.is_empty()
}
