//! What goes wrong: refusals, servers that are away or die, logins, certificates; and nothing is lost or sent twice without a
//! word of it.

use super::letter::Part;
use super::scene::{LINKED, Scene, state};
use super::sink::{Sink, Whim};
use crate::support::Database;
use chrono::TimeDelta;
use switchboard::mail::{Post, Standing};

fn standing(post: &Post) -> Standing {
    post.watch().expect("a mail server").standing()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_off_is_tried_again_and_what_is_refused_is_written_down() {
    for database in Database::each().await {
        let scene = Scene::set(&database, LINKED).await;
        let post = scene.post("one");
        scene.message(1).await;
        scene.sink.wishes("RCPT", Whim::Says("450 4.7.1 <desk@example.com>: greylisted"), 2);
        scene.round(&post).await;
        let mail = scene.mails(1).await.remove(0);
        assert_eq!((mail.state.as_str(), mail.attempts), ("waiting", 1));
        let problem = mail.problem.expect("a problem");
        assert_eq!(problem, "the mail server refuses the recipient: 450 4.7.1 <d•••@example.com>: greylisted");
        for seconds in [40, 80] {
            scene.later(TimeDelta::seconds(seconds));
            scene.round(&post).await;
        }
        assert_eq!((scene.sink.taken().len(), scene.mails(1).await[0].attempts), (1, 3));
        // For good, with words that wait behind it.
        scene.message(3).await;
        while post.collect().await.expect("collected") > 0 {}
        scene.words(3, "hello").await;
        scene.sink.wishes("RCPT", Whim::Says("550 5.1.1 no such user"), 1);
        let words = post.collect().await.expect("collected");
        assert_eq!(words, 1);
        scene.round(&post).await;
        let ended = |kind, word| state("desk@example.com", kind, word);
        assert_eq!(scene.states(3).await, [ended("voicemail", "refused"), ended("transcript", "dropped")]);
        assert_eq!(scene.sink.taken().len(), 1);
        let error = database.text("select message from errors where kind = 'mail.refused'").await.expect("an error");
        assert_eq!(error, "voicemail of vm_3: the mail server refuses the recipient: 550 5.1.1 no such user");
        assert_eq!((standing(&post).sent, standing(&post).lost, standing(&post).failing), (1, 1, None));
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_after_it_took_a_mail_gets_it_again_with_the_same_id() {
    for database in Database::each().await {
        let scene = Scene::set(&database, LINKED).await;
        let post = scene.post("one");
        scene.message(1).await;
        scene.sink.wishes(".", Whim::Dies, 1);
        scene.round(&post).await;
        scene.later(TimeDelta::minutes(1));
        scene.round(&post).await;
        let [first, second] = <[Part; 2]>::try_from(scene.taken()).ok().expect("two mails");
        assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
        assert_eq!(scene.states(1).await, [state("desk@example.com", "voicemail", "sent")]);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_with_a_mail_in_its_hands_leaves_it_to_another() {
    for database in Database::each().await {
        let scene = Scene::set(&database, LINKED).await;
        scene.message(1).await;
        let (dead, other) = (scene.post("dead"), scene.post("other"));
        while dead.collect().await.expect("collected") > 0 {}
        let (now, id) = (scene.recordings.clock.now(), scene.mails(1).await.remove(0).id);
        let until = now + TimeDelta::minutes(15);
        let claimed = switchboard::ledger::mails::claim(&database.db, &id, "dead", now, until).await;
        assert!(claimed.expect("claimed").is_some());
        scene.round(&other).await;
        assert_eq!(scene.sink.connections(), 0, "it is somebody else's");
        scene.later(TimeDelta::minutes(15));
        scene.round(&other).await;
        assert_eq!(scene.sink.taken().len(), 1);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_server_is_away_everything_waits_and_after_days_it_is_given_up() {
    for database in Database::each().await {
        let scene = Scene::set(&database, LINKED).await;
        let away = scene.post_at("one", Sink::closed().await);
        for call in [1, 3, 5] {
            scene.message(call).await;
        }
        scene.round(&away).await;
        let failing = standing(&away).failing.expect("it fails");
        assert_eq!((failing.stage, failing.times), ("the mail server does not answer", 1));
        scene.round(&away).await;
        assert_eq!(standing(&away).failing.expect("it fails").times, 1, "nothing is tried meanwhile");
        // Back within three days: all of them go.
        scene.later(TimeDelta::days(2));
        let post = scene.post("one");
        scene.round(&post).await;
        assert_eq!(scene.sink.taken().len(), 3);
        scene.message(7).await;
        while away.collect().await.expect("collected") > 0 {}
        scene.later(TimeDelta::days(3) + TimeDelta::minutes(1));
        away.tidy().await.expect("tidied");
        assert_eq!(scene.states(7).await, [state("desk@example.com", "voicemail", "expired")]);
        assert_eq!(database.count("select count(*) from errors where kind = 'mail.expired'").await, 1);
        scene.later(TimeDelta::days(91));
        away.tidy().await.expect("tidied");
        assert_eq!(database.rows("mails").await, 0);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_is_ours_to_mend_and_no_mail_is_given_up_for_it() {
    let database = Database::sqlite();
    let scene = Scene::set(&database, LINKED).await;
    let url = format!("smtp://ana:hunter2@{}?tls=none", scene.sink.address);
    let post = scene.post_to("one", &url);
    scene.message(1).await;
    scene.sink.wishes("AUTH", Whim::Says("535 5.7.8 no"), 1);
    scene.round(&post).await;
    assert_eq!(standing(&post).failing.expect("it fails").stage, "the mail server refuses the login");
    assert_eq!(scene.states(1).await, [state("desk@example.com", "voicemail", "waiting")]);
    scene.later(TimeDelta::minutes(1));
    scene.round(&post).await;
    let taken = scene.sink.taken();
    // NUL, the user, NUL, the password.
    assert_eq!(taken[0].login.as_deref(), Some("AUTH PLAIN AGFuYQBodW50ZXIy"));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_nobody_known_is_taken_only_where_tls_is_not_insisted_on() {
    let database = Database::sqlite();
    let scene = Scene::set(&database, LINKED).await;
    let sink = Sink::open(true).await;
    scene.message(1).await;
    let strict = scene.post_to("one", &format!("smtp://{}?tls=required", sink.address));
    scene.round(&strict).await;
    assert_eq!(standing(&strict).failing.expect("it fails").stage, "no TLS with the mail server");
    scene.later(TimeDelta::minutes(1));
    let lenient = scene.post_to("one", &format!("smtp://{}", sink.address));
    scene.round(&lenient).await;
    assert!(sink.taken()[0].protected);
    // A server without STARTTLS, where it is insisted on.
    scene.message(3).await;
    let strict = scene.post_to("one", &format!("smtp://{}?tls=required", scene.sink.address));
    scene.round(&strict).await;
    assert!(scene.mails(3).await[0].problem.as_ref().is_some_and(|problem| problem.contains("STARTTLS")));
    scene.end().await;
}
