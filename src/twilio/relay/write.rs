//! What we send. The carrier ends a conversation after ten messages in a row that it does not understand (64105).

use serde_json::{Value, json};

/// Words to be spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// With its own spaces.
    pub token: &'a str,
    /// The sentence is complete: what waits is spoken.
    pub last: bool,
    /// The caller may cut it; `true` is what the TwiML says.
    pub interruptible: bool,
    /// BCP 47; the conversation's when absent.
    pub language: Option<&'a str>,
}

/// Speak.
#[must_use]
pub fn text(text: Text<'_>) -> String {
    let mut message = json!({ "type": "text", "token": text.token, "last": text.last });
    if !text.interruptible {
        put(&mut message, "interruptible", json!(false));
    }
    if let Some(language) = text.language {
        put(&mut message, "lang", json!(language));
    }
    message.to_string()
}

/// Fetch a sound, and play it once.
#[must_use]
pub fn play(source: &str, interruptible: bool) -> String {
    json!({ "type": "play", "source": source, "loop": 1, "preemptible": false, "interruptible": interruptible })
        .to_string()
}

/// Press keys: `0-9 w # *`.
#[must_use]
pub fn send_digits(digits: &str) -> String {
    json!({ "type": "sendDigits", "digits": digits }).to_string()
}

/// Hear and speak this language from here on.
#[must_use]
pub fn language(language: &str) -> String {
    json!({ "type": "language", "ttsLanguage": language, "transcriptionLanguage": language }).to_string()
}

/// The conversation is over; `handoff` comes back with the action of the `<Connect>`.
#[must_use]
pub fn end(handoff: &str) -> String {
    json!({ "type": "end", "handoffData": handoff }).to_string()
}

fn put(message: &mut Value, key: &str, value: Value) {
    if let Some(object) = message.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_documentation() {
        let dialogue = include_str!("../../../tests/fixtures/streams/conversationrelay.dialogue.jsonl");
        let lines = dialogue.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let documented: Vec<Value> =
            lines.filter(|line| line["dir"] == "to_twilio").map(|line| line["msg"].clone()).collect();
        let words = |token, last| text(Text { token, last, interruptible: true, language: None });
        let ours = [
            words("We are open ", false),
            words("nine to five.", true),
            language("pt-BR"),
            play("https://cdn.harbor.example/hold.mp3", true),
            send_digits("9ww12#"),
            end(r#"{"reason":"wants a person"}"#),
        ];
        let ours: Vec<Value> = ours.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
        assert_eq!(ours, documented);
        let cut = text(Text { token: "é\"", last: true, interruptible: false, language: Some("fr-CA") });
        let members = json!({ "type": "text", "token": "é\"", "last": true, "interruptible": false, "lang": "fr-CA" });
        assert_eq!(serde_json::from_str::<Value>(&cut).expect("JSON"), members);
    }
}
