//! Whether the carrier asks where it should.

use crate::numbers_stand::{PATIENT, PUBLIC_URL, Stand, ana, tenant};
use crate::support::Database;
use switchboard::numbers::State;
use switchboard::simulator::{Fault, FaultKind};

const MAIN: &str = "+15875550199";
const IDLE: &str = "+15875550177";

#[tokio::test]
async fn drift_is_shown_then_mended_and_strangers_are_left_alone() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let room = stand.instance("one");
        let account = stand.twin.account_sid();
        let old =
            [("VoiceUrl", "https://old.example.com/twilio/voice"), ("StatusCallback", "https://old.example.com/s")];
        stand.twin.own(&account, MAIN, &old).expect("free");
        stand.twin.own(&account, IDLE, &old).expect("free");
        let look = room.sync(false).await.expect("a look");
        assert_eq!((look.drifted(), look.numbers.len(), look.idle.len()), (1, 1, 1));
        let fields: Vec<&str> = look.numbers[0].differences.iter().map(|difference| difference.field).collect();
        assert!(fields.contains(&"voice_url") && fields.contains(&"status_callback"), "{fields:?}");
        assert!(stand.twin.requests().iter().all(|request| request.method == "GET"), "a look changes nothing");
        let mended = room.sync(true).await.expect("mended");
        assert_eq!((mended.drifted(), mended.numbers[0].repaired), (0, true));
        let number = |wanted: &str| stand.twin.numbers().into_iter().find(|n| n.phone_number == wanted).expect("ours");
        assert!(number(MAIN).setting("VoiceUrl").starts_with(&format!("{PUBLIC_URL}/twilio/voice#")));
        assert_eq!(number(MAIN).setting("VoiceFallbackUrl"), format!("{PUBLIC_URL}/twilio/fallback"));
        assert_eq!(number(IDLE).setting("VoiceUrl"), "https://old.example.com/twilio/voice");
        let again = room.sync(false).await.expect("a look");
        assert_eq!((again.drifted(), again.numbers[0].differences.len()), (0, 0));
    }
}

#[tokio::test]
async fn a_tenants_number_is_looked_at_in_its_own_account_and_a_lost_one_is_told() {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    let begun = room.onboard(tenant("clinic"), &ana()).await.expect("taken up");
    let done = stand.until(&room, &begun.transaction.id, State::Done).await;
    // The loader of the world is not part of this stand: only the tables know the tenant's number.
    let look = room.sync(false).await.expect("a look");
    let number = done.known().number.expect("a number");
    let seen = look.numbers.iter().find(|seen| seen.number == number).expect("it is looked at");
    assert_eq!((seen.line.as_str(), seen.differences.len()), ("clinic", 0));
    assert_ne!(seen.account_sid, stand.twin.account_sid());
    assert!(look.idle.is_empty(), "{look:?}");
    assert_eq!(look.missing, [(MAIN.to_owned(), "main".to_owned())]);
    assert!(look.orphans.is_empty());
}

#[tokio::test]
async fn what_cannot_be_mended_says_why_and_still_counts() {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    stand.twin.own(&stand.twin.account_sid(), MAIN, &[]).expect("free");
    stand.twin.fail(Fault::always("IncomingPhoneNumbers.update", FaultKind::Status(400)));
    let look = room.sync(true).await.expect("a look");
    assert_eq!((look.drifted(), look.numbers[0].repaired), (1, false));
    assert!(look.numbers[0].error.as_deref().is_some_and(|error| error.contains("HTTP 400")), "{look:?}");
}

#[tokio::test]
async fn an_account_that_cannot_be_read_does_not_keep_the_others_from_being_mended() {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    let begun = room.onboard(tenant("clinic"), &ana()).await.expect("taken up");
    let done = stand.until(&room, &begun.transaction.id, State::Done).await;
    let account = stand.twin.account_sid();
    stand.twin.own(&account, MAIN, &[("VoiceUrl", "https://old.example.com/twilio/voice")]).expect("free");
    // The operator's own account is asked first; the second list is the tenant's.
    stand.twin.fail(Fault::nth("IncomingPhoneNumbers.list", 2, FaultKind::Status(403)));
    let look = room.sync(true).await.expect("a look");
    assert!(look.numbers.iter().any(|seen| seen.number == MAIN && seen.repaired), "{look:?}");
    let unread: Vec<_> = look.unread.iter().map(|(account_sid, _)| Some(account_sid)).collect();
    assert_eq!((unread, look.missing.len()), (vec![done.known().account_sid.as_ref()], 0));
}
