//! A hundred thousand random and mutated requests through the whole order, ledger included: no panic, and nobody
//! gets anything but TwiML (whoever is signed), a problem document, or 413.

use crate::house::{PUBLIC_URL, TOKEN, signature};
use crate::support::Database;
use axum::body::Body;
use axum::http::Request;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use switchboard::base::{Clock, Meters, Secret};
use switchboard::config::{FixedSource, builtin_lines};
use switchboard::gate::{Door, Gate, Parts, Refusals, Route, Streams};
use switchboard::ledger::{Ledger, Setup};
use switchboard::world::{World, Worlds};
use tower::ServiceExt;

const REQUESTS: usize = 100_000;
const TASKS: usize = 64;

/// Marsaglia's xorshift: all a test needs, and the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).expect("small")).expect("small")
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }
}

/// What Twilio sends, and what it never would.
fn body(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut body = dice.pick(seeds).clone();
    for _ in 0..dice.roll(6) {
        let at = dice.roll(body.len() + 1);
        match dice.roll(7) {
            0 => body.truncate(at),
            1 => body.insert(at, u8::try_from(dice.roll(256)).expect("a byte")),
            2 if at < body.len() => body[at] = u8::try_from(dice.roll(256)).expect("a byte"),
            3 => body.extend_from_slice(b"&Digits=%00%FF&CallSid="),
            4 => body.extend_from_slice(b"&SpeechResult=%F0%9F%98%80&CallStatus=nonsense&DialCallStatus=%EF%BF%BE"),
            5 => {
                let other = dice.pick(seeds).clone();
                body.splice(at.., other.into_iter().skip(at));
            }
            _ => body.extend((0..dice.roll(200)).map(|n| u8::try_from(n % 256).expect("a byte"))),
        }
    }
    body
}

fn target(dice: &mut Dice) -> String {
    let route = dice.pick(&Route::ALL).name();
    let queries = [
        "",
        "?v=1&n=2&l=front-desk&m=main",
        "?v=9",
        "?v=1&n=-1",
        "?n=99999999999999999999&m=%00",
        "?%ff=%fe&&=",
        "?v=1&vm=x",
    ];
    format!("/twilio/{route}{}", dice.pick(&queries))
}

async fn one(gate: &axum::Router, dice: &mut Dice, seeds: &[Vec<u8>]) -> bool {
    let (target, body) = (target(dice), body(dice, seeds));
    let content_type = *dice.pick(&[
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/json",
    ]);
    let signed = match dice.roll(10) {
        0 => None,
        1 => Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned()),
        2 => Some("not even base64".to_owned()),
        _ => Some(signature(TOKEN, &target, &String::from_utf8_lossy(&body))),
    };
    let fits = signed.as_deref().is_some_and(|s| s.ends_with('=') && !s.starts_with("AAAA"))
        && content_type != "application/json"
        && std::str::from_utf8(&body).is_ok();
    let request = Request::post(&target).header("content-type", content_type);
    let request = signed.into_iter().fold(request, |request, s| request.header("x-twilio-signature", s));
    let response = gate.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("never fails");
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let answer = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let text = std::str::from_utf8(&answer).expect("UTF-8");
    let twiml = status == 200 && kind == "text/xml" && switchboard::twiml::parse(text).is_ok();
    let problem = (400..500).contains(&status) && kind == "application/problem+json";
    assert!(twiml || (problem && !fits), "{status} {kind} for {target}: {text}");
    twiml
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_the_answer_is_twiml_or_a_problem() {
    let database = Database::sqlite();
    let mut world = World::new(PUBLIC_URL, builtin_lines(&FixedSource::default()).expect("the built-in line"));
    world.tokens = vec![Secret::new(TOKEN)];
    let meters = Arc::new(Meters::silent());
    let setup = Setup { clock: Clock::System, instance: 1, public_url: PUBLIC_URL.into(), meters: Arc::clone(&meters) };
    let ledger = Ledger::start(&database.db, setup);
    let faults = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&faults);
    let router = Gate::new(Parts {
        worlds: Worlds::new(world),
        ledger: ledger.clone(),
        clock: Clock::System,
        decide: Box::new(switchboard::calls::decide),
        fault: Box::new(move |_, webhook| {
            counted.fetch_add(1, Ordering::Relaxed);
            panic!("a decision failed on {webhook:?}")
        }),
        busy: Box::new(switchboard::calls::full_house),
        door: Door::default(),
        trusted_proxies: Vec::new(),
        check_signatures: true,
        refusals: Arc::new(Refusals::default()),
        meters,
        streams: Streams::none(),
    })
    .router();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twilio/requests");
    let files = std::fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("an entry").path());
    let seeds = files
        .filter(|path| path.extension().is_some_and(|e| e == "form"))
        .map(|path| std::fs::read(path).expect("a file"));
    let seeds: Arc<Vec<Vec<u8>>> = Arc::new(seeds.collect());
    assert!(seeds.len() > 40);
    let answered = Arc::new(AtomicUsize::new(0));
    let tasks = (0..TASKS).map(|task| {
        let (router, seeds, answered) = (router.clone(), Arc::clone(&seeds), Arc::clone(&answered));
        tokio::spawn(async move {
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (u64::try_from(task).expect("small") << 32));
            for _ in 0..REQUESTS / TASKS {
                answered.fetch_add(usize::from(one(&router, &mut dice, &seeds).await), Ordering::Relaxed);
            }
        })
    });
    for task in futures_util::future::join_all(tasks).await {
        task.expect("no panic");
    }
    assert_eq!(faults.load(Ordering::Relaxed), 0, "no decision failed");
    assert!(answered.load(Ordering::Relaxed) > REQUESTS / 3, "most of what is signed was answered");
    ledger.close().await;
}
