//! A caller of the telephone pages: his sound goes from the socket straight to the loudspeakers.

use super::carrier::{Carrier, of_answer, sound};
use crate::crash::{Process, post};
use crate::house::{Answer, House, call, with};
use crate::paging_place::{PIN, Place, quiet_frames, until};
use crate::support::Database;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use switchboard::audio::{g711, tone};
use switchboard::base::Clock;
use switchboard::simulator::heard_streams;

const CALL: &str = "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2e";

/// Presses the key, and is asked for the PIN.
async fn asked(house: &House) -> Answer {
    let menu = house.post("/twilio/voice", &call(CALL)).await;
    pressed(house, &menu, "7").await
}

async fn pressed(house: &House, answer: &Answer, keys: &str) -> Answer {
    let fields = with(call(CALL), &[("CallStatus", "in-progress"), ("Digits", keys)]);
    house.post(&answer.target("action"), &fields).await
}

async fn only_page(house: &House) -> Value {
    let list = async || -> Value { serde_json::from_str(&house.get("/api/pages").await.body).expect("JSON") };
    until("the page is over", async || list().await["items"][0]["state"] == "ended").await;
    let mut list = list().await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    list["items"][0].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_pin_a_caller_is_heard_byte_for_byte() {
    let (database, place) = (Database::sqlite(), Place::new());
    let house = place.house(&database, Clock::System, "").await;
    let (hall, yard) = (place.hall(), place.yard());
    let right = pressed(&house, &asked(&house).await, PIN).await;
    let announced = of_answer(CALL, &right);
    let mut carrier = Carrier::open(&house, &announced).await;
    let beep: Vec<i16> = sound(&carrier.until("media").await).iter().map(|byte| g711::decode(*byte)).collect();
    assert!(tone::share(&beep, 880.0, 8_000) > 0.9, "he may speak now");
    let said = quiet_frames(50);
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for frame in &said {
        ticks.tick().await;
        carrier.frame(frame).await;
    }
    carrier.key("#").await;
    assert_eq!(carrier.rest().await.1, 1000);

    let streams = heard_streams(&hall.heard());
    assert_eq!(streams.len(), 1);
    assert_eq!(streams[0].findings, Vec::<String>::new());
    let packets = streams[0].payload.as_chunks::<160>().0;
    let words: Vec<&[u8; 160]> = packets.iter().filter(|packet| **packet != [g711::SILENCE; 160]).collect();
    assert_eq!(words, said.iter().collect::<Vec<_>>(), "every frame once, in order, and nothing else");
    let (gaps, count) = (&streams[0].gaps, streams[0].gaps.len());
    let mean = gaps.iter().sum::<Duration>() / u32::try_from(count).expect("a count");
    assert!((Duration::from_millis(19)..Duration::from_millis(21)).contains(&mean), "{mean:?} between packets");
    assert_eq!(yard.heard(), []);

    let page = only_page(&house).await;
    assert_eq!((&page["source"], &page["reason"]), (&"call".into(), &"hangup".into()));
    assert_eq!((&page["call_sid"], &page["line"]), (&CALL.into(), &"desk".into()));
    assert_eq!(page["packets"]["received"], 50);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_listed_pages_without_a_pin_and_hears_when_it_is_over() {
    let (database, place) = (Database::sqlite(), Place::new());
    let listed = "[paging.callers.ana]\nnumbers = [\"+14035550111\"]\n";
    let house = place.house(&database, Clock::System, listed).await;
    let announced = of_answer(CALL, &asked(&house).await);
    let mut carrier = Carrier::open(&house, &announced).await;
    carrier.until("media").await;
    // An emergency takes the hall.
    let phone = place.call("700").await.expect("more urgent");
    assert_eq!(carrier.rest().await.1, 1000, "the stream ends with its page");
    phone.hang_up().await.expect("hung up");
    let list: Value = serde_json::from_str(&house.get("/api/pages?zone=701").await.body).expect("JSON");
    let page = &list["items"][0];
    assert_eq!((&page["caller"], &page["reason"]), (&"ana".into(), &"preempted".into()));
    let next = house.post(&announced.action, &with(call(CALL), &[("CallStatus", "in-progress")])).await;
    assert_eq!(next.status, 200);
    house.running.stop().await;
}

/// All files below a folder, each as text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let of = |path: &Path| match path.is_dir() {
        true => files(path),
        false => {
            let bytes = std::fs::read(path).unwrap_or_default();
            vec![(path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())]
        }
    };
    std::fs::read_dir(folder).expect("a folder").flatten().flat_map(|entry| of(&entry.path())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_digit_of_a_pin_right_or_wrong_is_in_any_row_event_or_line_of_the_log() {
    let (place, data) = (Place::new(), tempfile::tempdir().expect("a folder"));
    std::fs::write(data.path().join("switchboard.toml"), place.file("", "")).expect("written");
    let url = format!("sqlite://{}", data.path().join("pins.db").display());
    let mut variables = place.variables();
    variables.push(("RUST_LOG", "trace".to_owned()));
    let process = Process::with(&url, data.path(), &variables);
    let press = async |sid: &str, answer: Answer, keys: &str| {
        let fields = with(call(sid), &[("CallStatus", "in-progress"), ("Digits", keys)]);
        let body = post(&process.base, &answer.target("action"), &fields).await;
        Answer { status: 200, content_type: String::new(), body }
    };
    let arrive = async |sid: &str| {
        let body = post(&process.base, "/twilio/voice", &call(sid)).await;
        press(sid, Answer { status: 200, content_type: String::new(), body }, "7").await
    };
    let (wrong, one, two) =
        (["908172", "663718", "294057"], "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c01", "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c02");
    let mut heard = arrive(one).await;
    for (nth, pin) in wrong.iter().enumerate() {
        assert!(!heard.body.contains("<Hangup"), "{nth}: {}", heard.body);
        heard = press(one, heard, pin).await;
    }
    assert!(heard.body.contains("<Hangup") && !heard.body.contains("<Stream"), "{}", heard.body);
    let right = press(two, arrive(two).await, PIN).await;
    assert!(right.body.contains("<Stream"), "{}", right.body);
    // The log is read beside us; what is said of the calls is there when it says that they were written.
    let log = process.log.clone();
    process.kill();
    until("the log is read", async || log.lock().expect("a lock").iter().any(|line| line.contains(two))).await;
    let (files, log) = (files(data.path()), log.lock().expect("a lock").concat());
    let with = |digits: &str| -> Vec<&str> {
        files.iter().filter(|(_, text)| text.contains(digits)).map(|(path, _)| path.as_str()).collect()
    };
    for digits in wrong.iter().chain([&PIN]) {
        assert_eq!(with(digits), Vec::<&str>::new(), "{digits}");
        assert!(!log.contains(digits), "{digits} is in the log");
    }
    assert!(!with(one).is_empty(), "the search finds what is there");
}
