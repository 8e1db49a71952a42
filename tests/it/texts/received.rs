//! Texts that come in, all the way: signed, stored, answered.

use crate::house::{Answer, House};
use crate::support::Database;
use crate::texts::desk::{LINE, lists, text};
use chrono::{TimeDelta, TimeZone, Utc};
use switchboard::base::Clock;

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_gets_one_reply_in_a_day_whoever_answers_him() {
    for database in Database::each().await {
        let clock = Clock::manual(Utc.with_ymd_and_hms(2026, 11, 20, 18, 0, 0).single().expect("an instant"));
        let house = House::at(clock.clone(), &database.url, &[], Some(LINE)).await;
        let first = house.post("/twilio/sms", &text("SM1", "+15875550111", "hello")).await;
        assert_eq!((first.status, first.content_type.as_str()), (200, "text/xml"));
        assert!(first.body.contains(">We call you back.</Message>"), "{}", first.body);

        let nothing = |answer: &Answer| assert!(answer.body.ends_with("<Response/>"), "{}", answer.body);
        nothing(&house.post("/twilio/sms", &text("SM2", "+15875550111", "and now?")).await);
        // Another instance on the same database, where there can be one.
        let other = House::at(clock.clone(), &database.url, &[], Some(LINE)).await;
        nothing(&other.post("/twilio/sms", &text("SM3", "+15875550111", "hello?")).await);
        let somebody = other.post("/twilio/sms", &text("SM4", "+15875550112", "hello")).await;
        assert!(somebody.body.contains("We call you back."), "{}", somebody.body);

        // Copies, also at another instance, get what was answered, and change nothing.
        for house in [&house, &other] {
            let copy = house.post("/twilio/sms", &text("SM1", "+15875550111", "hello")).await;
            assert_eq!(copy.body, first.body);
        }
        assert_eq!(database.rows("messages").await, 6);
        assert_eq!(database.rows("events where type = 'message.received'").await, 4);
        let replies = "messages where kind = 'reply' and state = 'accepted' and body = 'We call you back.'";
        assert_eq!(database.rows(replies).await, 2);
        assert_eq!(database.rows("rate_limit_rejections").await, 0, "silence is no refusal");

        clock.advance(TimeDelta::hours(25));
        let again = house.post("/twilio/sms", &text("SM5", "+15875550111", "hello again")).await;
        assert!(again.body.contains("We call you back."), "{}", again.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_move_a_text_forward_only() {
    for database in Database::each().await {
        let house = House::with(&database.url, &[], Some(LINE)).await;
        let reply = house.post("/twilio/sms", &text("SM1", "+15875550111", "hello")).await;
        let told = reply.target("statusCallback");
        let report = |word: &'static str, code: &'static str| {
            let fields = [
                ("MessageSid", "SM9"),
                ("MessageStatus", word),
                ("SmsStatus", word),
                ("From", "+15875550100"),
                ("To", "+15875550111"),
                ("ErrorCode", code),
            ];
            (told.clone(), fields)
        };
        for (word, code) in [("sent", ""), ("undelivered", "30006"), ("delivered", ""), ("queued", ""), ("sent", "")] {
            let (target, fields) = report(word, code);
            assert!(house.post(&target, &fields).await.body.ends_with("<Response/>"));
        }
        let row = "messages where kind = 'reply' and state = 'undelivered' and error_code = 30006 and message_sid = 'SM9' \
                   and body is not null";
        assert_eq!((database.rows(row).await, database.rows("messages").await), (1, 2));
        for kind in ["message.sent", "message.failed"] {
            assert_eq!(database.rows(&format!("events where type = '{kind}'")).await, 1, "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_stop_is_remembered_until_start() {
    for database in Database::each().await {
        let house = House::with(&database.url, &[], Some(LINE)).await;
        for (sid, word, out) in [("SM1", "STOP", 1), ("SM2", "hello", 1), ("SM3", "START", 0), ("SM4", "arret", 1)] {
            house.post("/twilio/sms", &text(sid, "+15875550111", word)).await;
            assert_eq!(lists(&database).await, out, "{word}");
        }
        assert_eq!(database.rows("message_opt_outs").await, 1);
    }
}
