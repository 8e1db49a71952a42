//! The engine that needs nobody: prompts and answers that are written down. Offline and deterministic; a few hundred
//! bytes a call, and no task.

mod conversation;

pub(super) use conversation::{Sounds, Written};
