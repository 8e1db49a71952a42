//! What the pieces of a webhook cost, in microseconds: `cargo bench`. The whole is measured by `just bench`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark may stop at what it cannot measure")]

use std::hint::black_box;
use std::time::{Duration, Instant};
use switchboard::base::{Secret, Time};
use switchboard::calls::decide;
use switchboard::config::{FixedSource, builtin_lines};
use switchboard::gate::{Route, Storage, Webhook};
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, sign, verify};
use switchboard::twiml;
use switchboard::world::World;

const URL: &str = "https://phone.example.com/twilio/voice";

/// An inbound call as Twilio sends it: 26 fields, 1.1 KB.
const CALL: &str = "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&CallSid=CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d\
    &CallStatus=ringing&CallToken=%257B%2522parentCallInfoToken%2522%253A%2522eyJhbGciOiJFUzI1NiJ9.eyJjYWxsU2lkIjoiQ0E3YTZiNWM0ZDNlMmYxYTBiOWM4ZDdlNmY1YTRiM2MyZCJ9\
    .bWFkZS11cC1zaWduYXR1cmU%2522%252C%2522identityHeaderTokens%2522%253A%255B%255D%257D\
    &Called=%2B15875550100&CalledCity=CALGARY&CalledCountry=CA&CalledState=AB&CalledZip=&Caller=%2B14035550111&CallerCity=CALGARY\
    &CallerCountry=CA&CallerState=AB&CallerZip=&Direction=inbound&From=%2B14035550111&FromCity=CALGARY&FromCountry=CA&FromState=AB\
    &FromZip=&StirVerstat=TN-Validation-Passed-A&To=%2B15875550100&ToCity=CALGARY&ToCountry=CA&ToState=AB&ToZip=";

fn main() {
    let token = Secret::new("12345678901234567890123456789012");
    let fields = Form::parse(CALL.as_bytes());
    let signature = sign(&token, URL, Body::Form(&fields));
    let tokens = [token];
    let lines = builtin_lines(&FixedSource::default()).expect("the built-in line");
    let world = World::new("https://phone.example.com", lines);
    let none = Form::default();
    let webhook = Webhook {
        route: Route::Voice,
        state: &none,
        fields: &fields,
        at: Time::UNIX_EPOCH,
        key: [0; 16],
        storage: Storage::Durable,
        carrier_token: None,
        by_get: false,
        end: None,
    };
    let answer = decide(&world, &webhook).answer;
    let document = std::str::from_utf8(&answer).expect("TwiML is UTF-8");
    let response = twiml::parse(document).expect("our own TwiML").response;

    measure("parse the form", || Form::parse(CALL.as_bytes()));
    measure("verify the signature", || verify(&tokens, URL, Body::Form(&fields), Some(&signature)));
    measure("decide a new call, with its TwiML", || decide(&world, &webhook));
    measure("render the TwiML alone", || response.render());
    measure("parse the TwiML", || twiml::parse(document).map(drop));
}

/// Median of 15 rounds, each about 20 ms long.
fn measure<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut round = |times: u32| {
        let start = Instant::now();
        (0..times).for_each(|_| drop(black_box(work())));
        start.elapsed()
    };
    let once = round(1000) / 1000;
    let times = u32::try_from(Duration::from_millis(20).as_nanos() / once.as_nanos().max(1)).unwrap_or(u32::MAX).max(1);
    let mut rounds: Vec<Duration> = (0..15).map(|_| round(times) / times).collect();
    rounds.sort_unstable();
    let median = rounds.get(7).copied().unwrap_or_default();
    println!("{what:<36} {:>8.2} us", median.as_secs_f64() * 1e6);
}
