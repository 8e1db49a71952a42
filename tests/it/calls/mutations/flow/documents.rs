//! Documents that the carrier would not follow, or would follow elsewhere.

use super::flaw::*;

/// Everything that ends at `"`, left out behind each `from`.
fn without(text: &str, from: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| told + part.split_once('"').map_or("", |(_, rest)| rest))
}

pub(super) const DOCUMENTS: &[Mutation] = &[
    Mutation {
        what: "a message that nobody is told of",
        base: "builtin",
        flaw: |world, hook| {
            let records = |text: &str| text.contains("<Record");
            retold(
                world,
                hook,
                |text| if records(&text) { without(&text, " recordingStatusCallback=\"") } else { text },
            )
        },
        rule: Rule::RecordingUntold,
        says: "<Record> has no status callback",
        at: (&[COMES, "key 9"], Some("menus.main.keys.9")),
    },
    Mutation {
        what: "a recorded conversation that nobody is told of",
        base: "lawyer",
        flaw: |world, hook| {
            let records = |text: &str| text.contains("<Dial");
            retold(
                world,
                hook,
                |text| if records(&text) { without(&text, " recordingStatusCallback=\"") } else { text },
            )
        },
        rule: Rule::RecordingUntold,
        says: "<Dial record> has no status callback",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "the carrier is asked for words of a long message",
        base: "agency",
        flaw: |world, hook| retold(world, hook, |text| text.replace("maxLength=\"90\"", "maxLength=\"180\"")),
        rule: Rule::CarrierTranscription,
        says: "messages of up to 180 s go to the carrier's transcription",
        at: (&[COMES, "key 9"], Some("menus.reception.keys.9")),
    },
    Mutation {
        what: "a way on at somebody else's",
        base: "builtin",
        flaw: |world, hook| {
            retold(world, hook, |text| {
                text.replace("https://phone.example.com/twilio/dtmf", "https://elsewhere.example/twilio/dtmf")
            })
        },
        rule: Rule::UnknownRoute,
        says: "the action URL `https://elsewhere.example/twilio/dtmf",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a way on without its host",
        base: "builtin",
        flaw: |world, hook| {
            retold(world, hook, |text| text.replace("https://phone.example.com/twilio/dial", "/twilio/dial"))
        },
        rule: Rule::UnknownRoute,
        says: "the action URL `/twilio/dial",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a way on that we do not have",
        base: "builtin",
        flaw: |world, hook| retold(world, hook, |text| text.replace("/twilio/voicemail", "/twilio/mailbox")),
        rule: Rule::UnknownRoute,
        says: "the redirect URL `https://phone.example.com/twilio/mailbox",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a way on that everybody can listen to",
        base: "builtin",
        flaw: |world, hook| retold(world, hook, |text| text.replace("\"https://phone", "\"http://phone")),
        rule: Rule::UnknownRoute,
        says: "the action URL `http://phone.example.com",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "reports of a phone that go elsewhere",
        base: "agency",
        flaw: |world, hook| {
            retold(world, hook, |text| {
                text.replace(
                    "statusCallback=\"https://phone.example.com/twilio/status",
                    "statusCallback=\"https://phone.example.com/status",
                )
            })
        },
        rule: Rule::UnknownRoute,
        says: "the statusCallback URL `https://phone.example.com/status",
        at: (&[COMES, "key 1", "key 1"], Some("menus.projects.keys.1")),
    },
    Mutation {
        what: "a stream in the open",
        base: "assistant",
        flaw: |world, hook| retold(world, hook, |text| text.replace("wss://", "ws://")),
        rule: Rule::UnknownRoute,
        says: "the stream URL `ws://phone.example.com/twilio/ws",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a stream with a query, which the carrier drops",
        base: "assistant",
        flaw: |world, hook| retold(world, hook, |text| text.replace("/twilio/ws/", "/twilio/ws?token=")),
        rule: Rule::UnknownRoute,
        says: "/twilio/ws?token=",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a conversation in text at somebody else's",
        base: "text-agent",
        flaw: |world, hook| {
            retold(world, hook, |text| text.replace("wss://phone.example.com", "wss://elsewhere.example"))
        },
        rule: Rule::UnknownRoute,
        says: "the stream URL `wss://elsewhere.example/twilio/ws",
        at: (&[COMES, "key 1"], Some("menus.main.keys.1")),
    },
    Mutation {
        what: "a property that no verb has",
        base: "builtin",
        flaw: |world, hook| retold(world, hook, |text| text.replace("<Gather ", "<Gather patience=\"long\" ")),
        rule: Rule::Unreadable,
        says: "patience",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a value that no property takes",
        base: "builtin",
        flaw: |world, hook| retold(world, hook, |text| text.replace("timeout=\"5\"", "timeout=\"soon\"")),
        rule: Rule::Unreadable,
        says: "timeout",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a verb that nobody knows",
        base: "dentist",
        flaw: |world, hook| pressed("2", world, hook, Vec::new).shouting(),
        rule: Rule::Unreadable,
        says: "<Shout>",
        at: (&[COMES, "key 2"], Some("menus.main.keys.2")),
    },
    Mutation {
        what: "a document in small letters",
        base: "builtin",
        flaw: |world, hook| retold(world, hook, |text| text.replace("Response>", "response>")),
        rule: Rule::Unreadable,
        says: "the root element is <response>",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a document that is cut in the middle",
        base: "salon",
        flaw: |world, hook| retold(world, hook, |text| text.replace("</Response>", "")),
        rule: Rule::Unreadable,
        says: "not well-formed XML",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a line break before the document",
        base: "builtin",
        flaw: |world, hook| retold(world, hook, |text| format!("\n{text}")),
        rule: Rule::Unreadable,
        says: "nothing may stand before the prolog",
        at: (&[COMES], Some("menus.main")),
    },
    Mutation {
        what: "a document longer than the carrier takes",
        base: "builtin",
        flaw: |world, hook| begun(world, hook, &format!("<Say>{}</Say>", "long ".repeat(14_000))),
        rule: Rule::Unreadable,
        says: "Twilio takes at most 65536",
        at: (&[COMES], Some("menus.main")),
    },
];

trait Shouting {
    fn shouting(self) -> Unit;
}

impl Shouting for Unit {
    /// An empty answer shouts instead.
    fn shouting(self) -> Unit {
        let text = String::from_utf8_lossy(&self.answer).into_owned();
        let empty = parse(&text).is_ok_and(|parsed| parsed.response.verbs.is_empty());
        let answer = if empty { "<Response><Shout>Hi</Shout><Hangup/></Response>".to_owned() } else { text };
        Unit { answer: answer.into_bytes().into(), ..self }
    }
}
