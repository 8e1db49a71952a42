//! Stream: the sound of a call over a WebSocket (PROTOCOL.md 3.6), and the name-value pairs it shares with others.

use super::{Method, StreamTrack};
use crate::twiml::xml::{Child, Choice, Element, Node, Notes, Tag, Xml, element};

element! {
    /// Sends the sound of a call to a WebSocket: both ways in `<Connect>`, where the call waits until the socket
    /// closes; one way in `<Start>`, where it does not.
    #[derive(Default)]
    Stream "Stream" [
        /// What the socket is told in its `start` message.
        parameters: Vec<Parameter>
    ] {
        /// `wss://`, without a query string: Twilio drops it or fails with 31920.
        url: String = "url",
        /// Unique in the call; `<Stop>` knows it by this.
        name: String = "name",
        /// What is sent (inbound_track; in `<Connect>` nothing else, error 31941).
        track: StreamTrack = "track",
        /// Told when it starts, stops or fails; absolute.
        status_callback: String = "statusCallback",
        /// How it is requested (POST).
        status_callback_method: Method = "statusCallbackMethod",
        /// A stored connector.
        connector_name: String = "connectorName",
    }
}

impl Stream {
    /// Streams to `url`.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self::default().url(url)
    }

    /// Adds a parameter: name and value together under 500 characters.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push(Parameter::new(name, value));
        self
    }
}

/// A name and a value: `<Parameter>`, and in their places `<Header>` and `<Config>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// Value; may be empty.
    pub value: String,
}

impl Parameter {
    /// A pair.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl Element for Parameter {
    const NAME: &'static str = "Parameter";

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.optional("name", Some(&self.name));
        tag.optional("value", Some(&self.value));
    }

    fn is_hollow(&self) -> bool {
        true
    }

    fn content(&self, _: &mut Xml) {}

    fn read(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let name = node.take("name", notes);
        let value = node.take("value", notes).unwrap_or_default();
        if name.is_none() {
            notes.note(node.at, format!("<{}> needs a name, ignored", node.name));
        }
        node.leftovers(notes);
        name.map(|name| Self { name, value })
    }
}

impl Choice for Parameter {
    fn write_one(&self, xml: &mut Xml) {
        self.write(xml);
    }

    fn read_one(child: Child, notes: &mut Notes) -> Result<Option<Self>, Child> {
        match child {
            Child::Node(mut node) if Self::claims(&node) => Ok(Self::read(&mut node, notes)),
            stranger => Err(stranger),
        }
    }
}
