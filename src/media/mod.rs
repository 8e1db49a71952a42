//! Floor 6: live streams. A caller's sound comes in by a socket that the carrier opened, somebody talks back, and when that
//! is over the call goes on.
//!
//! | file | what |
//! |---|---|
//! | `door` | how a stream comes in, and what becomes of streams when the process stops |
//! | `passes` | who may open a stream, and how it ended |
//! | `parts` | what all streams share |
//! | `run`, `socket` | the task of one stream, and its socket |
//! | `stages` | the life of a stream as types |
//! | `talk`, `hearing`, `obeying` | a conversation: what comes from the caller, what the agent wants. Pure: time comes in |
//! | `relay` | conversations in text: the carrier hears and speaks |
//! | `course`, `outcome` | what both kinds are: clock, agent, tools, end; where a conversation leads when somebody ends it |
//! | `books` | how both kinds are counted, and their ends kept |
//! | `paging`, `pager`, `kept` | a caller who pages; the port to the building; sound that an agent may page |
//! | `playback`, `utterance`, `trail` | what the caller hears: paced, marked, cut, and what plays just now |
//! | `framer`, `speech` | the caller's sound in frames; his speech, and how long he waits for an answer |
//! | `eagerness` | how soon an ear decides |
//! | `counts`, `live` | numbers |
//! | `memory` | used tokens and ends, for a few minutes |
//! | `minutes` | what was said, as it may be kept |
//! | `voices`, `voiced` | ports to those who make text into sound, greet, page, and know emergency words; a text as sound |

mod books;
mod counts;
mod course;
mod door;
mod eagerness;
mod framer;
mod hearing;
mod kept;
mod live;
mod memory;
mod minutes;
mod obeying;
mod outcome;
mod pager;
mod paging;
mod parts;
mod passes;
mod playback;
#[cfg(test)]
mod rehearsal;
mod relay;
mod run;
#[cfg(test)]
mod scenes;
mod socket;
mod speech;
mod stages;
mod talk;
mod trail;
mod utterance;
mod voiced;
mod voices;

pub use live::LiveStream;
pub use pager::{Announced, Announcement, Announcer, Announcing, NotPaged, PageWish, Paged, Pager, Progress};
pub use parts::{Media, Parts};
pub use voiced::Voiced;
pub use voices::{Alarm, Greeter, Mouth, Voices};
