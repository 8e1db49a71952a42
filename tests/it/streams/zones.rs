//! Callers who page and cannot: they hear which zone, and why, and go where their menu leads.

use super::carrier::{Announced, Carrier, of_answer};
use crate::house::{Answer, House, call, with};
use crate::support::Database;
use std::net::Ipv4Addr;
use switchboard::base::{Clock, Time};
use switchboard::simulator::Speaker;

const PIN: &str = "471147";
const ONE: &str = "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d";
const OTHER: &str = "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2e";

/// A line that pages its hall; `more` is what its zone says, `language` what the line speaks.
fn file(port: u16, language: &str, more: &str) -> String {
    format!(
        r#"
[[lines]]
name = "desk"
numbers = ["+15875550100"]
language = "{language}"
[lines.consent]
notice = ""
[lines.menus.main]
prompt = "Press 7."
keys = {{ 7 = {{ page = "701" }}, 9 = "voicemail" }}
otherwise = {{ dial = "+15875550102" }}
[paging.outputs.hall]
kind = "unicast"
address = "127.0.0.1"
port = {port}
[paging.zones.701]
name = "Warehouse"
outputs = ["hall"]
{more}
"#
    )
}

async fn house(language: &str, more: &str) -> (House, Database, Speaker) {
    let speakers = std::iter::repeat_with(|| Speaker::unicast((Ipv4Addr::LOCALHOST, 0).into()).expect("a speaker"));
    let speaker = { speakers }.find(|speaker| speaker.address().port() % 2 == 0).expect("an even port");
    let database = Database::sqlite();
    let file = file(speaker.address().port(), language, more);
    let friday = Clock::manual("2026-11-20T16:00:00Z".parse::<Time>().expect("a time"));
    let house = House::at(friday, &database.url, &[("PAGING_PIN", PIN)], Some(&file)).await;
    (house, database, speaker)
}

/// A call that presses 7 and knows the PIN.
async fn pages(house: &House, sid: &str) -> Announced {
    let menu = house.post("/twilio/voice", &call(sid)).await;
    let on = [("CallStatus", "in-progress"), ("Digits", "7")];
    let asked = house.post(&menu.target("action"), &with(call(sid), &on)).await;
    let pin = [("CallStatus", "in-progress"), ("Digits", PIN)];
    of_answer(sid, &house.post(&asked.target("action"), &with(call(sid), &pin)).await)
}

/// What follows a stream that the house has closed.
async fn refused(house: &House, sid: &str) -> Answer {
    let announced = pages(house, sid).await;
    let mut carrier = Carrier::open(house, &announced).await;
    carrier.rest().await;
    house.post(&announced.action, &with(call(sid), &[("CallStatus", "in-progress")])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_is_taken_is_named_and_the_menu_leads_on() {
    for (language, words) in [
        ("en-US", "The zone Warehouse is in use right now."),
        ("fr-CA", "La zone Warehouse est occupée en ce moment."),
        ("es-MX", "La zona Warehouse está ocupada en este momento."),
        ("de-DE", "Die Zone Warehouse ist gerade belegt."),
    ] {
        let (house, _database, speaker) = house(language, "").await;
        let first = pages(&house, ONE).await;
        let mut carrier = Carrier::open(&house, &first).await;
        carrier.until("media").await;
        carrier.frames(0x30, 20).await;
        assert!(speaker.hears(10, super::LONG), "the first caller is heard");
        let answer = refused(&house, OTHER).await;
        let (said, dialled) = (answer.body.find(words), answer.body.find("+15875550102"));
        assert!(said.is_some() && said < dialled, "{}", answer.body);
        assert!(!answer.body.contains("not available"), "{}", answer.body);
        carrier.key("#").await;
        carrier.rest().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_is_off_closed_or_somebody_elses_is_said_to_be_so() {
    let somebody_elses = "callers = [\"ana\"]\n[paging.callers.ana]\nnumbers = [\"+14165550199\"]";
    for (more, words) in [
        ("enabled = false", "The zone Warehouse is switched off."),
        // It is a Friday.
        (
            "schedule = [{ days = [\"mon\"], time = \"07:30-18:00\" }]",
            "The zone Warehouse cannot be paged at this time.",
        ),
        (somebody_elses, "You may not page the zone Warehouse."),
    ] {
        let (house, _database, speaker) = house("en-US", more).await;
        let answer = refused(&house, ONE).await;
        assert!(answer.body.contains(words) && answer.body.contains("+15875550102"), "{more}: {}", answer.body);
        assert!(speaker.heard().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_never_came_names_its_zone_too() {
    let (house, _database, _speaker) = house("en-US", "").await;
    let announced = pages(&house, ONE).await;
    let answer = house.post(&announced.action, &with(call(ONE), &[("CallStatus", "in-progress")])).await;
    let words = "The zone 701 cannot be reached right now.";
    assert!(answer.body.contains(words) && answer.body.contains("+15875550102"), "{}", answer.body);
}
