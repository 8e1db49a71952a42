//! A tenant is taken away: its own number, line and account, and nothing that others depend on.

use crate::numbers_stand::{PATIENT, Stand, ana, calgary, tenant};
use crate::support::Database;
use chrono::TimeDelta;
use switchboard::config::retention::Retention;
use switchboard::numbers::{Asker, ChoiceText, State};

#[tokio::test]
async fn a_number_that_was_bought_again_stays_bound() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let room = stand.instance("one");
        let begun = room.onboard(tenant("clinic"), &ana()).await.expect("taken up");
        let set_up = stand.until(&room, &begun.transaction.id, State::Done).await;
        let number = set_up.known().number.expect("a number");
        room.release(&number, &ana()).await.expect("taken up");
        stand.settle(&room).await;
        stand.clock.advance(TimeDelta::minutes(5));
        let again = ChoiceText { number: Some(number), ..ChoiceText::default() };
        let bought = room.buy("main", &again, None, &ana()).await.expect("taken up");
        stand.until(&room, &bought.transaction.id, State::Done).await;
        room.offboard("clinic", "ana").await.expect("taken up");
        stand.until(&room, &begun.transaction.id, State::RolledBack).await;
        stand.equals_the_bill().await;
        let ours = "select count(*) from numbers where state = 'active' and line = 'main'";
        assert_eq!(stand.database.count(ours).await, 1);
    }
}

#[tokio::test]
async fn an_account_that_others_use_is_not_closed() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let room = stand.instance("one");
        let begun = room.onboard(tenant("clinic"), &ana()).await.expect("taken up");
        let set_up = stand.until(&room, &begun.transaction.id, State::Done).await;
        let account = set_up.known().account_sid.expect("an account");
        let bought = room.buy("main", &calgary(), Some(&account), &ana()).await.expect("taken up");
        let refused = room.offboard("clinic", "ana").await.expect_err("a purchase runs there").to_string();
        assert!(refused.contains("a transaction works in"), "{refused}");
        let bought = stand.until(&room, &bought.transaction.id, State::Done).await;
        let refused = room.offboard("clinic", "ana").await.expect_err("a number is there").to_string();
        assert!(refused.contains("other lines have numbers"), "{refused}");
        room.release(&bought.known().number.expect("a number"), &ana()).await.expect("taken up");
        stand.settle(&room).await;
        room.offboard("clinic", "ana").await.expect("nobody is left");
        stand.until(&room, &begun.transaction.id, State::RolledBack).await;
        stand.equals_the_bill().await;
    }
}

#[tokio::test]
async fn a_tenant_can_be_taken_away_after_years() {
    for database in Database::each().await {
        let stand = Stand::new(database, PATIENT).await;
        let room = stand.instance("one");
        let begun = room.onboard(tenant("clinic"), &ana()).await.expect("taken up");
        stand.until(&room, &begun.transaction.id, State::Done).await;
        stand.clock.advance(TimeDelta::days(4000));
        room.sweep(&Retention { transactions_days: 90, ..Retention::default() }).await.expect("swept");
        room.offboard("clinic", "ana").await.expect("taken up");
        stand.until(&room, &begun.transaction.id, State::RolledBack).await;
        stand.clock.advance(TimeDelta::days(4000));
        room.sweep(&Retention { transactions_days: 90, ..Retention::default() }).await.expect("swept");
        assert_eq!(stand.database.rows("transactions").await, 0, "nobody needs it any more");
    }
}

#[tokio::test]
async fn a_key_names_one_wish_for_a_day() {
    let stand = Stand::new(Database::sqlite(), PATIENT).await;
    let room = stand.instance("one");
    let asker = Asker { id: Some("txn_from_a_key".to_owned()), ..ana() };
    let first = room.buy("main", &calgary(), None, &asker).await.expect("taken up").transaction.id;
    stand.until(&room, &first, State::Done).await;
    assert_eq!(room.buy("main", &calgary(), None, &asker).await.expect("the same").transaction.id, first);
    let other = ChoiceText { area_code: Some("780".to_owned()), ..calgary() };
    let told = room.buy("main", &other, None, &asker).await.expect_err("another wish").to_string();
    assert!(told.contains("Idempotency-Key"), "{told}");
    stand.clock.advance(TimeDelta::hours(25));
    let second = room.buy("main", &calgary(), None, &asker).await.expect("a day later").transaction.id;
    assert_ne!(second, first);
    assert_eq!(room.buy("main", &calgary(), None, &asker).await.expect("the same").transaction.id, second);
}
