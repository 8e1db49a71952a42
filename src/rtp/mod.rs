//! Floor 1: sound on the network (RFC 3550, 3551, 4733, 3389) and the two makers' own packets. Pure: bytes and the time
//! come in, frames and verdicts go out; no socket, no clock.
//!
//! | file | what |
//! |---|---|
//! | `packet` | one RTP packet, read; its twelve bytes of header, written |
//! | `outgoing` | the numbers of a stream that we send |
//! | `latch` | who may speak: a strict source, learned once |
//! | `sequence` | sixteen bits of counting, made whole; what was lost |
//! | `jitter` | packets of any length in, frames of 20 ms out, evenly |
//! | `fade` | what fills a hole, and how two frames become one |
//! | `key` | telephone keys as events |
//! | `inbound` | all of these together: the receiving side of a leg |
//! | `poly` | Poly's group paging: not RTP |
//! | `linksys` | the packets that open and close a group page on Linksys and Cisco SPA phones |

mod fade;
mod inbound;
mod jitter;
mod key;
mod latch;
pub mod linksys;
mod outgoing;
mod packet;
pub mod poly;
mod sequence;

pub use inbound::{Counts, Decode, Heard, Inbound, Terms};
pub use jitter::{Jitter, Pulled};
pub use key::{Keys, TelephoneEvent};
pub use latch::{Latch, Learned, Refusal, Sources};
pub use outgoing::Outgoing;
pub use packet::{Header, Packet};
pub use sequence::{Seen, Sequence};

/// Samples in a frame of 20 ms at 8 kHz.
pub const FRAME: usize = 160;

/// One frame of sound.
pub type Samples = [i16; FRAME];

/// Payload types that need no negotiation (RFC 3551).
pub mod payload {
    /// G.711 mu-law.
    pub const PCMU: u8 = 0;
    /// G.711 a-law.
    pub const PCMA: u8 = 8;
    /// Comfort noise (RFC 3389).
    pub const COMFORT_NOISE: u8 = 13;
}
