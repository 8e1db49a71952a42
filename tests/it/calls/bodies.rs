//! Every body of the project's protocol notes (tests/fixtures/twilio), as the carrier sends it.

use super::phone::{Hook, document, world_of};
use switchboard::gate::{Route, Storage};
use switchboard::twilio::form::Form;

#[derive(serde::Deserialize)]
struct Sample {
    file: String,
    kind: String,
}

fn route(kind: &str) -> Route {
    match kind {
        "incoming-call" | "voice-request" => Route::Voice,
        "fallback" => Route::Fallback,
        "gather-action" | "gather-partial" => Route::Dtmf,
        "dial-action" => Route::Dial,
        "record-action" | "recording-status" => Route::Recording,
        "transcribe-callback" | "rtt" => Route::Transcription,
        "status-callback" => Route::Status,
        "stream-status" | "connect-action" => Route::Stream,
        "amd-callback" | "conference-event" => Route::Conference,
        "enqueue-wait" | "enqueue-action" | "queue-url" => Route::Queue,
        "sms" | "sms-status" => Route::Sms,
        other => panic!("a kind of body that no route takes: {other}"),
    }
}

#[test]
fn every_body_of_the_carrier_makes_sense() {
    let world = world_of("[[lines]]\nname = \"desk\"\nnumbers = []\ndefault = true\n");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twilio/requests");
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).expect("the manifest");
    let samples: Vec<Sample> = serde_json::from_str(&manifest).expect("a list of samples");
    assert!(samples.len() > 50);
    for Sample { file, kind } in samples {
        let body = std::fs::read(folder.join(&file)).expect("a body");
        let fields = Form::parse(&body).iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let query = "v=1&n=2&l=desk&c=g&id=vm_00000000000000000000000001".to_owned();
        let hook = Hook {
            route: route(&kind),
            query,
            fields,
            storage: Storage::Durable,
            at: switchboard::base::Time::UNIX_EPOCH,
        };
        let unit = hook.decided(&world);
        let odd: Vec<_> = unit.facts.errors().iter().filter(|error| error.kind == "webhook.malformed").collect();
        assert!(odd.is_empty(), "{file}: {odd:?}");
        assert!(!unit.webhook.decision.is_empty(), "{file}");
        let listens = !hook.route.is_status_kind() && hook.route != Route::Sms;
        let reported = ["recording-status", "stream-status"].contains(&kind.as_str());
        let gone = hook.fields.iter().any(|(name, value)| name == "CallStatus" && value == "completed");
        assert_eq!(document(&unit).verbs.is_empty(), !listens || reported || gone, "{file}");
    }
}
