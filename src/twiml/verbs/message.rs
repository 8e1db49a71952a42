//! The document that answers a text: a vocabulary of its own under the same root.

use super::{Method, Redirect};
use crate::twiml::xml::{Element, Xml, choice, element};

element! {
    /// What is answered to a text: messages to send, none for silence.
    #[derive(Default)]
    TextResponse "Response" [
        /// In order.
        verbs: Vec<TextVerb>
    ] {}

    /// Sends a text.
    #[derive(Default)]
    Message "Message" [
        /// The words, or words and pictures.
        parts: Vec<MessagePart>
    ] {
        /// To (whoever wrote).
        to: String = "to",
        /// From (the number written to).
        from: String = "from",
        /// Told what becomes of it.
        status_callback: String = "statusCallback",
        /// Told once that it was sent (older than `statusCallback`).
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
    }

    /// The words, where pictures stand beside them.
    #[derive(Default)]
    MessageBody "Body" [
        /// The words.
        text: String
    ] {}

    /// A picture and the like.
    #[derive(Default)]
    Media "Media" [
        /// Where it is.
        url: String
    ] {}
}

choice! {
    /// What may answer a text.
    TextVerb { Message, Redirect }
}

choice! {
    /// What may stand in a message.
    MessagePart (Text) { MessageBody, Media }
}

impl TextResponse {
    /// One message.
    #[must_use]
    pub fn of(message: Message) -> Self {
        Self { verbs: vec![message.into()] }
    }

    /// The document as it goes over the wire.
    #[must_use]
    pub fn render(&self) -> String {
        let mut xml = Xml::document();
        self.write(&mut xml);
        xml.finish()
    }

    /// Its messages.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.verbs.iter().filter_map(|verb| if let TextVerb::Message(message) = verb { Some(message) } else { None })
    }
}

impl Message {
    /// Sends `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { parts: vec![MessagePart::Text(text.into())], ..Self::default() }
    }

    /// The words, without space around them.
    #[must_use]
    pub fn words(&self) -> String {
        let words = self.parts.iter().filter_map(|part| match part {
            MessagePart::Text(text) => Some(text.as_str()),
            MessagePart::MessageBody(body) => Some(body.text.as_str()),
            MessagePart::Media(_) => None,
        });
        words.collect::<String>().trim().to_owned()
    }

    /// Where its pictures are.
    pub fn media(&self) -> impl Iterator<Item = &str> {
        self.parts
            .iter()
            .filter_map(|part| if let MessagePart::Media(media) = part { Some(media.url.trim()) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twiml::parse_text_response;

    #[test]
    fn a_reply_is_read_back_as_it_was_written() {
        let reply =
            TextResponse::of(Message::new("We call back & soon").status_callback("https://x.example/a?b=1&c=2"));
        let written = reply.render();
        assert_eq!(
            written,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Message statusCallback=\"https://x.example/a?b=1&amp;c=2\">\
             We call back &amp; soon</Message></Response>"
        );
        let (read, warnings) = parse_text_response(&written).unwrap();
        assert_eq!((read, warnings), (reply, vec![]));
    }

    #[test]
    fn words_and_pictures_of_others_are_told_apart() {
        let text =
            "<Response><Message><Body>Our menu</Body><Media>https://x.example/menu.png</Media></Message></Response>";
        let (read, warnings) = parse_text_response(text).unwrap();
        let message = read.messages().next().unwrap();
        assert_eq!(
            (message.words().as_str(), message.media().collect::<Vec<_>>().as_slice()),
            ("Our menu", ["https://x.example/menu.png"].as_slice())
        );
        assert!(warnings.is_empty());
        let (read, warnings) = parse_text_response("<Response><Say>hello</Say></Response>").unwrap();
        assert_eq!((read.messages().count(), warnings.len()), (0, 1), "nobody hears a text");
    }
}
