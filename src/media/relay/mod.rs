//! Conversations in text: the carrier hears and speaks, its socket carries words both ways.
//!
//! | file | what |
//! |---|---|
//! | `run` | the task of one conversation, and its socket |
//! | `talk`, `obeying` | the conversation: what comes from the caller, what the agent wants. Pure: time comes in |
//! | `spoken` | what the carrier was given to say, and how much of it was heard |
//! | `place` | where in our text the words are that the carrier says were heard |

mod obeying;
mod place;
mod run;
#[cfg(test)]
mod scenes;
mod spoken;
mod talk;

pub(super) use run::converse;
