//! The whole house with a pretend carrier, and with its database away.

use crate::house::{House, PUBLIC_URL};
use crate::paging_place::until;
use crate::support::Database;
use crate::texts::desk::{LINE, text};
use chrono::{TimeDelta, TimeZone, Utc};
use switchboard::base::{Clock, Secret};
use switchboard::simulator::{Script, Target, Twin, TwinOptions};

const ACCOUNT: &str = "AC00000000000000000000000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_writes_calls_and_is_written_to() {
    for database in Database::each().await {
        let way = Target::new("http://127.0.0.1:9", Some(PUBLIC_URL)).expect("a target");
        let token = Some(Secret::new(crate::house::TOKEN));
        let options = TwinOptions {
            account_sid: Some(ACCOUNT.to_owned()),
            token,
            routes: vec![way.clone()],
            ..TwinOptions::default()
        };
        let twin = Twin::start(options).await.expect("a pretend carrier");
        let url = |route: &str| format!("{PUBLIC_URL}/twilio/{route}");
        let settings = [("SmsUrl", url("sms")), ("VoiceUrl", url("voice")), ("StatusCallback", url("status"))];
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        twin.own(ACCOUNT, "+15875550100", &settings).expect("a number");
        let clock = Clock::manual(Utc.with_ymd_and_hms(2026, 11, 20, 18, 0, 0).single().expect("an instant"));
        let file = format!("{LINE}missed = \"Sorry we missed you.\"\n");
        let base = twin.base_url();
        let house =
            House::at(clock.clone(), &database.url, &[("TWILIO_API_BASE_URL", base.as_str())], Some(&file)).await;
        way.moves(0, &house.base()).expect("moved");

        let report = twin.text("+15875550111", "+15875550100", "hello", Vec::new()).await.expect("delivered");
        assert!(report.went_through() && report.warnings.is_empty(), "{report:?}");
        assert_eq!(report.replies.iter().map(|reply| reply.body.as_str()).collect::<Vec<_>>(), ["We call you back."]);
        assert_eq!(database.rows("messages where kind = 'reply' and state = 'delivered'").await, 1);

        let script = Script { hang_up_after: std::time::Duration::from_secs(2), ..Script::default() };
        let call = twin.call("+15875550112", "+15875550100", script).await.expect("a call");
        assert!(call.went_through, "{:?}", call.errors);
        assert_eq!(database.rows("messages where kind = 'missed-call' and state = 'queued'").await, 1);
        clock.advance(TimeDelta::seconds(61));
        let arrived = "messages where kind = 'missed-call' and state = 'delivered' and message_sid is not null";
        until("the text has arrived", async || database.rows(arrived).await == 1).await;
        let sent = twin.messages().into_iter().filter(|message| message.direction == "outbound-api");
        assert_eq!(sent.map(|message| message.body).collect::<Vec<_>>(), ["Sorry we missed you."]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_comes_while_the_database_is_away_is_kept_and_gets_no_reply() {
    let database = Database::sqlite();
    let path = database.url.strip_prefix("sqlite://").expect("a path").to_owned();
    std::fs::create_dir(&path).expect("a folder in the way");
    let house = House::with(&database.url, &[], Some(LINE)).await;
    for _ in 0..2 {
        let answer = house.post("/twilio/sms", &text("SM1", "+15875550111", "hello")).await;
        assert!(answer.body.ends_with("<Response/>"), "{}", answer.body);
    }
    house.post("/twilio/sms", &text("SM2", "+15875550111", "STOP")).await;
    std::fs::remove_dir(&path).expect("the way is free");
    let is_well = async || {
        let health = house.get("/health").await.body;
        health.contains("\"status\":\"healthy\"") && health.contains("the database answers\"")
    };
    until("the house is well", is_well).await;
    let copy = house.post("/twilio/sms", &text("SM1", "+15875550111", "hello")).await;
    assert!(copy.body.ends_with("<Response/>"), "{}", copy.body);
    assert_eq!((database.rows("messages").await, database.rows("message_opt_outs").await), (2, 1));
    assert_eq!(database.rows("events where type = 'message.received'").await, 2);
}
