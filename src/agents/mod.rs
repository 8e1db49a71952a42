//! Floor 5: what talks to a caller, behind one neutral port.
//!
//! A stream opens a [`Link`] to whatever its line names, tells it what happens on the line ([`ToAgent`]) and does what it
//! says ([`FromAgent`]). No vendor's word leaves this room, and nothing here knows of carriers, sockets of streams or
//! databases.
//!
//! | file | what it is |
//! |---|---|
//! | `port` | the neutral words |
//! | `link` | the stream's end of a conversation: never blocks, never grows |
//! | `engines` | opens links, early if wanted; what fails too often rests (`breaker`) |
//! | `script` | the engine that needs nobody: prompts and answers that are written down |
//! | `websocket` | `switchboard-agent/1`, our own socket (docs/AGENT_PROTOCOL.md) |
//! | `openai` | OpenAI's Realtime API |
//! | `session` | a conversation over sockets, without the sockets; `wire` is the task that has them |
//! | `desk` | what all of those keep: utterances, deadlines, tools, signs of life |
//! | `outbox`, `inbox` | queues between a stream and a session, bounded |
//! | `sound`, `shelf` | formats of other sides, and sound files |

mod breaker;
mod desk;
mod engines;
mod inbox;
mod link;
mod openai;
mod outbox;
pub mod port;
mod script;
mod session;
mod shelf;
mod sound;
mod websocket;
mod wire;

pub use engines::{Engines, Keys};
pub use link::Link;
pub use port::{FromAgent, Opening, ToAgent};
