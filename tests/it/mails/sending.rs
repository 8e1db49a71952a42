//! What goes right: one mail a message and recipient, with its sound and its words, at a good time.

use super::letter::Part;
use super::scene::{DESK, LINKED, Scene, lines, state};
use crate::recordings::carrier::wav;
use crate::support::Database;
use chrono::TimeDelta;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_out_with_its_sound_and_its_words_follow_in_the_same_thread() {
    for database in Database::each().await {
        let scene = Scene::set(&database, DESK).await;
        let post = scene.post("one");
        scene.message(1).await;
        scene.round(&post).await;
        scene.words(1, "please call me back").await;
        scene.round(&post).await;
        scene.round(&post).await;
        let taken = scene.sink.taken();
        assert_eq!(taken.len(), 2, "{}", database.url);
        assert_eq!((taken[0].from.as_str(), taken[0].to.as_str()), ("phone@example.com", "desk@example.com"));
        let [first, second] = <[Part; 2]>::try_from(scene.taken()).ok().expect("two mails");
        assert_eq!(first.header("Subject"), "Voicemail for main from SAM SMITH +14035550111 (0:02)");
        assert_eq!(first.header("From"), "Telephone <phone@example.com>");
        assert_eq!(first.header("Auto-Submitted"), "auto-generated");
        assert_eq!(first.header("Date"), "Fri, 20 Nov 2026 12:00:00 +0000");
        let id = first.header("Message-ID");
        assert_eq!((second.header("In-Reply-To"), second.header("References")), (id.clone(), id));
        assert_eq!(second.header("Subject"), format!("Re: {}", first.header("Subject")));
        let parts = first.leaves();
        assert_eq!(parts.len(), 3);
        assert!(parts[0].text().contains("From:    SAM SMITH +14035550111\n"), "{}", parts[0].text());
        assert!(parts[1].header("Content-Type").starts_with("text/html") && parts[1].text().contains("SAM SMITH"));
        assert_eq!(parts[2].bytes(), wav(2, 1), "byte for byte");
        assert!(parts[2].header("Content-Disposition").contains("voicemail-main-"));
        assert!(second.leaves()[0].text().starts_with("please call me back\n"));
        let sent = |kind| state("desk@example.com", kind, "sent");
        assert_eq!(scene.states(1).await, [sent("voicemail"), sent("transcript")]);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_are_there_already_go_with_the_message() {
    for database in Database::each().await {
        let scene = Scene::set(&database, DESK).await;
        scene.message(1).await;
        scene.words(1, "please call me back").await;
        let post = scene.post("one");
        scene.round(&post).await;
        assert_eq!(scene.sink.taken().len(), 1);
        let [mail] = <[Part; 1]>::try_from(scene.taken()).ok().expect("one mail");
        assert!(mail.leaves()[0].text().starts_with("please call me back\n"));
        let states =
            [state("desk@example.com", "voicemail", "sent"), state("desk@example.com", "transcript", "included")];
        assert_eq!(scene.states(1).await, states);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_wants_no_words_sends_none() {
    for database in Database::each().await {
        let scene = Scene::set(&database, "{ to = [\"desk@example.com\"], transcript = false }").await;
        let post = scene.post("one");
        scene.message(1).await;
        scene.words(1, "a secret").await;
        scene.round(&post).await;
        let taken = scene.sink.taken();
        assert!(taken.len() == 1 && !taken[0].mail.contains("a secret"), "{taken:?}");
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_send_each_mail_once() {
    for database in Database::each().await {
        let scene = Scene::set(&database, "[\"desk@example.com\", \"ana@example.com\"]").await;
        for call in 1..=6 {
            scene.message(call * 2 - 1).await;
        }
        let (one, other) = (scene.post("one"), scene.post("other"));
        tokio::join!(scene.round(&one), scene.round(&other));
        let mut ids: Vec<String> = scene.taken().iter().map(|mail| mail.header("Message-ID")).collect();
        assert_eq!(ids.len(), 12, "{}", database.url);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_two_lines_share_has_the_recipients_of_either() {
    for database in Database::each().await {
        let scene = Scene::of(&database, lines("", DESK)).await;
        let post = scene.post("one");
        for call in [1, 2] {
            scene.message(call).await;
        }
        scene.round(&post).await;
        assert_eq!(scene.sink.taken().len(), 2);
        scene.end().await;
        let empty = lines("[]", DESK);
        assert!(empty.contains("mail = []"), "a line may say: nobody");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_wait_for_the_end_of_quiet_time() {
    for database in Database::each().await {
        // It is five in the morning in Edmonton.
        let scene = Scene::set(&database, "{ to = [\"desk@example.com\"], quiet = [\"22:00-07:00\"] }").await;
        let post = scene.post("one");
        scene.message(1).await;
        scene.round(&post).await;
        scene.later(TimeDelta::minutes(119));
        scene.round(&post).await;
        let waiting = scene.mails(1).await.remove(0);
        assert_eq!(
            (scene.sink.connections(), waiting.attempts, waiting.problem.as_deref()),
            (0, 0, Some("quiet time"))
        );
        scene.later(TimeDelta::minutes(1));
        scene.round(&post).await;
        assert_eq!(scene.sink.taken().len(), 1);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_is_waited_for_a_while_and_then_a_link_goes() {
    for database in Database::each().await {
        let scene = Scene::set(&database, DESK).await;
        let post = scene.post("one");
        // Told of, and not copied.
        scene.recordings.message(1, 2).await;
        scene.number().await;
        scene.round(&post).await;
        assert_eq!(scene.sink.taken().len(), 0);
        scene.later(TimeDelta::minutes(4));
        scene.round(&post).await;
        let [mail] = <[Part; 1]>::try_from(scene.taken()).ok().expect("one mail");
        let parts = mail.leaves();
        assert_eq!(parts.len(), 2);
        let text = parts[0].text();
        assert!(text.contains("Listen, until Friday, 27 November 2026, 05:04 (America/Edmonton):\n"), "{text}");
        assert!(text.contains("\nhttps://phone.example.com/listen/"), "{text}");
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_too_large_for_the_server_goes_as_a_link() {
    for database in Database::each().await {
        let scene = Scene::set(&database, DESK).await;
        let post = scene.post("one");
        scene.message(1).await;
        scene.sink.wishes(".", super::sink::Whim::Says("552 5.3.4 too big"), 1);
        scene.round(&post).await;
        let [mail] = <[Part; 1]>::try_from(scene.taken()).ok().expect("one mail");
        assert_eq!(mail.leaves().len(), 2);
        assert_eq!(scene.mails(1).await[0].attempts, 1);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_of_a_message_that_is_deleted() {
    for database in Database::each().await {
        let scene = Scene::set(&database, LINKED).await;
        let post = scene.post("one");
        scene.message(1).await;
        while post.collect().await.expect("collected") > 0 {}
        let now = scene.recordings.clock.now();
        switchboard::ledger::inbox::delete(&database.db, "vm_1", "ana", now).await.expect("deleted");
        scene.round(&post).await;
        assert_eq!(
            (scene.sink.connections(), scene.states(1).await),
            (0, vec![state("desk@example.com", "voicemail", "dropped")])
        );
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_nothing_is_made_and_later_only_young_messages_go() {
    for database in Database::each().await {
        let scene = Scene::set(&database, LINKED).await;
        scene.message(1).await;
        assert_eq!(database.rows("mails").await, 0);
        scene.later(TimeDelta::days(4));
        let post = scene.post("one");
        scene.round(&post).await;
        assert_eq!((scene.sink.connections(), database.rows("mails").await), (0, 0), "four days old");
        scene.end().await;
    }
}
