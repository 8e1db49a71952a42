//! A database with messages, whoever sends them by mail, and the mail server that they go to.

use super::letter::Part;
use super::sink::Sink;
use crate::ops_desk::{links, noon};
use crate::recordings::scene::{HOW, Scene as Recordings, message};
use crate::support::Database;
use chrono::TimeDelta;
use std::net::SocketAddr;
use std::sync::Arc;
use switchboard::base::Meters;
use switchboard::config::{FixedSource, load};
use switchboard::ledger::mails::{MailRow, mails_of_voicemail};
use switchboard::ledger::{Relay, VoicemailChange, VoicemailState};
use switchboard::mail::{Courier, Parts, Post};
use switchboard::world::{World, Worlds};

/// Lines of the story: calls with an odd number come to `main`, the others to `shop`.
pub(crate) fn lines(main: &str, shop: &str) -> String {
    let line = |name: &str, number: &str, mailbox: &str, mail: &str| {
        let mail = if mail.is_empty() { String::new() } else { format!("mail = {mail}\n") };
        format!(
            "[[lines]]\nname = \"{name}\"\nnumbers = [\"{number}\"]\ntimezone = \"America/Edmonton\"\n\
             [lines.voicemail]\nmailbox = \"{mailbox}\"\n{mail}\n"
        )
    };
    format!("{}{}", line("main", "+15875550100", "desk", main), line("shop", "+15875550101", "desk", shop))
}

pub(crate) const DESK: &str = "[\"desk@example.com\"]";
pub(crate) const LINKED: &str = "{ to = [\"desk@example.com\"], attach = false }";

pub(crate) struct Scene<'d> {
    pub(crate) recordings: Recordings<'d>,
    pub(crate) sink: Sink,
    file: String,
    relay: tokio::sync::Mutex<Relay>,
}

impl<'d> Scene<'d> {
    pub(crate) async fn set(database: &'d Database, main: &str) -> Self {
        Self::of(database, lines(main, "")).await
    }

    pub(crate) async fn of(database: &'d Database, file: String) -> Self {
        let recordings = Recordings::set(database).await;
        let relay = Relay::new(database.db.clone(), "relay".into(), Arc::new(Meters::silent()));
        Self { recordings, sink: Sink::open(false).await, file, relay: relay.into() }
    }

    /// Whoever sends mails, as an instance of its own would have it.
    pub(crate) fn post(&self, holder: &str) -> Post {
        self.post_to(holder, &format!("smtp://{}", self.sink.address))
    }

    pub(crate) fn post_at(&self, holder: &str, address: SocketAddr) -> Post {
        self.post_to(holder, &format!("smtp://{address}"))
    }

    pub(crate) fn post_to(&self, holder: &str, url: &str) -> Post {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let source = FixedSource::new([("SMTP_URL", url), ("MAIL_FROM", "Telephone <phone@example.com>")]);
        let loaded = load(&source, Some(("s.toml", &self.file))).expect("a good file");
        let mail = loaded.settings.mail.clone();
        Post::new(Parts {
            db: self.recordings.database.db.clone(),
            worlds: Worlds::new(World::new("https://phone.example.com", loaded.lines)),
            shelf: self.recordings.shelf(),
            links: links(),
            from: mail.sender("https://phone.example.com"),
            courier: mail.server.map(|server| Courier::new(server, Some("phone.example.com"))),
            clock: self.recordings.clock.clone(),
            holder: holder.into(),
            meters: Arc::new(Meters::silent()),
        })
    }

    /// Events get their numbers.
    pub(crate) async fn number(&self) {
        let mut relay = self.relay.lock().await;
        for _ in 0..50 {
            relay.step(noon()).await.expect("numbered");
        }
    }

    /// A message that is copied and told of.
    pub(crate) async fn message(&self, call: u32) {
        self.recordings.message(call, 2).await;
        self.recordings.recorder("recorder").round(&HOW).await.expect("a round");
        self.number().await;
    }

    /// The words of a message.
    pub(crate) async fn words(&self, call: u32, words: &str) {
        let mut unit = self.recordings.story.webhook(call, 60, "transcription");
        unit.facts.voicemail(VoicemailChange {
            transcript: Some(words.to_owned()),
            transcript_state: Some("completed"),
            ..message(call, VoicemailState::Expected)
        });
        self.recordings.story.tell(unit).await;
        self.number().await;
    }

    /// One round of everything.
    pub(crate) async fn round(&self, post: &Post) {
        while post.collect().await.expect("collected") > 0 {}
        while post.deliver_due().await.expect("delivered") > 0 {}
        post.tidy().await.expect("tidied");
    }

    pub(crate) async fn mails(&self, call: u32) -> Vec<MailRow> {
        mails_of_voicemail(&self.recordings.database.db, &format!("vm_{call}")).await.expect("read")
    }

    /// Recipient, kind and state of each mail about a message.
    pub(crate) async fn states(&self, call: u32) -> Vec<(String, String, String)> {
        self.mails(call).await.into_iter().map(|mail| (mail.recipient, mail.kind, mail.state)).collect()
    }

    pub(crate) fn later(&self, by: TimeDelta) {
        self.recordings.later(by);
    }

    /// What the mail server has, taken apart.
    pub(crate) fn taken(&self) -> Vec<Part> {
        self.sink.taken().iter().map(|taken| Part::of(&taken.mail)).collect()
    }

    pub(crate) async fn end(self) {
        self.recordings.end().await;
    }
}

/// One row of [`Scene::states`].
pub(crate) fn state(to: &str, kind: &str, state: &str) -> (String, String, String) {
    (to.to_owned(), kind.to_owned(), state.to_owned())
}
