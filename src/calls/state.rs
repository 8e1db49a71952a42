//! Where a call stands, as it travels in the URLs we hand out.
//!
//! The carrier signs the URL it calls, so what comes back is what we wrote: it is trusted, and nothing has to be
//! looked up to go on with a call. Names that are no longer in the configuration are dealt with where they are used.
//!
//! | key | field | written when |
//! |---|---|---|
//! | `v` | version of this table | always |
//! | `n` | step: grows by one with each document of a call, so that equal content is the same fact | always |
//! | `l` | name of the line | it has one |
//! | `m` | name of the menu, or of the target that an agent chose | not the entry menu |
//! | `r` | how often the menu was played, the conversation begun or the phones rung again, or the person called asked for a key | not 0 |
//! | `k` | what led to a dial or a page: a key, `o`therwise, `e`mergency; of a conversation `a` named target, its `f`ailure, its `g`ood end; the `c`losed line; a `v`ip; `s` is the star, `h` the hash | a dial or a page is on |
//! | `t` | place of the dialled target (of the first, when several ring at once) | not 0 |
//! | `c` | consent to recording: `p`ending, `g`iven, `r`efused | a notice was played |
//! | `w` | why the caller is sent to the mailbox | not by choice |
//! | `id` | the voicemail this recording belongs to | a message is taken |
//! | `tr` | the transfer that this step belongs to | an operator sent the caller elsewhere |
//! | `q` | the caller was asked whether it is an emergency | he was |
//! | `d` | opening and closing the line by telephone: the `p`IN, the `c`hoice, how `l`ong it shall be open | that is on |
//! | `o` | whoever is called hears that the conversation is recorded | it is, and the line says so |
//! | `p` | the caller was asked for the PIN of paging | he was |
//! | `x` | the number that this transfer rings | it rings one |
//! | `y` | who picks up is asked to take the call by a key (`1`); of a queue: what a caller hears who `w`aits, has pressed a `k`ey, is taken `o`ut | he is, also in the reports about his leg; a URL is about a queue |
//! | `u` | who calls, by name or number | the carrier gave a name, or somebody is told |
//! | `g` | the language that the caller chose; `-`: he was asked for it | not the line's own |

use crate::gate::Route;
use crate::twilio::form::Form;
use std::fmt::Write as _;

/// The version that is written.
const VERSION: &str = "1";

/// What a URL of ours says about its call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State<'a> {
    /// Step of the call; 0 is the first webhook.
    pub(super) step: u32,
    /// Name of the line.
    pub(super) line: &'a str,
    /// Name of the menu; empty for the line's entry menu.
    pub(super) menu: &'a str,
    /// How often this menu was played again after a wrong key or silence.
    pub(super) tries: u32,
    /// What led to the dial or the page that is on.
    pub(super) choice: Option<Choice>,
    /// Place of the target that is dialled.
    pub(super) target: u32,
    /// Where consent to recording stands.
    pub(super) consent: Standing,
    /// Why the caller is sent to the mailbox.
    pub(super) why: Why,
    /// Id of the voicemail, `vm_…`.
    pub(super) message: &'a str,
    /// Id of the transfer, `tr_…`.
    pub(super) transfer: &'a str,
    /// The number that an operator sent the caller to.
    pub(super) to: &'a str,
    /// The caller was asked whether it is an emergency, and this is his answer.
    pub(super) asked: bool,
    /// The caller was asked for the PIN, and this is it.
    pub(super) pin: bool,
    /// Where opening and closing the line stands.
    pub(super) desk: Option<Desk>,
    /// Whoever is called hears that the conversation is recorded.
    pub(super) told: bool,
    /// The person called is asked to take the call by a key.
    pub(super) screen: bool,
    /// Name or number of the caller, for people who are called; of somebody who takes calls from a queue, for its events.
    pub(super) caller: &'a str,
    /// In which language the line speaks.
    pub(super) tongue: Tongue<'a>,
    /// Of a caller in a queue: what he hears.
    pub(super) spot: Option<Spot>,
}

/// What a caller hears in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// He waits.
    Waits,
    /// He has pressed a key meanwhile.
    Pressed,
    /// Somebody takes his call.
    Taken,
}

/// What made the call take its way: names an action of the line together with the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// A key of the menu.
    Key(char),
    /// The menu's `otherwise`.
    Otherwise,
    /// An emergency word.
    Emergency,
    /// An agent: the target's name stands where the menu's would.
    Target,
    /// The conversation with an agent was not to be had.
    Failed,
    /// The conversation with an agent is over.
    Ended,
    /// The line is closed.
    Closed,
    /// The caller is led past the menu.
    Vip,
}

/// What a caller is asked who opens and closes the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Desk {
    /// The PIN.
    Pin,
    /// What shall stand.
    Choice,
    /// How long it shall be open.
    Length,
}

impl Desk {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pin => "p",
            Self::Choice => "c",
            Self::Length => "l",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Pin, Self::Choice, Self::Length].into_iter().find(|desk| desk.as_str() == word)
    }
}

/// Where in the line's configuration an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin<'a> {
    /// Name of the menu; empty for the entry menu.
    pub(super) menu: &'a str,
    /// What led to it.
    pub(super) by: Choice,
}

/// In which language the line speaks with its caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tongue<'a> {
    /// Its own.
    #[default]
    Own,
    /// The caller was asked, and this is his answer.
    Asked,
    /// The one of this tag.
    Chosen(&'a str),
}

/// Where consent to recording the conversation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// No notice was given.
    #[default]
    None,
    /// The notice is in the document that carries this URL; the next signed webhook proves that it was played.
    Pending,
    /// Its row is stored.
    Given,
    /// The caller refused: never recorded.
    Refused,
}

/// Why a caller is sent to the mailbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Why {
    /// By choice, or by the line's rules: needs no explanation.
    #[default]
    Chosen,
    /// Nobody took the call.
    Nobody,
    /// The live conversation ended or never began.
    Talk,
    /// Something of ours failed.
    Fault,
}

impl<'a> State<'a> {
    /// Reads the query of a URL. `None`: it carries no state, or none that this build understands; the call then
    /// starts at the menu again.
    #[must_use]
    pub(super) fn read(query: &'a Form<'a>) -> Option<Self> {
        match query.get("v")? {
            VERSION => Self::read_1(query),
            // A release that raises VERSION keeps the arm of the one before it: calls live through an upgrade.
            _ => None,
        }
    }

    fn read_1(query: &'a Form<'a>) -> Option<Self> {
        Some(Self {
            step: query.get("n")?.parse().ok()?,
            line: query.get("l").unwrap_or_default(),
            menu: query.get("m").unwrap_or_default(),
            tries: number(query, "r")?,
            choice: match query.get("k") {
                None => None,
                Some(word) => Some(Choice::parse(word)?),
            },
            target: number(query, "t")?,
            consent: Standing::parse(query.get("c").unwrap_or_default())?,
            why: Why::parse(query.get("w").unwrap_or_default())?,
            message: query.get("id").unwrap_or_default(),
            transfer: query.get("tr").unwrap_or_default(),
            to: query.get("x").unwrap_or_default(),
            asked: query.get("q").is_some(),
            pin: query.get("p").is_some(),
            desk: match query.get("d") {
                None => None,
                Some(word) => Some(Desk::parse(word)?),
            },
            told: query.get("o").is_some(),
            screen: query.get("y") == Some("1"),
            spot: query.get("y").and_then(Spot::parse),
            caller: query.get("u").unwrap_or_default(),
            tongue: Tongue::parse(query.get("g").unwrap_or_default()),
        })
    }

    /// The absolute URL of `route` that carries this state.
    #[must_use]
    pub(super) fn url(&self, public_url: &str, route: Route) -> String {
        let mut url = String::with_capacity(public_url.len() + 80);
        url.push_str(public_url);
        url.push_str("/twilio/");
        url.push_str(route.name());
        // Writing to a String cannot fail.
        let _ = write!(url, "?v={VERSION}&n={}", self.step);
        for (key, value) in [("l", self.line), ("m", self.menu), ("c", self.consent.as_str())] {
            text(&mut url, key, value);
        }
        for (key, value) in [("r", self.tries), ("t", self.target)] {
            if value != 0 {
                let _ = write!(url, "&{key}={value}");
            }
        }
        if let Some(choice) = self.choice {
            let _ = write!(url, "&k={}", choice.letter());
        }
        text(&mut url, "w", self.why.as_str());
        for (key, value) in [("id", self.message), ("tr", self.transfer), ("x", self.to)] {
            text(&mut url, key, value);
        }
        text(&mut url, "q", if self.asked { "1" } else { "" });
        text(&mut url, "p", if self.pin { "1" } else { "" });
        text(&mut url, "d", self.desk.map_or("", Desk::as_str));
        text(&mut url, "o", if self.told { "1" } else { "" });
        text(&mut url, "y", self.spot.map_or(if self.screen { "1" } else { "" }, Spot::as_str));
        text(&mut url, "u", self.caller);
        text(&mut url, "g", self.tongue.as_str());
        url
    }
}

/// An absent number is 0, an odd one makes the state unreadable.
fn number(query: &Form<'_>, key: &str) -> Option<u32> {
    query.get(key).map_or(Some(0), |text| text.parse().ok())
}

/// Appends a filled text; names are plain, so encoding them copies nothing.
fn text(url: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        url.push('&');
        url.push_str(key);
        url.push('=');
        url.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
}

impl Choice {
    /// Letters that need no encoding: `*` and `#` are not among them.
    const fn letter(self) -> char {
        match self {
            Self::Key('*') => 's',
            Self::Key('#') => 'h',
            Self::Key(key) => key,
            Self::Otherwise => 'o',
            Self::Emergency => 'e',
            Self::Target => 'a',
            Self::Failed => 'f',
            Self::Ended => 'g',
            Self::Closed => 'c',
            Self::Vip => 'v',
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let mut letters = word.chars();
        match (letters.next()?, letters.next()) {
            ('s', None) => Some(Self::Key('*')),
            ('h', None) => Some(Self::Key('#')),
            ('o', None) => Some(Self::Otherwise),
            ('e', None) => Some(Self::Emergency),
            ('a', None) => Some(Self::Target),
            ('f', None) => Some(Self::Failed),
            ('g', None) => Some(Self::Ended),
            ('c', None) => Some(Self::Closed),
            ('v', None) => Some(Self::Vip),
            (key @ '0'..='9', None) => Some(Self::Key(key)),
            _ => None,
        }
    }
}

impl<'a> Tongue<'a> {
    /// Signs that need no encoding, and no tag begins like this.
    const ASKED: &'static str = "-";

    const fn as_str(self) -> &'a str {
        match self {
            Self::Own => "",
            Self::Asked => Self::ASKED,
            Self::Chosen(tag) => tag,
        }
    }

    fn parse(word: &'a str) -> Self {
        match word {
            "" => Self::Own,
            Self::ASKED => Self::Asked,
            tag => Self::Chosen(tag),
        }
    }

    /// For the steps that follow: a question is put once.
    pub(super) fn settled(self) -> Self {
        if self == Self::Asked { Self::Own } else { self }
    }
}

impl Spot {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waits => "w",
            Self::Pressed => "k",
            Self::Taken => "o",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Waits, Self::Pressed, Self::Taken].into_iter().find(|spot| spot.as_str() == word)
    }
}

impl Standing {
    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Pending => "p",
            Self::Given => "g",
            Self::Refused => "r",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::None, Self::Pending, Self::Given, Self::Refused].into_iter().find(|mark| mark.as_str() == word)
    }
}

impl Why {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Chosen => "",
            Self::Nobody => "nobody",
            Self::Talk => "talk",
            Self::Fault => "fault",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Chosen, Self::Nobody, Self::Talk, Self::Fault].into_iter().find(|why| why.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(url: &str) -> &str {
        url.split_once('?').map_or("", |(_, query)| query)
    }

    proptest! {
        #[test]
        fn a_url_says_what_was_written(
            (step, line, menu, tries) in (any::<u32>(), "[a-z0-9-]{0,40}", ".{0,20}", any::<u32>()),
            choice in prop_oneof![
                Just(None),
                proptest::sample::select("0123456789*#".chars().collect::<Vec<_>>()).prop_map(|k| Some(Choice::Key(k))),
                Just(Some(Choice::Otherwise)),
                Just(Some(Choice::Emergency)),
            ],
            target in any::<u32>(),
            desk in proptest::sample::select(vec![None, Some(Desk::Pin), Some(Desk::Choice), Some(Desk::Length)]),
            consent in proptest::sample::select(vec![Standing::None, Standing::Pending, Standing::Given, Standing::Refused]),
            why in proptest::sample::select(vec![Why::Chosen, Why::Nobody, Why::Talk, Why::Fault]),
            message in "(vm_[0-9A-Z]{26})?",
            (transfer, to, asked, pin, told) in ("(tr_[0-9A-Z]{26})?", "([+][1-9][0-9]{9,14})?", any::<bool>(), any::<bool>(), any::<bool>()),
            (screen, caller) in (any::<bool>(), ".{0,20}"),
            tongue in proptest::sample::select(vec![Tongue::Own, Tongue::Asked, Tongue::Chosen("fr-CA")]),
            spot in proptest::sample::select(vec![None, Some(Spot::Waits), Some(Spot::Pressed), Some(Spot::Taken)]),
        ) {
            let screen = screen && spot.is_none();
            let state =
                State { step, line: &line, menu: &menu, tries, choice, target, consent, why, message: &message, transfer: &transfer, to: &to, asked, pin, told, desk, screen, caller: &caller, tongue, spot };
            let url = state.url("https://phone.example.com", Route::Dtmf);
            prop_assert!(url.starts_with("https://phone.example.com/twilio/dtmf?v=1&n="));
            prop_assert!(!url.contains(['#', ' ', '"', '<']));
            let form = Form::parse(query(&url).as_bytes());
            prop_assert_eq!(State::read(&form), Some(state));
        }

        #[test]
        fn an_odd_query_is_no_error(odd in "[vnlmrktcwid0-9=&%a-z]{0,60}") {
            let form = Form::parse(odd.as_bytes());
            let _ = State::read(&form);
        }
    }

    #[test]
    fn an_unknown_version_and_an_odd_value_are_unreadable() {
        for odd in ["", "v=2&n=1", "n=1", "v=1", "v=1&n=x", "v=1&n=1&k=zz", "v=1&n=1&c=maybe", "v=1&n=1&r=-1"] {
            let form = Form::parse(odd.as_bytes());
            assert_eq!(State::read(&form), None, "{odd}");
        }
    }
}
