//! Enqueue: waiting for somebody to take the call.

use super::Method;
use crate::twiml::xml::{Body, Child, Element, Node, Notes, Xml, element};

element! {
    /// Puts the caller in a queue.
    #[derive(Default)]
    Enqueue "Enqueue" [
        /// Which queue, or which task.
        waiting: Waiting
    ] {
        /// Where the call goes on afterwards (the next verb).
        action: String = "action",
        /// How `action` is requested (POST).
        method: Method = "method",
        /// What is heard while waiting; empty: silence (a playlist).
        wait_url: String = "waitUrl",
        /// How it is requested (POST if `wait_url` is given, else GET).
        wait_url_method: Method = "waitUrlMethod",
        /// TaskRouter workflow.
        workflow_sid: String = "workflowSid",
        /// Callers it holds.
        max_queue_size: u32 = "maxQueueSize",
    }

    /// A task for TaskRouter.
    #[derive(Default)]
    Task "Task" [
        /// Its attributes, a JSON object.
        attributes: String
    ] {
        /// Higher goes first.
        priority: u32 = "priority",
        /// Seconds until it is given up.
        timeout: u32 = "timeout",
    }
}

/// What a caller waits in.
#[derive(Clone, Debug, PartialEq)]
pub enum Waiting {
    /// A queue by name, at most 64 characters.
    Queue(String),
    /// A task.
    Task(Task),
}

impl Default for Waiting {
    fn default() -> Self {
        Self::Queue(String::new())
    }
}

impl Enqueue {
    /// Waits in the queue called `name`.
    #[must_use]
    pub fn queue(name: impl Into<String>) -> Self {
        Self { waiting: Waiting::Queue(name.into()), ..Self::default() }
    }

    /// Waits for whoever takes `task`.
    #[must_use]
    pub fn task(task: Task) -> Self {
        Self { waiting: Waiting::Task(task), ..Self::default() }
    }
}

impl Body for Waiting {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Queue(name) if name.is_empty())
    }

    fn write_inside(&self, xml: &mut Xml) {
        match self {
            Self::Queue(name) => xml.text(name),
            Self::Task(task) => task.write(xml),
        }
    }

    fn read_inside(node: &mut Node, notes: &mut Notes) -> Option<Self> {
        let (mut name, mut task) = (String::new(), None);
        for child in node.take_children() {
            match child {
                Child::Text(text) => name.push_str(&text),
                Child::Node(mut inner) if Task::claims(&inner) => task = Task::read(&mut inner, notes),
                stranger => notes.not_in(node, &stranger),
            }
        }
        Some(task.map_or(Self::Queue(name), Self::Task))
    }
}
