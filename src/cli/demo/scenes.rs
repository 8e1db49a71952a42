//! The calls of the demo.

use super::expect::Expect;
use crate::simulator::{Act, Callee, Script};
use std::time::Duration;

/// The built-in line's number.
pub(super) const FRONT_DESK: &str = "+15875550100";
/// A line that listens to words.
const CLINIC: &str = "+15875550120";
/// A line that is closed today.
const BAKERY: &str = "+15875550130";
/// A line whose people are called on their cell phones.
const WORKSHOP: &str = "+15875550140";
/// A line of two languages.
const TOWN_HALL: &str = "+15875550150";
/// All of them.
pub(super) const NUMBERS: [&str; 5] = [FRONT_DESK, CLINIC, BAKERY, WORKSHOP, TOWN_HALL];

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// The carrier.
    Carrier,
    /// Somebody who does not know the token.
    Stranger,
}

/// One call and what must come of it.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) title: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) script: Script,
    pub(super) signer: Signer,
    /// Every webhook is delivered a second time.
    pub(super) twice: bool,
    pub(super) expected: Vec<Expect>,
}

impl Scene {
    fn new(title: &'static str, from: &'static str, script: Script, expected: Vec<Expect>) -> Self {
        Self { title, from, to: FRONT_DESK, script, signer: Signer::Carrier, twice: false, expected }
    }
}

/// Asks for the machine, hears it for a while, speaks over it, hears the answer, and has enough.
const TALK: [Act; 5] = [
    Act::Key('3'),
    Act::Wait(Duration::from_millis(1200)),
    Act::Speak,
    Act::Wait(Duration::from_millis(600)),
    Act::Key('#'),
];

fn keys(keys: &str) -> Script {
    Script { acts: keys.chars().map(Act::Key).collect(), ..Script::default() }
}

/// All calls, in order.
pub(super) fn scenes() -> Vec<Scene> {
    [front_desk(), other_lines(), strange()].into_iter().flatten().collect()
}

/// Somebody who picks up and talks for so many seconds.
fn talks(seconds: u64) -> Vec<Callee> {
    vec![Callee::Answers { talk: Duration::from_secs(seconds) }]
}

/// What happens on any business's line.
fn front_desk() -> Vec<Scene> {
    vec![
        Scene::new(
            "A caller presses 1 and talks to sales",
            "+15875550111",
            Script { callees: talks(25), ..keys("1") },
            vec![Expect::WentThrough, Expect::Heard("Connecting you to sales"), Expect::Connected("+15875550101")],
        ),
        Scene::new(
            "Nobody in support answers, so the caller leaves a message",
            "+15875550112",
            Script { callees: vec![Callee::NoAnswer], ..keys("2") },
            vec![Expect::WentThrough, Expect::Rang("+15875550102", "no-answer"), Expect::Message],
        ),
        Scene::new(
            "Two keys that lead nowhere end in the mailbox, not in silence",
            "+15875550113",
            keys("55"),
            vec![Expect::WentThrough, Expect::Heard("Sorry, I did not get that"), Expect::Message],
        ),
        Scene::new(
            "A caller does not agree to be recorded, and is put through all the same",
            "+15875550114",
            Script { callees: talks(12), ..keys("01") },
            vec![
                Expect::WentThrough,
                Expect::Heard("will not be recorded"),
                Expect::Connected("+15875550101"),
                Expect::NothingRecorded,
            ],
        ),
        Scene::new(
            "A caller interrupts the machine, is listened to, and leaves a message (in real time)",
            "+15875550118",
            Script { acts: TALK.to_vec(), ..Script::default() },
            vec![Expect::WentThrough, Expect::GaveWay, Expect::Message],
        ),
    ]
}

/// Words, cell phones, hours and languages.
fn other_lines() -> Vec<Scene> {
    vec![
        Scene {
            to: CLINIC,
            ..Scene::new(
                "An emergency word on the second line goes straight to a person",
                "+15875550115",
                Script {
                    words: vec!["Please hurry, I think there is a gas leak".to_owned()],
                    callees: talks(40),
                    ..Script::default()
                },
                vec![Expect::WentThrough, Expect::Heard("right away"), Expect::Connected("+15875550103")],
            )
        },
        Scene {
            to: WORKSHOP,
            ..Scene::new(
                "A cell phone's mailbox picks up and does not get the call; the next phone rings, then our own mailbox",
                "+15875550119",
                Script { callees: vec![Callee::Mailbox, Callee::NoAnswer], ..keys("1") },
                vec![
                    Expect::WentThrough,
                    // For him it rings on.
                    Expect::NotHeard("Press 1 to accept"),
                    Expect::NotPutThrough("+15875550141"),
                    Expect::Rang("+15875550142", "no-answer"),
                    Expect::Message,
                ],
            )
        },
        Scene {
            to: BAKERY,
            ..Scene::new(
                "A closed line says when it opens again, and takes a message",
                "+15875550109",
                Script::default(),
                vec![Expect::WentThrough, Expect::Heard("We open again"), Expect::Message],
            )
        },
        Scene {
            to: TOWN_HALL,
            ..Scene::new(
                "A caller chooses French, and hears nothing else from there on",
                "+15875550108",
                Script { callees: talks(8), ..keys("21") },
                vec![
                    Expect::WentThrough,
                    Expect::Heard("Mairie de Banff"),
                    Expect::Heard("Un instant"),
                    Expect::NotHeard("One moment"),
                    Expect::Connected("+15875550151"),
                ],
            )
        },
    ]
}

/// What a carrier, or somebody else, does that callers do not see.
fn strange() -> Vec<Scene> {
    vec![
        Scene {
            signer: Signer::Stranger,
            ..Scene::new(
                "Somebody without the token pretends to be the carrier, and is turned away",
                "+15875550116",
                keys("1"),
                vec![Expect::Refused(403), Expect::NothingRecorded],
            )
        },
        Scene {
            twice: true,
            ..Scene::new(
                "The carrier delivers every webhook twice: one call, one message, the same answers",
                "+15875550117",
                keys("9"),
                vec![Expect::WentThrough, Expect::Message],
            )
        },
    ]
}
