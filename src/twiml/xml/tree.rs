//! Documents in: a small tree that the types are read out of, and what was odd about it.

use super::{Read, Value};

/// Something Twilio would warn of while it executes the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Twilio's error code: 12200, schema validation.
    pub code: u32,
    /// Byte in the document where the element starts.
    pub at: usize,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
}

/// The warnings of one document.
#[derive(Debug, Default)]
pub(in crate::twiml) struct Notes(pub(in crate::twiml) Vec<Warning>);

impl Notes {
    /// Notes what breaks Twilio's schema.
    pub(in crate::twiml) fn note(&mut self, at: usize, message: String) {
        self.0.push(Warning { code: 12200, at, message });
    }

    /// Notes a child that may not stand in `parent`; white space may stand anywhere.
    pub(in crate::twiml) fn not_in(&mut self, parent: &Node, child: &Child) {
        match child {
            Child::Node(node) => {
                self.note(node.at, format!("<{}> is not known in <{}>, ignored", node.name, parent.name));
            }
            Child::Text(text) if text.trim().is_empty() => {}
            Child::Text(_) => self.note(parent.at, format!("text may not stand in <{}>, ignored", parent.name)),
        }
    }
}

/// What stands between two tags.
#[derive(Debug)]
pub(in crate::twiml) enum Child {
    /// Text, entities resolved; two texts never follow each other.
    Text(String),
    /// An element.
    Node(Node),
}

/// An element of any name.
#[derive(Debug)]
pub(in crate::twiml) struct Node {
    /// Name, prefix included.
    pub(in crate::twiml) name: String,
    /// Names and values, entities resolved.
    pub(in crate::twiml) attributes: Vec<(String, String)>,
    /// What stands inside.
    pub(in crate::twiml) children: Vec<Child>,
    /// Byte in the document where it starts.
    pub(in crate::twiml) at: usize,
}

impl Node {
    /// Whether it has an attribute.
    pub(in crate::twiml) fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(key, _)| key == name)
    }

    /// Takes an attribute out.
    pub(in crate::twiml) fn take<V: Value>(&mut self, name: &str, notes: &mut Notes) -> Option<V> {
        let place = self.attributes.iter().position(|(key, _)| key == name)?;
        let (_, text) = self.attributes.swap_remove(place);
        match V::read(&text) {
            Read::Whole(value) => Some(value),
            Read::Part(value) => {
                notes.note(self.at, format!("{name}=\"{text}\" of <{}> is not known in full", self.name));
                Some(value)
            }
            Read::Nothing => {
                notes.note(self.at, format!("{name}=\"{text}\" of <{}> is not understood, ignored", self.name));
                None
            }
        }
    }

    /// Takes the children out.
    pub(in crate::twiml) fn take_children(&mut self) -> Vec<Child> {
        std::mem::take(&mut self.children)
    }

    /// Notes everything that nobody took.
    pub(in crate::twiml) fn leftovers(&mut self, notes: &mut Notes) {
        for child in self.take_children() {
            notes.not_in(self, &child);
        }
        for (name, _) in &self.attributes {
            notes.note(self.at, format!("attribute {name} of <{}> is not known, ignored", self.name));
        }
    }
}

/// Elements that are still open while a document is read.
#[derive(Debug, Default)]
pub(in crate::twiml) struct Tree {
    open: Vec<Node>,
    root: Option<Node>,
}

impl Tree {
    /// How many elements are open.
    pub(in crate::twiml) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the root has begun, or even ended.
    pub(in crate::twiml) fn has_root(&self) -> bool {
        self.root.is_some() || !self.open.is_empty()
    }

    /// An element begins.
    pub(in crate::twiml) fn start(&mut self, node: Node) {
        self.open.push(node);
    }

    /// The innermost open element ends.
    pub(in crate::twiml) fn end(&mut self) {
        let Some(node) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Child::Node(node)),
            None => self.root = Some(node),
        }
    }

    /// Text of the innermost open element; `false` outside of the root.
    pub(in crate::twiml) fn text(&mut self, text: &str) -> bool {
        let Some(parent) = self.open.last_mut() else { return false };
        match parent.children.last_mut() {
            Some(Child::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => parent.children.push(Child::Text(text.to_owned())),
        }
        true
    }

    /// The root, once everything is closed.
    pub(in crate::twiml) fn finish(self) -> Option<Node> {
        self.root.filter(|_| self.open.is_empty())
    }
}
