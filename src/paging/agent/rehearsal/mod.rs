//! The agent with a telephone of paper: messages in, messages out, and a clock that is moved by hand.
//!
//! | file | what |
//! |---|---|
//! | `stand` | the agent, its telephone, and what that says |
//! | `calls` | calls from their INVITE to their end |
//! | `door` | who is let in |
//! | `pbx` | a PBX that we are a telephone of |
//! | `noise` | any messages: nothing panics, nothing stays behind |

#[cfg(test)]
mod calls;
#[cfg(test)]
mod door;
#[cfg(test)]
#[path = "../../../../tests/it/mutate.rs"]
mod mutate;
mod noise;
#[cfg(test)]
mod pbx;
mod stand;

#[cfg(fuzzing)]
pub use noise::endure;
