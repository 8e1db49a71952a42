//! What a mail says. The same letter at the same time is the same mail, byte for byte.

use super::error::MailError;
use super::sound::Sound;
use crate::base::{E164, Time};
use crate::ledger::inbox::VoicemailRow;
use crate::ledger::mails::MailRow;
use chrono_tz::Tz;
use lettre::Message;
use lettre::address::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MessageBuilder, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use std::time::SystemTime;

/// What a letter is made of.
pub(super) struct Letter<'a> {
    pub mail: &'a MailRow,
    pub message: &'a VoicemailRow,
    /// CNAM.
    pub caller_name: Option<&'a str>,
    /// The line's.
    pub zone: Tz,
    /// `None` in a letter that brings only words.
    pub sound: Option<Sound>,
    /// What the caller said, if it is known and wanted.
    pub words: Option<&'a str>,
}

impl Letter<'_> {
    /// As it goes out.
    ///
    /// # Errors
    /// [`MailError::Letter`].
    pub(super) fn write(self, from: &Mailbox, to: Address, now: Time) -> Result<Message, MailError> {
        let page = self.page();
        let alternative = MultiPart::alternative()
            .boundary(boundary("alternative", &self.mail.id))
            .singlepart(SinglePart::plain(page.plain()))
            .singlepart(SinglePart::html(page.html()));
        let builder = self.head(from, to, now);
        let Some(Sound::Attached { name, audio }) = self.sound else { return Ok(builder.multipart(alternative)?) };
        let audio = Body::new_with_encoding(audio, ContentTransferEncoding::Base64).map_err(|_| MailError::Encoding)?;
        let wav = ContentType::parse("audio/wav").unwrap_or(ContentType::TEXT_PLAIN);
        let mixed = MultiPart::mixed().boundary(boundary("mixed", &self.mail.id));
        Ok(builder.multipart(mixed.multipart(alternative).singlepart(Attachment::new(name).body(audio, wav)))?)
    }

    fn head(&self, from: &Mailbox, to: Address, now: Time) -> MessageBuilder {
        let host = from.email.domain();
        let subject = self.subject();
        let first = message_id(&self.mail.voicemail_id, "voicemail", &self.mail.recipient, host);
        let builder = Message::builder().from(from.clone()).to(Mailbox::new(None, to)).date(SystemTime::from(now));
        // Nobody's holiday notice should come back for it.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let builder = builder.raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
        if self.mail.kind == "voicemail" {
            return builder.subject(subject).message_id(Some(first));
        }
        let own = message_id(&self.mail.voicemail_id, &self.mail.kind, &self.mail.recipient, host);
        builder.subject(format!("Re: {subject}")).message_id(Some(own)).in_reply_to(first.clone()).references(first)
    }

    fn subject(&self) -> String {
        let length = self.message.duration_s.map(|seconds| format!(" ({})", clock(seconds))).unwrap_or_default();
        format!("Voicemail for {} from {}{length}", self.message.line, self.caller())
    }

    /// Name and number, as far as they are known.
    fn caller(&self) -> String {
        let number = self.message.from_number.as_deref().filter(|number| E164::parse(number).is_ok());
        let name = self.caller_name.map(one_line).filter(|name| !name.is_empty());
        match (name, number) {
            (Some(name), Some(number)) => format!("{name} {number}"),
            (Some(name), None) => name,
            (None, Some(number)) => number.to_owned(),
            (None, None) => "a withheld number".to_owned(),
        }
    }

    fn page(&self) -> Page {
        let came = self.message.received_at.unwrap_or(self.message.expected_at);
        let mut facts = vec![("From", self.caller()), ("Line", self.message.line.clone())];
        if self.message.mailbox != self.message.line {
            facts.push(("Mailbox", self.message.mailbox.clone()));
        }
        facts.push(("When", when(came, self.zone)));
        facts.extend(self.message.duration_s.map(|seconds| ("Length", clock(seconds))));
        let (listen, link) = match &self.sound {
            None => (None, None),
            Some(Sound::Attached { .. }) => (Some("The message is attached.".to_owned()), None),
            Some(Sound::Link { url, until }) => {
                (Some(format!("Listen, until {}:", when(*until, self.zone))), Some(url.clone()))
            }
            Some(Sound::Elsewhere) => (Some("The message is in the inbox of the telephone system.".to_owned()), None),
        };
        Page { facts, listen, link, words: self.words.map(str::to_owned) }
    }
}

/// A mail that proves that mails arrive.
///
/// # Errors
/// [`MailError`].
pub fn test_letter(from: &Mailbox, to: Address, now: Time) -> Result<Message, MailError> {
    let builder = Message::builder().from(from.clone()).to(Mailbox::new(None, to.clone())).date(SystemTime::from(now));
    let id = message_id(&now.timestamp_millis().to_string(), "test", to.as_ref(), from.email.domain());
    let text = "This mail was asked for by `switchboard mail test`.\n\nMessages that callers leave arrive like it.\n";
    let plain = SinglePart::plain(text.to_owned());
    Ok(builder.subject("switchboard can send mail").message_id(Some(id)).singlepart(plain)?)
}

/// What a mail says, in an order; written twice, plain and as HTML.
struct Page {
    facts: Vec<(&'static str, String)>,
    listen: Option<String>,
    link: Option<String>,
    words: Option<String>,
}

impl Page {
    fn plain(&self) -> String {
        let facts =
            self.facts.iter().map(|(name, value)| format!("{:9}{value}\n", format!("{name}:"))).collect::<String>();
        let mut parts = Vec::new();
        parts.extend(self.words.as_ref().map(|words| format!("{words}\n")));
        parts.push(facts);
        let listen = self.listen.as_ref();
        parts.extend(
            listen.map(|listen| self.link.as_ref().map_or(format!("{listen}\n"), |url| format!("{listen}\n{url}\n"))),
        );
        parts.join("\n")
    }

    fn html(&self) -> String {
        let row = |(name, value): &(&str, String)| {
            format!("<tr><td style=\"padding-right:1em\">{name}</td><td>{}</td></tr>", escaped(value))
        };
        let words =
            self.words.iter().map(|words| format!("<blockquote>{}</blockquote>", escaped(words).replace('\n', "<br>")));
        let facts = self.facts.iter().map(row).collect::<String>();
        let link = |url: &String| format!("<br><a href=\"{0}\">{0}</a>", escaped(url));
        let link = self.link.as_ref().map(link).unwrap_or_default();
        let listen = self.listen.iter().map(|listen| format!("<p>{}{link}</p>", escaped(listen)));
        let body: String = words.chain([format!("<table>{facts}</table>")]).chain(listen).collect();
        format!("<!doctype html><html><body style=\"font-family:sans-serif\">{body}</body></html>\n")
    }
}

/// The same mail has the same id, however often it goes out.
fn message_id(about: &str, kind: &str, recipient: &str, host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']').replace(':', "-");
    format!("<{about}.{kind}.{}@{host}>", digest(recipient, 8))
}

/// A line that no part holds: parts are encoded, or words of callers without such a line at their beginning.
fn boundary(part: &str, id: &str) -> String {
    format!("=_{part}_{}", digest(&format!("{part}/{id}"), 12))
}

fn digest(text: &str, bytes: usize) -> String {
    Sha256::digest(text).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// `Friday, 20 November 2026, 09:12 (America/Edmonton)`
fn when(at: Time, zone: Tz) -> String {
    format!("{} ({})", at.with_timezone(&zone).format("%A, %-d %B %Y, %H:%M"), zone.name())
}

/// `0:12`
fn clock(seconds: i64) -> String {
    format!("{}:{:02}", seconds / 60, seconds.rem_euclid(60))
}

/// What others sent, on one line of a header.
fn one_line(text: &str) -> String {
    text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text inside HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().expect("a time")
    }

    fn mail(kind: &str) -> MailRow {
        let text = |text: &str| text.to_owned();
        MailRow {
            id: text("ml_1"),
            voicemail_id: text("vm_1"),
            call_sid: text("CA1"),
            line: text("main"),
            mailbox: text("main"),
            kind: text(kind),
            recipient: text("desk@example.com"),
            state: text("waiting"),
            attempts: 1,
            next_at: at("2026-11-20T16:12:30Z"),
            problem: None,
            made_at: at("2026-11-20T16:12:30Z"),
            settled_at: None,
        }
    }

    fn message() -> VoicemailRow {
        let text = |text: &str| text.to_owned();
        VoicemailRow {
            id: text("vm_1"),
            call_sid: text("CA1"),
            line: text("main"),
            mailbox: text("main"),
            from_number: Some(text("+14035550111")),
            state: text("ready"),
            recording_sid: Some(text("RE1")),
            duration_s: Some(72),
            transcript: None,
            transcript_state: None,
            expected_at: at("2026-11-20T16:11:00Z"),
            received_at: Some(at("2026-11-20T16:12:30Z")),
            read_at: None,
            deleted_at: None,
            sha256: None,
        }
    }

    fn written(mail: &MailRow, message: &VoicemailRow, sound: Option<Sound>, words: Option<&str>) -> String {
        let (zone, caller_name) = (chrono_tz::America::Edmonton, Some("Sam\r\nBcc: eve@example.com <b>"));
        let letter = Letter { mail, message, caller_name, zone, sound, words };
        let from = "Front desk <phone@example.com>".parse().expect("a sender");
        let to = mail.recipient.parse().expect("an address");
        let written = letter.write(&from, to, at("2026-11-20T16:13:00Z")).expect("a letter");
        String::from_utf8(written.formatted()).expect("text")
    }

    fn link() -> Option<Sound> {
        let until = at("2026-11-27T16:13:00Z");
        Some(Sound::Link { url: "https://phone.example.com/listen/abc".to_owned(), until })
    }

    #[test]
    fn a_letter_with_a_link() {
        insta::assert_snapshot!(
            written(&mail("voicemail"), &message(), link(), Some("Call me < back.")).replace('\r', "")
        );
    }

    #[test]
    fn words_come_in_the_same_thread() {
        let (first, second) = (
            written(&mail("voicemail"), &message(), link(), None),
            written(&mail("transcript"), &message(), None, Some("Hi.")),
        );
        let header = |text: &str, name: &str| {
            let text = text.replace("\r\n ", " ");
            text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap_or_default()
        };
        let id = header(&first, "Message-ID: ");
        assert!(id.starts_with("<vm_1.voicemail.") && id.ends_with("@example.com>"), "{id}");
        assert_eq!((header(&second, "In-Reply-To: "), header(&second, "References: ")), (id.clone(), id.clone()));
        assert_ne!(header(&second, "Message-ID: "), id);
        assert_eq!(header(&second, "Subject: "), format!("Re: {}", header(&first, "Subject: ")));
        assert!(header(&first, "Bcc: ").is_empty(), "{first}");
    }

    #[test]
    fn a_sound_is_attached_and_the_same_letter_is_the_same_mail() {
        let sound =
            || Some(Sound::Attached { name: "voicemail.wav".to_owned(), audio: vec![0x52, 0x49, 0x46, 0x46, 0, 255] });
        let once = written(&mail("voicemail"), &message(), sound(), None);
        assert_eq!(once, written(&mail("voicemail"), &message(), sound(), None));
        assert!(once.contains("Content-Type: audio/wav\r\n") && once.contains("UklGRgD/"), "{once}");
        assert!(once.contains("filename=\"voicemail.wav\""), "{once}");
    }

    #[test]
    fn a_withheld_number_is_said_so() {
        let message = VoicemailRow { from_number: Some("anonymous".to_owned()), ..message() };
        let letter = Letter {
            mail: &mail("voicemail"),
            message: &message,
            caller_name: None,
            zone: Tz::UTC,
            sound: None,
            words: None,
        };
        assert_eq!(letter.subject(), "Voicemail for main from a withheld number (1:12)");
    }
}
