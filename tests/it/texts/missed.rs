//! Callers who reached nobody are sent a text, once.

use super::stand::{OURS, Stand, THEIRS};
use crate::ledger::instance;
use chrono::TimeDelta;
use switchboard::gate::Route;

const MINUTE: TimeDelta = TimeDelta::seconds(61);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_reached_nobody_is_sent_one_text_however_often_he_calls() {
    for stand in Stand::each().await {
        let other = instance(&stand.database, 2).await;
        stand.call("CA1", THEIRS, "ringing").await;
        let fields =
            [("CallSid", "CA1"), ("From", THEIRS), ("To", OURS), ("Direction", "inbound"), ("CallStatus", "completed")];
        // Its end is told to two instances at once, and once more with another word.
        let told = [&stand.ledger, &other].map(|ledger| stand.webhook(ledger, Route::Status, "", &fields));
        futures_util::future::join_all(told).await;
        stand.call("CA1", THEIRS, "no-answer").await;
        assert_eq!(stand.database.rows("messages").await, 1);

        let (a, b) = (stand.room("a"), stand.room("b"));
        assert_eq!(stand.work(&a).await, 0, "a message may still be told of");
        stand.missed("CA2", THEIRS).await;
        stand.clock.advance(MINUTE);
        tokio::join!(stand.work(&a), stand.work(&b));
        let sent = stand.twin.messages();
        assert_eq!((sent.len(), sent[0].to.as_str(), sent[0].body.as_str()), (1, THEIRS, "Sorry we missed you."));
        assert_eq!(stand.database.rows("messages where kind = 'missed-call' and call_sid is not null").await, 1);

        stand.clock.advance(TimeDelta::hours(20));
        stand.missed("CA3", THEIRS).await;
        stand.missed("CA4", "+15875550112").await;
        stand.clock.advance(MINUTE);
        stand.work(&a).await;
        assert_eq!(stand.twin.messages().len(), 2, "another caller only");
        stand.clock.advance(TimeDelta::hours(5));
        stand.missed("CA5", THEIRS).await;
        stand.clock.advance(MINUTE);
        stand.work(&a).await;
        assert_eq!(stand.twin.messages().len(), 3);
        other.close().await;
        stand.ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_served_or_cannot_be_written_to_is_sent_nothing() {
    for stand in Stand::each().await {
        let room = stand.room("a");
        // A message was left: told of after the end.
        stand.call("CA1", "+15875550121", "ringing").await;
        let fields = |sid| [("CallSid", sid), ("From", "+15875550121"), ("To", OURS), ("CallStatus", "in-progress")];
        stand.webhook(&stand.ledger, Route::Voicemail, "v=1&n=2&l=desk&c=p", &fields("CA1")).await;
        stand.call("CA1", "+15875550121", "completed").await;
        let id = stand.database.text("select id from voicemails").await.expect("a message");
        let ready = [
            fields("CA1").as_slice(),
            &[("RecordingSid", "RE1"), ("RecordingStatus", "completed"), ("RecordingDuration", "7")],
        ]
        .concat();
        stand.webhook(&stand.ledger, Route::Recording, &format!("v=1&n=3&l=desk&id={id}"), &ready).await;
        // Withheld; another number of ours; whoever wants no texts.
        stand.missed("CA2", "anonymous").await;
        stand.missed("CA3", "+266696687").await;
        stand.missed("CA4", OURS).await;
        stand.missed("CA5", "+15875550122").await;
        let stop = [("MessageSid", "SM1"), ("From", "+15875550122"), ("To", OURS), ("Body", "STOP")];
        stand.webhook(&stand.ledger, Route::Sms, "", &stop).await;
        // A person answered.
        stand.call("CA6", "+15875550123", "ringing").await;
        let leg = [
            ("CallSid", "CA61"),
            ("ParentCallSid", "CA6"),
            ("CallStatus", "in-progress"),
            ("Direction", "outbound-dial"),
        ];
        stand.webhook(&stand.ledger, Route::Status, "v=1&n=2&l=desk", &leg).await;
        stand.call("CA6", "+15875550123", "completed").await;
        // Called again, and is on the line.
        stand.missed("CA7", "+15875550124").await;
        stand.call("CA8", "+15875550124", "ringing").await;
        stand.clock.advance(MINUTE);
        stand.work(&room).await;
        assert_eq!(stand.twin.messages(), []);
        assert_eq!(stand.database.rows("messages where kind = 'missed-call'").await, 0);

        // Too late to be sorry.
        stand.missed("CA9", "+15875550125").await;
        stand.clock.advance(TimeDelta::hours(3));
        stand.work(&room).await;
        assert_eq!(
            (stand.twin.messages(), stand.database.rows("messages where kind = 'missed-call'").await),
            (vec![], 0)
        );
        stand.ledger.close().await;
    }
}
