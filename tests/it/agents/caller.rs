//! A house whose lines have agents, and callers who hear everything.

use crate::house::{House, PUBLIC_URL, TOKEN};
use crate::simulator_stand::{plan, transcript};
use crate::support::Database;
use std::sync::atomic::{AtomicU32, Ordering};
use switchboard::audio::{g711, prompts, tone};
use switchboard::base::{Clock, Secret};
use switchboard::simulator::{
    Archive, CallPlan, Carrier, CarrierSettings, Clip, Report, Script, Step, StreamReport, Target, parse_acts,
};

/// What a caller says whom only machines shall hear.
pub(crate) const CALLER_HZ: f64 = 300.0;
/// Milliseconds that a count of frames may be wrong by: one begins and one ends within a frame.
pub(crate) const EDGES: usize = 40;

/// A line whose key 3 leads to an agent; `agent` is the inside of `[lines.agent]`.
pub(crate) fn line(number: &str, agent: &str) -> String {
    format!(
        r#"
[[lines]]
name = "line-{digits}"
numbers = ["{number}"]
[lines.consent]
notice = ""
[lines.menus.main]
prompt = "To talk to us, press 3."
[lines.menus.main.keys]
3 = "talk"
[lines.emergency]
number = "+15875550103"
[lines.agent]
targets = {{ sales = "+15875550101" }}
{agent}
"#,
        digits = number.trim_start_matches('+')
    )
}

/// The house, and the carrier that its numbers are at.
pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) database: Database,
    calls: AtomicU32,
}

impl Stage {
    /// With these lines.
    pub(crate) async fn open(lines: &str) -> Self {
        Self::on(Database::sqlite(), lines).await
    }

    /// With these lines, on this database.
    pub(crate) async fn on(database: Database, lines: &str) -> Self {
        Self::with(database, &[("OPENAI_API_KEY", "test-key")], lines).await
    }

    /// With these variables too.
    pub(crate) async fn with(database: Database, variables: &[(&str, &str)], lines: &str) -> Self {
        let house = House::with(&database.url, variables, Some(lines)).await;
        Self { house, database, calls: AtomicU32::new(1) }
    }

    /// With these lines, which name a file.
    pub(crate) async fn reading(database: Database, file: (&str, &str), lines: &str) -> Self {
        let house = House::reading(&database.url, file, lines).await;
        Self { house, database, calls: AtomicU32::new(1) }
    }

    /// A call that does this, with a caller who says that.
    pub(crate) async fn call(&self, number: &str, acts: &str, voices: Vec<Clip>) -> Call {
        self.watched(number, acts, voices, |_| {}).await
    }

    /// The same, seen as it happens.
    pub(crate) async fn watched(
        &self,
        number: &str,
        acts: &str,
        voices: Vec<Clip>,
        watch: impl FnMut(&Step) + Send,
    ) -> Call {
        let target = Target::new(&self.house.base(), Some(PUBLIC_URL)).expect("a target");
        let settings = CarrierSettings::new(target, "AC00000000000000000000000000000001", Secret::new(TOKEN));
        let carrier = Carrier::new(settings, Archive::default()).expect("a carrier");
        let acts = parse_acts(acts).expect("acts");
        let script = Script { acts, voices, keeps_sound: true, ..Script::default() };
        // No two calls have the same SIDs.
        let seed = u128::from(self.calls.fetch_add(1, Ordering::Relaxed));
        let plan = CallPlan { clock: Clock::System, to: number.to_owned(), seed, ..plan(script) };
        Call(carrier.place(plan, watch).await)
    }
}

/// A call that is over.
pub(crate) struct Call(pub(crate) Report);

impl Call {
    /// Its only stream.
    pub(crate) fn stream(&self) -> &StreamReport {
        assert_eq!(self.0.streams.len(), 1, "{}", self.story());
        &self.0.streams[0]
    }

    /// What happened, for a test that fails.
    pub(crate) fn story(&self) -> String {
        transcript(&self.0)
    }

    /// What the caller heard of the stream.
    pub(crate) fn heard(&self) -> &[u8] {
        &self.stream().sound.as_ref().expect("sound is kept").heard
    }

    /// The carrier always had something to play; a busy machine may cost a frame or two.
    pub(crate) fn was_fluent(&self) {
        let dry_ms = self.stream().dry_ms;
        assert!(dry_ms < 100.0, "{dry_ms} ms of nothing: {}", self.story());
    }

    /// Milliseconds of a tone in that.
    pub(crate) fn tone(&self, hz: f64) -> usize {
        tone_ms(self.heard(), hz)
    }

    /// The document that followed the stream, and how long it took, in milliseconds.
    pub(crate) fn next(&self) -> (&str, f64) {
        let mut requests = self.0.steps.iter().filter_map(|step| step.request.as_ref());
        let action = requests.rfind(|request| request.purpose == "connect action");
        let action = action.unwrap_or_else(|| panic!("no action: {}", self.story()));
        (action.twiml.as_deref().unwrap_or_default(), action.ms)
    }
}

/// Milliseconds of a tone in mu-law.
pub(crate) fn tone_ms(sound: &[u8], hz: f64) -> usize {
    let frames = sound.chunks_exact(160).filter(|frame| {
        let samples: Vec<i16> = frame.iter().map(|byte| g711::decode(*byte)).collect();
        tone::share(&samples, hz, 8_000) > 0.9
    });
    frames.count() * 20
}

/// A tone in mu-law.
pub(crate) fn tone(hz: f64, ms: u32) -> Vec<u8> {
    tone::sine(hz, ms, 0.3, 8_000).into_iter().map(g711::encode).collect()
}

/// A caller who only makes a tone.
pub(crate) fn whistle(ms: u32) -> Clip {
    Clip::mulaw(&tone(CALLER_HZ, ms)).expect("it can be heard")
}

/// A caller who speaks, for less than a second.
pub(crate) fn voice() -> Clip {
    Clip::mulaw(&prompts::CALLER.sound[..7_200]).expect("it can be heard")
}

/// Where `part` begins in `whole`.
pub(crate) fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}
