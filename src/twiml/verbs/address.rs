//! What stands in `<Sip>`, `<Client>` and `<Application>`: plain text, or an element for the name with pairs beside it.

use super::Parameter;
use crate::twiml::xml::{Body, Child, Element, Node, Notes, Xml, write_all};

/// Where a SIP call goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SipAddress {
    /// `sip:user@host`, under 255 characters; headers may follow after `?`.
    pub uri: String,
    /// Headers sent along; names begin with `X-`.
    pub headers: Vec<Parameter>,
}

/// Who is called on a softphone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The name it registered with.
    pub name: String,
    /// What the softphone is told.
    pub parameters: Vec<Parameter>,
}

/// Which TwiML application is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationSid {
    /// `AP…`.
    pub sid: String,
    /// What it is told.
    pub parameters: Vec<Parameter>,
}

impl Body for SipAddress {
    fn is_empty(&self) -> bool {
        self.uri.is_empty() && self.headers.is_empty()
    }

    fn write_inside(&self, xml: &mut Xml) {
        if self.headers.is_empty() {
            return xml.text(&self.uri);
        }
        xml.plain("Uri", |xml| xml.text(&self.uri));
        xml.plain("Headers", |xml| {
            self.headers.iter().for_each(|header| xml.pair("Header", &header.name, &header.value))
        });
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let mut address = Self::default();
        for child in node.take_children() {
            match child {
                Child::Text(text) => address.uri.push_str(&text),
                Child::Node(inner) if inner.name == "Uri" => address.uri = text_of(inner, notes),
                Child::Node(inner) if inner.name == "Headers" => {
                    address.headers.extend(pairs_of(inner, "Header", notes))
                }
                stranger => notes.not_in(node, &stranger),
            }
        }
        Some(address)
    }
}

impl Body for Identity {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.parameters.is_empty()
    }

    fn write_inside(&self, xml: &mut Xml) {
        write_named(xml, "Identity", &self.name, &self.parameters);
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let (name, parameters) = read_named(node, "Identity", notes);
        Some(Self { name, parameters })
    }
}

impl Body for ApplicationSid {
    fn is_empty(&self) -> bool {
        self.sid.is_empty() && self.parameters.is_empty()
    }

    fn write_inside(&self, xml: &mut Xml) {
        write_named(xml, "ApplicationSid", &self.sid, &self.parameters);
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let (sid, parameters) = read_named(node, "ApplicationSid", notes);
        Some(Self { sid, parameters })
    }
}

fn write_named(xml: &mut Xml, tag: &str, name: &str, parameters: &[Parameter]) {
    if parameters.is_empty() {
        return xml.text(name);
    }
    xml.plain(tag, |xml| xml.text(name));
    write_all(parameters, xml);
}

fn read_named(node: &mut Node, tag: &str, notes: &mut Notes) -> (String, Vec<Parameter>) {
    let (mut text, mut named, mut parameters) = (String::new(), None, Vec::new());
    for child in node.take_children() {
        match child {
            Child::Text(part) => text.push_str(&part),
            Child::Node(inner) if inner.name == tag => named = Some(text_of(inner, notes)),
            Child::Node(mut inner) if Parameter::claims(&inner) => {
                parameters.extend(Parameter::read(&mut inner, notes))
            }
            stranger => notes.not_in(node, &stranger),
        }
    }
    (named.unwrap_or(text), parameters)
}

fn text_of(mut node: Node, notes: &mut Notes) -> String {
    let text = String::read_inside(&mut node, notes).unwrap_or_default();
    node.leftovers(notes);
    text
}

fn pairs_of(mut node: Node, tag: &str, notes: &mut Notes) -> Vec<Parameter> {
    let mut pairs = Vec::new();
    for child in node.take_children() {
        match child {
            Child::Node(mut inner) if inner.name == tag => pairs.extend(Parameter::read(&mut inner, notes)),
            stranger => notes.not_in(&node, &stranger),
        }
    }
    node.leftovers(notes);
    pairs
}
