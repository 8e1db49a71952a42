//! Queues: where callers wait, and who takes them out.

use super::pattern::Pattern;
use super::text::Text;

/// Waiting in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// Short name, within the line: `[a-z0-9_-]`, 1 to 20 characters.
    pub name: String,
    /// Said first; may be empty.
    pub say: Text,
    /// URL of a sound that is heard while waiting; without it there are pauses and a friendly sentence.
    pub music: Option<String>,
    /// Seconds until a caller is led to voicemail. 30 to 3600.
    pub max_wait_s: u32,
    /// Callers that wait at most; one more is led to voicemail. 1 to 1000.
    pub max_size: u32,
    /// The key that leaves the queue for voicemail.
    pub leave_key: Option<char>,
}

/// Taking callers out of a queue, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// Name of the queue.
    pub queue: String,
    /// Who may.
    pub from: Vec<Pattern>,
    /// Seconds to wait for a caller when nobody is in the queue. 5 to 600.
    pub wait_s: u32,
}
