//! A caller in tests: sends webhooks straight to `decide` and follows the URLs of the answers.

use std::fmt::Write as _;
use switchboard::base::Time;
use switchboard::calls::decide;
use switchboard::config::line::Line;
use switchboard::config::{FixedSource, builtin_lines, load};
use switchboard::gate::{Route, Storage, Webhook};
use switchboard::ledger::Unit;
use switchboard::twilio::form::Form;
use switchboard::twiml::{Connect, Dial, Gather, Record, Redirect, Response, Verb, parse};
use switchboard::world::World;

pub(crate) const SID: &str = "CA00112233445566778899aabbccddeeff";
pub(crate) const PUBLIC: &str = "https://phone.example.com";
const CALLER: &str = "+15875550111";
const CALLED: &str = "+15875550100";

/// The built-in line.
pub(crate) fn builtin() -> World {
    world(builtin_lines(&FixedSource::default()).expect("good"))
}

/// The lines of a `switchboard.toml`; the first one answers [`CALLED`].
pub(crate) fn world_of(toml: &str) -> World {
    match load(&FixedSource::default(), Some(("switchboard.toml", toml))) {
        Ok(loaded) => world(loaded.lines),
        Err(mistakes) => panic!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn world(lines: Vec<Line>) -> World {
    let mut world = World::new(PUBLIC, lines);
    world.stream_key = b"key".to_vec();
    world
}

/// A webhook as it is written down in a test.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) route: Route,
    pub(crate) query: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) storage: Storage,
    pub(crate) at: Time,
}

impl Hook {
    /// What the carrier sends with every webhook of the test's call.
    pub(crate) fn new(route: Route) -> Self {
        let fields = [("CallSid", SID), ("From", CALLER), ("To", CALLED), ("Direction", "inbound")];
        let at = Time::UNIX_EPOCH;
        let hook = Self { route, query: String::new(), fields: Vec::new(), storage: Storage::Durable, at };
        hook.with(&fields).with(&[("CallStatus", "in-progress")])
    }

    /// To a URL of ours.
    pub(crate) fn to(url: &str) -> Self {
        let rest = url.strip_prefix(PUBLIC).and_then(|rest| rest.strip_prefix("/twilio/")).expect("one of our URLs");
        let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
        let route = Route::ALL.into_iter().find(|route| route.name() == name).expect("one of our routes");
        Self { query: query.to_owned(), ..Self::new(route) }
    }

    pub(crate) fn with(mut self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            self.fields.retain(|(known, _)| known != name);
            self.fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// At another time than the beginning of 1970.
    pub(crate) fn at(mut self, time: &str) -> Self {
        self.at = time.parse().expect("a time");
        self
    }

    pub(crate) fn lost(mut self) -> Self {
        self.storage = Storage::Lost;
        self
    }

    /// The fields as the carrier would send them.
    pub(crate) fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }

    pub(crate) fn decided(&self, world: &World) -> Unit {
        self.given(|webhook| decide(world, webhook))
    }

    /// Hands the webhook to whatever answers it.
    pub(crate) fn given(&self, answer: impl FnOnce(&Webhook<'_>) -> Unit) -> Unit {
        let body = self.body();
        let (state, fields) = (Form::parse(self.query.as_bytes()), Form::parse(body.as_bytes()));
        answer(&Webhook {
            route: self.route,
            state: &state,
            fields: &fields,
            at: self.at,
            key: [7; 16],
            storage: self.storage,
            carrier_token: None,
            by_get: false,
            end: None,
        })
    }
}

/// A unit, with its document read.
pub(crate) struct Heard {
    pub(crate) unit: Unit,
    pub(crate) document: Response,
}

/// Sends a webhook; its answer must be TwiML that the carrier takes in full.
pub(crate) fn send(world: &World, hook: &Hook) -> Heard {
    let unit = hook.decided(world);
    let document = document(&unit);
    Heard { unit, document }
}

/// The answer of a unit.
pub(crate) fn document(unit: &Unit) -> Response {
    let text = std::str::from_utf8(&unit.answer).expect("UTF-8");
    let parsed = parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(parsed.warnings, [], "{text}");
    parsed.response
}

impl Heard {
    pub(crate) fn gather(&self) -> &Gather {
        self.verb(|verb| if let Verb::Gather(gather) = verb { Some(gather) } else { None })
    }

    pub(crate) fn dial(&self) -> &Dial {
        self.verb(|verb| if let Verb::Dial(dial) = verb { Some(dial) } else { None })
    }

    pub(crate) fn record(&self) -> &Record {
        self.verb(|verb| if let Verb::Record(record) = verb { Some(&**record) } else { None })
    }

    pub(crate) fn connect(&self) -> &Connect {
        self.verb(|verb| if let Verb::Connect(connect) = verb { Some(connect) } else { None })
    }

    pub(crate) fn redirect(&self) -> &Redirect {
        self.verb(|verb| if let Verb::Redirect(redirect) = verb { Some(redirect) } else { None })
    }

    pub(crate) fn has(&self, is: impl Fn(&Verb) -> bool) -> bool {
        self.document.verbs.iter().any(is)
    }

    /// Everything that is said, in order, also inside a Gather.
    pub(crate) fn said(&self) -> String {
        let mut said = Vec::new();
        for verb in &self.document.verbs {
            match verb {
                Verb::Say(say) => said.push(say.words()),
                Verb::Gather(gather) => said.extend(gather.prompts.iter().filter_map(|prompt| match prompt {
                    switchboard::twiml::Prompted::Say(say) => Some(say.words()),
                    _ => None,
                })),
                _ => {}
            }
        }
        said.join(" | ")
    }

    fn verb<T>(&self, is: impl Fn(&Verb) -> Option<&T>) -> &T {
        self.document.verbs.iter().find_map(is).unwrap_or_else(|| panic!("not there: {:?}", self.unit.answer))
    }

    /// The next webhook after a Gather.
    pub(crate) fn presses(&self, key: &str) -> Hook {
        Hook::to(self.gather().action.as_deref().expect("an action")).with(&[("Digits", key)])
    }

    pub(crate) fn says(&self, words: &str) -> Hook {
        Hook::to(self.gather().action.as_deref().expect("an action")).with(&[("SpeechResult", words)])
    }

    /// The next webhook after a Dial.
    pub(crate) fn dialled(&self, status: &str) -> Hook {
        Hook::to(self.dial().action.as_deref().expect("an action"))
            .with(&[("DialCallStatus", status), ("DialCallSid", "CAleg")])
    }

    /// The next webhook after a Record.
    pub(crate) fn recorded(&self, fields: &[(&str, &str)]) -> Hook {
        Hook::to(self.record().action.as_deref().expect("an action")).with(&[("RecordingSid", "RE1")]).with(fields)
    }
}

/// A call comes in on the first line.
pub(crate) fn arrive(world: &World) -> Heard {
    send(world, &Hook::new(Route::Voice).with(&[("CallStatus", "ringing")]))
}

/// A conversation as a snapshot shows it: what came in, what was decided and stored, what is said.
#[derive(Default)]
pub(crate) struct Script(String);

impl Script {
    /// Sends a webhook and writes down what became of it.
    pub(crate) fn step(&mut self, world: &World, hook: &Hook) -> Heard {
        let heard = send(world, hook);
        let unit = &heard.unit;
        let _ = writeln!(self.0, "## {} {}", hook.route.name(), unit.webhook.input);
        let _ = writeln!(self.0, "{}", unit.webhook.decision);
        if let Some(call) = &unit.call {
            let outcome = call.outcome.map(|outcome| (outcome.as_str(), call.reason.as_deref().unwrap_or_default()));
            let _ = writeln!(self.0, "call: {:?} {outcome:?}", call.state.map(|state| state.as_str()));
        }
        for row in unit.facts.consents() {
            let _ = writeln!(self.0, "consent: {:?} {:?} given={}", row.scope, row.method, row.given);
        }
        for row in unit.facts.voicemails() {
            let words = (row.transcript.as_deref(), row.transcript_piece.as_ref(), row.transcript_state);
            let _ = writeln!(self.0, "voicemail: {} {:?} {:?} {words:?}", row.id, row.state, row.recording_sid);
        }
        for event in unit.facts.events() {
            let _ = writeln!(self.0, "event: {} {} {}", event.kind, event.subject, event.data);
        }
        for error in unit.facts.errors() {
            let _ = writeln!(self.0, "error: {} {}", error.kind, error.message);
        }
        let answer = String::from_utf8_lossy(&unit.answer);
        let _ = writeln!(self.0, "{}\n", answer.replace("><", ">\n<"));
        heard
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
