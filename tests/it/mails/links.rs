//! A link in a mail plays its message, to whoever has it, for a while.

use super::scene::{LINKED, Scene};
use crate::ops_desk::{Desk, Wishes, links};
use crate::recordings::carrier::wav;
use crate::support::Database;
use axum::http::Method;
use chrono::TimeDelta;
use switchboard::ops::Role;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_a_player_plays_and_ends() {
    for database in Database::each().await {
        let scene = Scene::set(&database, LINKED).await;
        scene.message(1).await;
        let post = scene.post("one");
        scene.round(&post).await;
        let mail = scene.taken().remove(0).leaves().remove(0).text();
        let path = mail.lines().find_map(|line| line.strip_prefix("https://phone.example.com")).expect("a link");
        let desk = Desk::with(&database.db, Wishes { shelf: scene.recordings.shelf(), ..Wishes::default() });
        let page = desk.ask(Method::GET, path, None, &[]).await;
        assert_eq!(page.status, 200);
        assert!(page.headers["content-security-policy"].to_str().expect("text").starts_with("default-src 'none'"));
        assert!(page.text().contains(&format!("src=\"{path}/audio\"")), "{}", page.text());
        let read = || async { database.count("select count(*) from voicemails where read_at is not null").await };
        assert_eq!(read().await, 0, "whoever only looks has not heard it");
        let audio = desk.ask(Method::GET, &format!("{path}/audio"), None, &[]).await;
        assert_eq!((audio.status.as_u16(), audio.body), (200, wav(2, 1).to_vec()));
        assert_eq!(read().await, 1);
        for wrong in ["/listen/AAAA", &format!("{path}A"), "/listen/%00/audio"] {
            desk.ask(Method::GET, wrong, None, &[]).await.is_problem(404, wrong);
        }
        let shown = desk.get("/api/voicemails/vm_1", Role::Operator).await.json();
        assert_eq!(shown["mails"][0]["to"], "desk@example.com");
        assert_eq!((&shown["mails"][0]["kind"], &shown["mails"][0]["state"]), (&"voicemail".into(), &"sent".into()));
        let shown = desk.get("/api/voicemails/vm_1", Role::Viewer).await.json();
        assert_eq!(shown["mails"][0]["to"], "d•••@example.com");
        let call = crate::ops_story::sid(1);
        let told = desk.get(&format!("/api/calls/{call}"), Role::Operator).await.json();
        let told =
            told["timeline"].as_array().expect("a timeline").iter().any(|entry| {
                entry["kind"] == "mail" && entry["decision"] == "a message by mail to desk@example.com: sent"
            });
        assert!(told, "{}", desk.get(&format!("/api/calls/{call}"), Role::Operator).await.text());
        desk.clock.advance(TimeDelta::days(7));
        desk.ask(Method::GET, path, None, &[]).await.is_problem(404, path);
        let now = desk.clock.now();
        let fresh = links().url("vm_1", now + TimeDelta::days(1)).expect("a link");
        let fresh = fresh.strip_prefix("https://phone.example.com").expect("ours");
        assert_eq!(desk.ask(Method::GET, fresh, None, &[]).await.status, 200);
        switchboard::ledger::inbox::delete(&database.db, "vm_1", "ana", now).await.expect("deleted");
        desk.ask(Method::GET, fresh, None, &[]).await.is_problem(404, fresh);
        scene.end().await;
    }
}
