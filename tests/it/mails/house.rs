//! The whole service: a caller leaves a message, and somebody gets a mail.

use super::letter::Part;
use super::scene::{LINKED, lines};
use super::sink::{Sink, Whim};
use crate::house::{House, call, with};
use crate::support::Database;
use std::process::Command;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_leaves_a_message_and_somebody_gets_a_mail() {
    for database in Database::each().await {
        let sink = Sink::open(false).await;
        let url = format!("smtp://{}", sink.address);
        let house = House::with(&database.url, &[("SMTP_URL", &url)], Some(&lines(LINKED, ""))).await;
        let sid = "CA00000000000000000000000000000901";
        house.post("/twilio/voice", &call(sid)).await;
        let asked = house.post("/twilio/voicemail", &with(call(sid), &[("CallStatus", "in-progress")])).await;
        let callback = asked.target("recordingStatusCallback");
        let ready = [
            ("RecordingSid", "RE00000000000000000000000000000901"),
            ("RecordingStatus", "completed"),
            ("RecordingDuration", "7"),
        ];
        house.post(&callback, &with(call(sid), &ready)).await;
        let mail = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                if let Some(taken) = sink.taken().into_iter().next() {
                    return taken;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let mail = mail.await.expect("a mail within half a minute");
        assert_eq!((mail.from.as_str(), mail.to.as_str()), ("switchboard@phone.example.com", "desk@example.com"));
        let subject = Part::of(&mail.mail).header("Subject");
        assert_eq!(subject, "Voicemail for main from +14035550111 (0:07)");
        let health: serde_json::Value = serde_json::from_str(&house.get("/health").await.body).expect("JSON");
        assert!(health["checks"].to_string().contains("mail"), "{health}");
        house.running.stop().await;
    }
}

fn test_mail(url: &str) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(["mail", "test", "--to", "you@example.com"]).current_dir(folder.path()).env_clear();
    let output = command.env("SMTP_URL", url).env("MAIL_FROM", "phone@example.com").output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_mail_goes_or_the_command_says_what_failed() {
    let sink = Sink::open(false).await;
    let url = format!("smtp://ana:hunter2@{}", sink.address);
    let run = |url: String| async { tokio::task::spawn_blocking(move || test_mail(&url)).await.expect("it ends") };
    let (sent, said) = run(url.clone()).await;
    assert!(sent && said.starts_with("the mail server has it: from phone@example.com to you@example.com"), "{said}");
    assert_eq!(Part::of(&sink.taken()[0].mail).header("Subject"), "switchboard can send mail");
    for (command, answer, told) in [
        ("AUTH", "535 5.7.8 wrong", "the mail server refuses the login: 535 5.7.8 wrong (check user and password"),
        ("MAIL", "553 not you", "the mail server refuses the sender: 553 not you (set MAIL_FROM"),
        ("RCPT", "550 nobody", "the mail server refuses the recipient: 550 nobody (the way is fine"),
    ] {
        sink.wishes(command, Whim::Says(answer), 1);
        let (sent, said) = run(url.clone()).await;
        assert!(!sent && said.starts_with(&format!("switchboard: {told}")), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let (sent, said) = run(format!("smtp://{}", Sink::closed().await)).await;
    assert!(!sent && said.starts_with("switchboard: the mail server does not answer: "), "{said}");
    let (sent, said) = run(format!("smtp://{}?tls=required", sink.address)).await;
    assert!(
        !sent && said.starts_with("switchboard: no TLS with the mail server: it does not offer STARTTLS"),
        "{said}"
    );
    let (sent, said) = run("smtp://nowhere.invalid".to_owned()).await;
    assert!(!sent && said.starts_with("switchboard: the mail server's name has no address: "), "{said}");
}
