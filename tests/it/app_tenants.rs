//! Lines and numbers that come at run time: taken within seconds, kept for a start without the database.

use crate::house::{House, TOKEN, call, with};
use crate::support::Database;
use sqlx::AssertSqlSafe;
use switchboard::base::{Seal, SealedPlace, Secret};
use switchboard::db::Db;

/// A shop is onboarded, and the number +15875550120 leads to it.
async fn onboard(database: &Database) {
    const LINE: &str = "insert into lines (name, definition, created_at, updated_at) values ('shop', \
        '[[lines]]\nname = \"shop\"\nnumbers = []\ngreeting = \"The corner shop.\"\n', $1, $1)";
    const NUMBER: &str = "insert into numbers (phone_number, sid, account_sid, line, state, voice_url, \
        voice_fallback_url, status_callback, sms_url, transaction_id, created_at, updated_at) values ('+15875550120', \
        'PN1', 'AC1', 'shop', 'active', '', '', '', '', 'txn_1', $1, $1)";
    let now = chrono::Utc::now();
    for sql in [LINE, NUMBER] {
        match &database.db {
            Db::Sqlite(engine) => sqlx::query(sql).bind(now).execute(&engine.write).await.map(drop),
            Db::Postgres(engine) => sqlx::query(sql).bind(now).execute(&engine.rest).await.map(drop),
        }
        .expect("a row");
    }
}

async fn greeting(house: &House, sid: &str) -> String {
    house.post("/twilio/voice", &with(call(sid), &[("To", "+15875550120")])).await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_the_database_answers_its_number() {
    for database in Database::each().await {
        database.db.migrate().await.expect("a schema");
        onboard(&database).await;
        let house = House::open(&database).await;
        let said = greeting(&house, "CA1").await;
        assert!(said.contains("The corner shop."), "{said}");
        let file = house.post("/twilio/voice", &call("CA2")).await.body;
        assert!(!file.contains("The corner shop."), "{file}");
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_the_house_runs_is_taken() {
    for database in Database::each().await {
        let house = House::open(&database).await;
        assert!(!greeting(&house, "CA0").await.contains("The corner shop."));
        onboard(&database).await;
        let mut taken = false;
        for ask in 1..200 {
            taken = greeting(&house, &format!("CA{ask}")).await.contains("The corner shop.");
            if taken {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(taken, "within ten seconds");
        house.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_database_knows_the_last_lines() {
    let database = Database::sqlite();
    database.db.migrate().await.expect("a schema");
    onboard(&database).await;
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().to_string_lossy().into_owned();
    House::with(&database.url, &[("DATA_DIR", &folder)], None).await.running.stop().await;
    // Nobody listens on port 1.
    let away = "postgres://nobody@127.0.0.1:1/nothing";
    let house = House::with(away, &[("DATA_DIR", &folder)], None).await;
    let said = greeting(&house, "CA1").await;
    assert!(said.contains("The corner shop."), "{said}");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sub_account_signs_its_own_webhooks_and_nobody_elses() {
    const SUB: &str = "AC00000000000000000000000000000002";
    const KEY: &str = "a-data-key-of-enough-characters";
    for database in Database::each().await {
        database.db.migrate().await.expect("a schema");
        let place = SealedPlace { table: "subaccounts", column: "sealed_token", row: SUB };
        let seal = Seal::new(Some(&Secret::new(KEY))).expect("a long key");
        let sealed = seal.close(place, &Secret::new("token-of-the-tenant")).expect("sealed");
        let sql = format!(
            "insert into subaccounts (sid, friendly_name, sealed_token, state, transaction_id, created_at, updated_at) \
             values ('{SUB}', 'shop', '{sealed}', 'active', 'txn_1', $1, $1)"
        );
        let (now, sql) = (chrono::Utc::now(), AssertSqlSafe(sql));
        match &database.db {
            Db::Sqlite(engine) => sqlx::query(sql).bind(now).execute(&engine.write).await.map(drop),
            Db::Postgres(engine) => sqlx::query(sql).bind(now).execute(&engine.rest).await.map(drop),
        }
        .expect("a row");
        let house = House::with(&database.url, &[("DATA_KEY", KEY)], None).await;
        let theirs = with(call("CA1"), &[("AccountSid", SUB)]);
        let status =
            async |token, fields: &[(&str, &str)]| house.post_signed_with(token, "/twilio/voice", fields).await.status;
        assert_eq!(status("token-of-the-tenant", &theirs).await, 200);
        assert_eq!(status(TOKEN, &theirs).await, 200, "the operator acts for his tenants");
        assert_eq!(status("token-of-the-tenant", &call("CA2")).await, 403, "not for the operator's own account");
        assert_eq!(status("another-token", &theirs).await, 403);
        house.running.stop().await;
        let without_key = House::with(&database.url, &[], None).await;
        assert_eq!(without_key.post_signed_with("token-of-the-tenant", "/twilio/voice", &theirs).await.status, 403);
        without_key.running.stop().await;
    }
}
