//! Floor 6: speech into loudspeakers. Zones, who may page them, which page wins, and the outputs that play it.
//!
//! | file | what |
//! |---|---|
//! | `agent/` | the telephone: SIP calls to zones, answered |
//! | `calling/` | speakers that answer by themselves, called |
//! | `desk` | the door: pages begin and end here |
//! | `request` | what somebody wants, why it is refused, why a page ended |
//! | `plan` | what the file says, ready to be used; who may page what |
//! | `lock` | who plays on which output, and who gives way. Pure |
//! | `schedule` | when pages may be made, and when bells ring. Pure |
//! | `pbx` | how it stands with PBXes that this house is a telephone of |
//! | `reminders` | what is to be looked at, and when |
//! | `place` | outputs that are taken, and the page that begins on them |
//! | `live`, `page`, `play` | a page that plays; in the hand of its source; a file played at its pace |
//! | `sound` | chimes, files and announcements as samples |
//! | `states` | how zones are right now |
//! | `clerk`, `note`, `queries`, `read`, `events` | rows of pages, and what others are told |
//! | `worker` | bells, signs of life, pages of processes that died |
//! | `http/` | the room over HTTP, behind the operators' door |
//! | `seam` | where pages and outputs meet |
//! | `fanout/` | one clock for all outputs |
//! | `outputs/` | where sound leaves the house, one file a kind |

mod agent;
mod calling;
mod clerk;
mod desk;
mod events;
mod fanout;
mod http;
mod live;
mod lock;
mod note;
mod outputs;
mod page;
mod pbx;
mod place;
mod plan;
mod play;
mod queries;
mod read;
#[cfg(test)]
mod rehearsal;
mod reminders;
mod request;
mod schedule;
mod seam;
mod sound;
mod states;
mod worker;

#[cfg(fuzzing)]
pub use agent::endure;
pub use agent::{AgentError, AgentParts, Listening, Ports, Unusable};
pub use calling::{Dialler, DiallerParts};
pub use desk::{Paging, Parts};
pub use fanout::{Fanout, Join, Pacing, Seat, SpeakerCaller};
pub use live::{Received, Signal};
pub use outputs::keep;
pub use page::Page;
pub use pbx::TrunkState;
pub use play::play;
pub use queries::forget_pages;
pub use read::{PageFilter, PageRow, page, pages};
pub use request::{Asker, Origin, Reason, Refused, Request, Right};
pub use seam::{Draw, Frame, Options, OutputFault, PageId, Played, PlayedOutput, Playing, Source, Speakers};
pub use sound::Samples;
pub use states::{OutputState, PlayingPage, State, ZoneState};
