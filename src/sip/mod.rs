//! Floor 1: the language of SIP (RFC 3261), as strict as a door and as tolerant as telephones need. Pure: bytes and the time
//! come in, verdicts and bytes go out; no socket, no clock.
//!
//! | file | what |
//! |---|---|
//! | `door` | what is answered, what is let in, what is met with silence |
//! | `read` | a message, its lines and their grammar |
//! | `request` | a request whose every needed header makes sense |
//! | `echo` | what an answer repeats of its request, and where it goes |
//! | `answer` | answers, written |
//! | `frames` | messages out of a stream of bytes |
//! | `client` | requests of ours, and what an answer to them means |
//! | `transaction` | repeats and waits: one table of timers |
//! | `digest` | who a caller is: challenges, proofs, lock-out |
//! | `sdp` | offers and answers: what sound comes, and where from |
//! | `session` | session timers (RFC 4028) |

mod answer;
mod client;
pub mod digest;
mod door;
mod echo;
mod frames;
mod method;
mod read;
mod request;
pub mod sdp;
pub mod session;
pub mod transaction;

pub use answer::Answer;
pub use client::{Ask, Asking, Heard, News};
pub use door::{Verdict, judge};
pub use echo::{Echo, Target};
pub use frames::{Framed, Frames, Overflow};
pub use method::{ALLOW, Method};
pub use read::{Address, Message, Start, Uri, Via};
pub use request::{Request, Response};

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A connection.
    Tcp,
    /// A protected connection.
    Tls,
}

impl Transport {
    /// The word in a Via.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// Whether nothing has to be repeated, because nothing gets lost.
    #[must_use]
    pub const fn is_reliable(self) -> bool {
        !matches!(self, Self::Udp)
    }
}
