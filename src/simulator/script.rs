//! What the people of a simulated call do: the caller's keys and words, and how those who are dialled answer.

use super::SimulatorError;
use super::act::{Act, REACTION};
use super::stream::{Acoustics, Clip};
use std::collections::VecDeque;
use std::time::Duration;

/// The plan of one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// Keys and pauses, in order. Each is used by the first verb that listens for keys; in a stream, one after the other.
    pub acts: Vec<Act>,
    /// What [`Act::Speak`] says into a stream, in turn; behind the last one the first comes again. Empty: the callers
    /// that are compiled in.
    pub voices: Vec<Clip>,
    /// The report keeps what is heard and said in streams: 16 kB a second.
    pub keeps_sound: bool,
    /// What the caller's line adds to what he says in streams.
    pub acoustics: Acoustics,
    /// Sentences, in order. Each is used by the first verb that listens for speech.
    pub words: Vec<String>,
    /// Said after the beep of a `<Record>`; empty: the caller stays silent.
    pub message: String,
    /// What the caller does once the message is said and no key is left to press.
    pub after_message: AfterMessage,
    /// How those who are dialled answer, one each; the last one goes on answering for all that follow.
    pub callees: Vec<Callee>,
    /// How a caller fares who waits in a queue.
    pub waiting: Waiting,
    /// The caller puts the phone down this long after the call began, whatever happens.
    pub hang_up_after: Duration,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            acts: Vec::new(),
            voices: Vec::new(),
            keeps_sound: false,
            acoustics: Acoustics::default(),
            words: Vec::new(),
            message: "Hello, this is Ana. Please call me back about my appointment.".to_owned(),
            after_message: AfterMessage::HangUp,
            callees: Vec::new(),
            waiting: Waiting::TAKEN,
            hang_up_after: Duration::from_secs(600),
        }
    }
}

impl Script {
    pub(super) fn voices(&self) -> Vec<Clip> {
        if self.voices.is_empty() { Clip::built_in() } else { self.voices.clone() }
    }
}

/// After the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterMessage {
    /// Puts the phone down.
    HangUp,
    /// Stays and says nothing.
    Stay,
}

/// How somebody who is dialled answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// Picks up, accepts by key when asked to, talks, and hangs up.
    Answers {
        /// How long they talk.
        talk: Duration,
    },
    /// A mailbox picks up: it talks to anybody and presses nothing.
    Mailbox,
    /// Picks up, and does not take the call when asked to: presses another key. Not asked, hangs up after a word.
    Declines,
    /// Is on the phone.
    Busy,
    /// Lets it ring.
    NoAnswer,
    /// Cannot be reached.
    Failed,
    /// The dialling is taken back while it rings; the caller is still there.
    Canceled,
    /// The caller gives up while it rings.
    Abandoned,
}

impl Callee {
    /// Picks up and talks for twenty seconds.
    pub const ANSWERS: Self = Self::Answers { talk: Duration::from_secs(20) };

    /// Whether somebody, or something, picks up.
    #[must_use]
    pub const fn picks_up(self) -> bool {
        matches!(self, Self::Answers { .. } | Self::Mailbox | Self::Declines)
    }

    /// Reads `answered`, `answered:45` (seconds of talk), `mailbox`, `declined`, `busy`, `no-answer`, `failed`, `canceled`, `abandoned`.
    ///
    /// # Errors
    /// [`SimulatorError::Callee`].
    pub fn parse(word: &str) -> Result<Self, SimulatorError> {
        if let Some(seconds) = word.strip_prefix("answered:").and_then(|text| text.parse().ok()) {
            return Ok(Self::Answers { talk: Duration::from_secs(seconds) });
        }
        match word {
            "answered" => Ok(Self::ANSWERS),
            "mailbox" => Ok(Self::Mailbox),
            "declined" => Ok(Self::Declines),
            "busy" => Ok(Self::Busy),
            "no-answer" => Ok(Self::NoAnswer),
            "failed" => Ok(Self::Failed),
            "canceled" => Ok(Self::Canceled),
            "abandoned" => Ok(Self::Abandoned),
            _ => Err(SimulatorError::Callee(word.to_owned())),
        }
    }
}

/// How a caller fares who waits in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Somebody takes the call.
    Taken {
        /// After so long.
        after: Duration,
        /// How long they talk.
        talk: Duration,
    },
    /// Nobody ever does.
    Nobody,
    /// There is no room.
    Full,
    /// The carrier fails.
    Failed,
}

impl Waiting {
    /// After half a minute, for twenty seconds.
    pub const TAKEN: Self = Self::Taken { after: Duration::from_secs(30), talk: Duration::from_secs(20) };

    /// Reads `taken`, `taken:45` (seconds of waiting), `nobody`, `full`, `failed`.
    ///
    /// # Errors
    /// [`SimulatorError::Waiting`].
    pub fn parse(word: &str) -> Result<Self, SimulatorError> {
        let Self::Taken { talk, .. } = Self::TAKEN else { return Ok(Self::TAKEN) };
        if let Some(seconds) = word.strip_prefix("taken:").and_then(|text| text.parse().ok()) {
            return Ok(Self::Taken { after: Duration::from_secs(seconds), talk });
        }
        match word {
            "taken" => Ok(Self::TAKEN),
            "nobody" => Ok(Self::Nobody),
            "full" => Ok(Self::Full),
            "failed" => Ok(Self::Failed),
            _ => Err(SimulatorError::Waiting(word.to_owned())),
        }
    }
}

/// Reads keys as `--press` takes them: `1,w5,2`. An item is keys pressed one after the other, `wN` (N seconds), `s` (speak)
/// or `h` (hang up).
///
/// # Errors
/// [`SimulatorError::Key`].
pub fn parse_acts(text: &str) -> Result<Vec<Act>, SimulatorError> {
    let mut acts = Vec::new();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        if let Some(seconds) = item.strip_prefix('w') {
            let seconds = seconds.parse::<f64>().ok().filter(|s| (0.0..=3600.0).contains(s));
            let seconds = seconds.ok_or_else(|| SimulatorError::Key(item.to_owned()))?;
            acts.push(Act::Wait(Duration::from_secs_f64(seconds)));
        } else if item == "s" {
            acts.push(Act::Speak);
        } else if item == "h" {
            acts.push(Act::HangUp);
        } else if item.chars().all(is_key) {
            acts.extend(item.chars().map(Act::Key));
        } else {
            return Err(SimulatorError::Key(item.to_owned()));
        }
    }
    Ok(acts)
}

/// Whether a telephone has this key.
#[must_use]
pub const fn is_key(c: char) -> bool {
    matches!(c, '0'..='9' | '*' | '#')
}

/// A person on the phone, in the middle of a script.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    acts: VecDeque<Act>,
    words: VecDeque<String>,
}

impl Person {
    pub(super) fn new(acts: &[Act], words: &[String]) -> Self {
        Self { acts: acts.iter().copied().collect(), words: words.iter().cloned().collect() }
    }

    /// The next key, if it goes down within `limit`, and after how long. If not, that much of a pause is over.
    pub(super) fn key_within(&mut self, limit: Duration) -> Option<(Duration, char)> {
        let mut after = REACTION;
        while let Some(act) = self.acts.front_mut() {
            match act {
                Act::Wait(pause) if after + *pause > limit => {
                    *pause = pause.saturating_sub(limit.saturating_sub(after));
                    return None;
                }
                Act::Wait(pause) => after += *pause,
                Act::Key(_) if after > limit => return None,
                Act::Speak | Act::HangUp => return None,
                Act::Key(key) => {
                    let key = *key;
                    self.acts.pop_front();
                    return Some((after, key));
                }
            }
            self.acts.pop_front();
        }
        None
    }

    /// When the phone is put down, if that is what comes next and within `limit`.
    pub(super) fn hangs_up_within(&self, limit: Duration) -> Option<Duration> {
        let mut after = REACTION;
        for act in &self.acts {
            match act {
                Act::Wait(pause) => after += *pause,
                Act::HangUp => return Some(after).filter(|after| *after <= limit),
                Act::Key(_) | Act::Speak => return None,
            }
        }
        None
    }

    /// A stream takes over what is left of the acts, and gives back what it has not used.
    pub(super) const fn acts(&mut self) -> &mut VecDeque<Act> {
        &mut self.acts
    }

    /// Whether words are left.
    pub(super) fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// The next sentence, spoken after a moment's thought.
    pub(super) fn sentence(&mut self) -> Option<(Duration, String)> {
        self.words.pop_front().map(|words| (REACTION, words))
    }
}

/// How long it takes to say `words`: about fifteen characters a second, as the usual voices do.
pub(super) fn speaking_time(words: &str) -> Duration {
    let characters = u64::try_from(words.trim().chars().count()).unwrap_or(u64::MAX);
    Duration::from_millis((characters.min(100_000) * 1000 / 15).max(500))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn keys_and_pauses_are_read_as_they_are_written() {
        let acts = parse_acts("12,w5,#,s,h").unwrap();
        let keys = [Act::Key('1'), Act::Key('2'), Act::Wait(seconds(5)), Act::Key('#'), Act::Speak, Act::HangUp];
        assert_eq!(acts, keys);
        assert_eq!(parse_acts("").unwrap(), []);
        for bad in ["1,x", "w", "wx", "A", "w-1", "w99999"] {
            assert!(parse_acts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pause_longer_than_a_verb_listens_goes_on_at_the_next_one() {
        let mut person = Person::new(&parse_acts("1,w6,2").unwrap(), &[]);
        assert_eq!(person.key_within(seconds(5)).map(|(_, key)| key), Some('1'));
        assert_eq!(person.key_within(seconds(5)), None);
        let (after, key) = person.key_within(seconds(5)).unwrap();
        assert_eq!((key, after < seconds(3)), ('2', true));
        assert_eq!(person.key_within(seconds(5)), None);
    }

    #[test]
    fn who_is_to_hang_up_does_so_after_the_pauses_before_it() {
        let mut person = Person::new(&parse_acts("1,w2,h").unwrap(), &[]);
        assert_eq!(person.hangs_up_within(seconds(5)), None, "a key comes first");
        assert!(person.key_within(seconds(5)).is_some());
        assert_eq!(person.hangs_up_within(seconds(1)), None);
        assert_eq!(person.hangs_up_within(seconds(5)), Some(Duration::from_millis(2400)));
    }

    #[test]
    fn nobody_is_faster_than_a_person() {
        let mut person = Person::new(&[Act::Key('1')], &[]);
        assert_eq!(person.key_within(Duration::from_millis(100)), None);
        assert!(person.key_within(seconds(1)).is_some());
    }

    #[test]
    fn outcomes_have_twilios_words_and_three_of_our_own() {
        assert_eq!(Callee::parse("answered:45").unwrap(), Callee::Answers { talk: seconds(45) });
        assert_eq!(Callee::parse("no-answer").unwrap(), Callee::NoAnswer);
        assert!(Callee::parse("answered:x").is_err());
        assert!(Callee::parse("cancelled").is_err());
    }
}
