//! Where sound leaves the house, one file a kind. Nothing in here keeps time: `fanout` calls each output when it is due.
//!
//! | file | what |
//! |---|---|
//! | `channel` | one output of a page, whatever its kind |
//! | `datagram` | a visit of the clock, and the packet made of it |
//! | `stream` | RTP: multicast, unicast, and speakers that were called |
//! | `group` | Poly's group paging |
//! | `pipe` | a process that takes samples |
//! | `contact` | who holds which contact closed |
//! | `keeper` | the process that closes one, and opens it when we are gone |
//! | `socket` | sockets, shared by outputs that want the same of them |
//! | `sound` | a frame, encoded once for all outputs |
//! | `tally` | what an output has played, told to those who ask |

mod channel;
mod contact;
mod datagram;
mod group;
mod keeper;
mod pipe;
mod socket;
mod sound;
mod stream;
mod tally;

pub(super) use channel::{Channel, Way};
pub(super) use contact::{Contacts, Hold};
pub(super) use datagram::{Datagram, Visit};
pub(super) use group::Group;
pub use keeper::keep;
pub(super) use pipe::{Pipe, Running};
pub(super) use socket::Sockets;
pub(super) use sound::Sound;
pub(super) use stream::Stream;
pub(super) use tally::Tally;
