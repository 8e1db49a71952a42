//! A caller with mouth and ears, and our own house: what was sent is what is heard.

use crate::house::{ADMIN, House, PUBLIC_URL, TOKEN};
use crate::simulator_stand::{plan, transcript};
use crate::support::Database;
use switchboard::base::{Clock, Secret};
use switchboard::simulator::{
    Archive, CallPlan, Carrier, CarrierSettings, Load, Mix, Pace, Report, Schedule, Script, Target, parse_acts,
};

/// What the built-in assistant says.
const PROMPT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/voice/talk.ulaw"));

fn carrier(house: &House) -> Carrier {
    let target = Target::new(&house.base(), Some(PUBLIC_URL)).unwrap();
    let settings = CarrierSettings::new(target, "AC00000000000000000000000000000001", Secret::new(TOKEN));
    Carrier::new(settings, Archive::default()).unwrap()
}

async fn call(house: &House, acts: &str) -> Report {
    let script = Script { acts: parse_acts(acts).unwrap(), keeps_sound: true, ..Script::default() };
    let plan = CallPlan { clock: Clock::System, ..plan(script) };
    carrier(house).place(plan, |_| {}).await
}

/// Where `part` begins in `whole`.
fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_interrupts_is_heard_and_the_prompt_is_not() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let report = call(&house, "3,w1,s,w0.5,#").await;
    assert!(report.went_through, "{}", transcript(&report));
    let [stream] = report.streams.as_slice() else { panic!("{}", transcript(&report)) };
    let sound = stream.sound.as_ref().unwrap();
    // Byte for byte: nothing is lost, doubled or changed on the way.
    let began = find(&sound.heard, &PROMPT[..7200]).expect("the first 0.9 s of the prompt");
    assert!(began < 8000, "{began}");
    assert_eq!((stream.invalid, stream.gaps, stream.unasked_clears), (0, 0, 0), "{stream:?}");
    let [interruption] = stream.interruptions.as_slice() else { panic!("{stream:?}") };
    assert!(interruption.cleared_after_ms.unwrap() < 500.0 && !interruption.talked_on, "{interruption:?}");
    // Whatever was decided, half a second into the caller's words nobody else speaks.
    let from = 8 * (usize::try_from(interruption.at_ms).unwrap() + 500);
    assert!(sound.heard[from..from + 4000].iter().all(|byte| *byte == 0xff));
    assert_eq!(stream.answers.len(), 1, "{stream:?}");
    assert!(report.recordings.iter().any(|recording| !recording.absent), "and the mailbox is behind it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_leaves_no_stream_behind() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let report = call(&house, "3,w0.3,h").await;
    assert_eq!((report.ended, report.went_through), ("the caller hung up", true), "{}", transcript(&report));
    let answer = reqwest::Client::builder().no_proxy().build().unwrap();
    let sessions = answer.get(format!("{}/twilio/sessions", house.base())).bearer_auth(ADMIN).send().await.unwrap();
    assert!(!sessions.text().await.unwrap().contains(&report.call_sid));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_talk_at_once_and_each_is_measured() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let load = Load::new(carrier(&house), Mix::parse("talk=1").unwrap(), "+15875550100".to_owned(), 1);
    let report = load.run(Pace::Calls { calls: 8, at_most: 8 }, std::time::Duration::from_secs(1)).await;
    let streams = report.streams.as_ref().expect("streams");
    assert_eq!((report.calls, streams.streams, streams.failed, streams.silent), (8, 8, 0, 0), "{report:?}");
    assert_eq!((streams.barge_in.count + streams.misses, streams.invalid), (16, 0), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_cut_begins_again_and_one_that_stalls_goes_on() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    for (number, (accident, streams)) in
        [("s0:reset=250", 2), ("s0:half-close=250", 2), ("s0:garbage=250", 2), ("s0:stall=100", 1)]
            .into_iter()
            .enumerate()
    {
        let script = Script { acts: parse_acts("3,w1.2,#").unwrap(), ..Script::default() };
        let (chaos, seed) = (Some(accident.parse::<Schedule>().unwrap()), 100 + number as u128);
        let plan = CallPlan { clock: Clock::System, chaos, seed, ..plan(script) };
        let report = carrier(&house).place(plan, |_| {}).await;
        let cut: Vec<_> = report.streams.iter().map(|stream| stream.cut.unwrap_or("whole")).collect();
        let how = accident.split([':', '=']).nth(1).unwrap();
        assert_eq!((cut.len(), cut[0]), (streams, how), "{}", transcript(&report));
        assert!(report.went_through && !report.without_twiml, "{}", transcript(&report));
        assert!(report.recordings.iter().any(|recording| !recording.absent), "{}", transcript(&report));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chaotic_load_with_streams_adds_up() {
    let database = Database::sqlite();
    let house = House::open(&database).await;
    let load = Load::chaotic(carrier(&house), Mix::parse("talk=1").unwrap(), "+15875550100".to_owned(), 11);
    let report = load.run(Pace::Calls { calls: 24, at_most: 8 }, std::time::Duration::from_secs(60)).await;
    assert_eq!((report.calls, report.ended.values().sum::<u64>(), report.without_twiml), (24, 24, 0), "{report:#?}");
    let wronged: Vec<_> = report.callers.iter().filter(|caller| !caller.errors.is_empty()).collect();
    assert!(wronged.is_empty(), "{wronged:#?}");
    let streams = report.streams.expect("streams");
    assert!(streams.cut > 0 && streams.streams > streams.cut && streams.failed == 0, "{streams:?}");
    // Everybody heard something behind the menu's words.
    assert!(report.callers.iter().all(|caller| !caller.heard.is_empty()));
}
