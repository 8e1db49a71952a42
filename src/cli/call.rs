//! `switchboard call`: one simulated call at any base URL, as a transcript.

use crate::base::Clock;
use crate::cli::say;
use crate::cli::simulated_number::NumberArgs;
use crate::simulator::{
    Acoustics, Act, AfterMessage, CallPlan, Callee, Clip, Report, Schedule, Script, SimulatorError, Sound, Speed,
    Waiting, parse_acts, summary, write_step,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Play Twilio: place one signed call, follow the TwiML, press keys, and show what happened
///
/// The caller listens to each prompt, then presses what --press still holds. Without keys they stay silent; after a
/// message they hang up.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard call --press 1 --dial-outcome no-answer\n  \
    switchboard call --url http://127.0.0.1:3000 --public-url https://phone.example.com --voice /voice --press w6,2\n  \
    switchboard call --to +15875550120 --say 'there is smoke' --json | jq .errors\n  \
    switchboard call --press 3,w2,s,w3,h --record heard.wav\n  \
    switchboard call --press 3 --speak question.wav --json | jq .streams\n\n\
    Exit codes: 0 the call went through, 1 it did not (a webhook failed, even if the fallback URL rescued the call),\n\
    2 usage. The token comes from TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_FILE or `--token -` (standard input).")]
pub struct Args {
    #[command(flatten)]
    number: NumberArgs,
    /// Who calls
    #[arg(long, value_name = "NUMBER", default_value = "+15875550111")]
    from: String,
    /// What the caller does, in order: 1,w5,2 presses 1, waits 5 s of listening, presses 2. In a live stream a pause
    /// counts from the moment the line is heard; s speaks, h hangs up: 3,w2,s,w3,h. In a conversation in text s interrupts
    /// the line with what --say holds next, or coughs
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true, value_parser = keys)]
    press: Keys,
    /// A sentence for a Gather that listens to speech, or for a conversation in text; again for the next one
    #[arg(long, value_name = "WORDS")]
    say: Vec<String>,
    /// What is said after the beep; empty: nothing
    #[arg(long, value_name = "WORDS")]
    message: Option<String>,
    /// Stay silent after the message instead of hanging up
    #[arg(long)]
    stay: bool,
    /// How those who are dialled answer, one after the other: answered, answered:SECONDS, mailbox (presses no
    /// key when asked to), declined (presses another one), busy, no-answer, failed, canceled, abandoned (the caller gives
    /// up). The last goes on
    #[arg(long, value_name = "OUTCOME", value_parser = Callee::parse, value_delimiter = ',')]
    dial_outcome: Vec<Callee>,
    /// How a caller fares who waits in a queue: taken, taken:SECONDS (of waiting), nobody, full, failed
    #[arg(long, value_name = "OUTCOME", default_value = "taken", value_parser = Waiting::parse)]
    queue_outcome: Waiting,
    /// Seconds after which the caller hangs up, whatever happens
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    hang_up_after: u32,
    /// How much faster than real time; 1 is real time, max waits for nothing. Live streams always run in real time
    #[arg(long, value_name = "TIMES", default_value = "20", value_parser = Speed::parse)]
    speed: Speed,
    /// Same number, same call: all SIDs follow from it
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Deliver every webhook a second time, as a carrier does that lost the answer
    #[arg(long)]
    twice: bool,
    /// What goes wrong on the way, as `load --chaos` reports it: d1:cut-answer,r3:late=40000
    #[arg(long, value_name = "LIST", value_parser = str::parse::<Schedule>)]
    accidents: Option<Schedule>,
    /// Follow documents to other hosts than --url, as Twilio would
    #[arg(long)]
    roam: bool,
    /// What the caller says into a live stream, over the prompt if there is one; again for the next time. Where --press
    /// has no s for it, 2 s after the line is heard. Without it s is a voice of our own
    #[arg(long, value_name = "FILE.wav")]
    speak: Vec<PathBuf>,
    /// Write what was heard (left) and said (right) in live streams
    #[arg(long, value_name = "FILE.wav")]
    record: Option<PathBuf>,
    /// One JSON document instead of the transcript
    #[arg(long)]
    json: bool,
}

/// What `--press` holds.
#[derive(Clone, Debug)]
struct Keys(Vec<Act>);

fn keys(text: &str) -> Result<Keys, SimulatorError> {
    parse_acts(text).map(Keys)
}

/// So long after the line is heard somebody speaks who was not told when.
const USUAL_PAUSE: Duration = Duration::from_secs(2);

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let carrier = match args.number.carrier(args.roam) {
        Ok(carrier) => carrier,
        Err(why) => return say::usage(&why.to_string()),
    };
    let plan = match args.plan() {
        Ok(plan) => plan,
        Err(why) => return say::usage(&why),
    };
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return say::failure(&format!("cannot start the runtime: {why}")),
    };
    let style = say::style();
    let watch = |step: &_| {
        if !args.json {
            say::text(&write_step(step, style));
        }
    };
    let report = runtime.block_on(carrier.place(plan, watch));
    if args.json {
        say::json(&report);
    } else {
        say::text(&summary(&report, style));
    }
    if let Some(why) = args.record.as_deref().and_then(|path| keep(&report, path)) {
        return say::failure(&why);
    }
    if report.went_through { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes the sound of the call's streams; why not, if it does not work.
fn keep(report: &Report, path: &Path) -> Option<String> {
    let sounds: Vec<_> = report.streams.iter().filter_map(|stream| stream.sound.as_ref()).collect();
    if sounds.is_empty() {
        return Some(format!("{} is not written: the call had no live stream", path.display()));
    }
    let written = std::fs::write(path, Sound::joined(sounds).wav());
    written.err().map(|why| format!("cannot write {}: {why}", path.display()))
}

/// The voice in a file.
fn voice(path: &PathBuf) -> Result<Clip, String> {
    let bad = |why: &dyn std::fmt::Display| format!("cannot speak {}: {why}", path.display());
    let file = std::fs::read(path).map_err(|why| bad(&why))?;
    Clip::wav(&file).map_err(|why| bad(&why))
}

impl Args {
    fn plan(&self) -> Result<CallPlan, String> {
        let Keys(acts) = &self.press;
        let default = Script::default();
        let voices: Vec<Clip> = self.speak.iter().map(voice).collect::<Result<_, _>>()?;
        let mut acts = acts.clone();
        if !acts.contains(&Act::Speak) {
            acts.extend(voices.iter().flat_map(|_| [Act::Wait(USUAL_PAUSE), Act::Speak]));
        }
        let script = Script {
            acts,
            voices,
            keeps_sound: self.record.is_some(),
            acoustics: Acoustics::default(),
            words: self.say.clone(),
            message: self.message.clone().unwrap_or(default.message),
            after_message: if self.stay { AfterMessage::Stay } else { AfterMessage::HangUp },
            callees: self.dial_outcome.clone(),
            waiting: self.queue_outcome,
            hang_up_after: Duration::from_secs(self.hang_up_after.into()),
        };
        Ok(CallPlan {
            from: self.from.clone(),
            to: self.number.to.clone(),
            script,
            speed: self.speed,
            seed: self.seed.map_or_else(|| uuid::Uuid::now_v7().as_u128(), u128::from),
            clock: Clock::System,
            twice: self.twice,
            chaos: self.accidents.clone(),
        })
    }
}
