//! A caller pages the building: the list, the PIN, and what is written down of it.

use super::phone::{Heard, Hook, SID, send};
use switchboard::base::{CallSid, Outcome, Secret};
use switchboard::calls::prover::prove;
use switchboard::config::{FixedSource, load};
use switchboard::gate::Route;
use switchboard::world::{StreamPass, World};

const PIN: &str = "471147";

/// The built-in line on a machine that pages; `more` is `[paging.callers.…]`.
fn paging(more: &str) -> World {
    let line = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n[lines.menus.main]\nprompt = \"Press 7.\"\n\
                keys = { 7 = { page = \"701\" }, 9 = \"voicemail\" }\n[paging.outputs.hall]\nkind = \"multicast\"\n\
                address = \"239.255.7.1\"\n[paging.zones.701]\noutputs = [\"hall\"]\n";
    let source = FixedSource::new([("PAGING_PIN", PIN)]);
    let loaded = load(&source, Some(("s.toml", &format!("{line}{more}")))).expect("good");
    let mut world = World::new("https://phone.example.com", loaded.lines);
    world.stream_key = b"key".to_vec();
    world.pin = Some(Secret::new(PIN));
    world
}

/// The pass in the answer's stream URL.
fn pass(world: &World, heard: &Heard) -> Option<StreamPass> {
    let answer = String::from_utf8_lossy(&heard.unit.answer).into_owned();
    let token = answer.split("/twilio/ws/").nth(1)?.split('"').next()?;
    StreamPass::read(token, world, switchboard::base::Time::UNIX_EPOCH).ok()
}

/// A caller arrives and presses the key.
fn chose(world: &World) -> Heard {
    let menu = send(world, &Hook::new(Route::Voice));
    send(world, &menu.presses("7"))
}

fn enters(heard: &Heard, digits: &str) -> Hook {
    Hook::to(heard.gather().action.as_deref().expect("a URL")).with(&[("Digits", digits)])
}

#[test]
fn the_pin_opens_the_way_to_the_zone_and_stands_nowhere() {
    let world = paging("");
    let asked = chose(&world);
    assert_eq!(asked.gather().finish_on_key.as_deref(), Some("#"));
    let right = send(&world, &enters(&asked, PIN));
    let pass = pass(&world, &right).expect("a stream");
    assert_eq!((pass.zone.as_deref(), pass.call), (Some("701"), CallSid::parse(SID).expect("a SID")));
    assert!(right.unit.webhook.decision.contains("the PIN is right → page 701"), "{}", right.unit.webhook.decision);
    for heard in [&asked, &right] {
        assert!(!String::from_utf8_lossy(&heard.unit.answer).contains(PIN));
        assert!(!heard.unit.webhook.input.contains(PIN), "{}", heard.unit.webhook.input);
    }
}

#[test]
fn three_wrong_pins_end_the_call_and_no_digit_of_them_is_kept() {
    let world = paging("");
    let mut heard = chose(&world);
    for wrong in ["1234", "4"] {
        heard = send(&world, &enters(&heard, wrong));
        assert!(pass(&world, &heard).is_none());
        assert!(heard.unit.webhook.input.contains(&format!("\"Digits\":\"{}\"", "•".repeat(wrong.len()))));
    }
    // Silence is a wrong PIN too.
    let over = send(&world, &Hook::to(heard.gather().action.as_deref().expect("a URL")));
    assert_eq!(over.unit.call.as_ref().and_then(|call| call.outcome), Some(Outcome::Rejected));
    assert!(String::from_utf8_lossy(&over.unit.answer).contains("<Hangup"));
}

#[test]
fn who_is_listed_needs_no_pin_unless_the_list_says_so() {
    let listed = |more: &str| {
        let world = paging(&format!("[paging.callers.ana]\nnumbers = [\"+1587555*\"]\n{more}"));
        let heard = chose(&world);
        pass(&world, &heard).is_some()
    };
    assert!(listed(""));
    assert!(listed("zones = [\"701\"]\n"));
    assert!(!listed("zones = [\"702\"]\n"));
    assert!(!listed("pin = true\n"));
}

#[test]
fn the_prover_finds_no_fault_with_a_page_key() {
    for more in ["", "[paging.callers.ana]\nnumbers = [\"+1587555*\"]\n"] {
        let world = paging(more);
        let line = world.lines().first().expect("a line").clone();
        let report = prove(&world, &line);
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
}
