//! A loudspeaker on the network: it listens to a group or an address, or waits to be called, and tells what it heard.
//!
//! It reads RTP and SIP by itself, without the rooms that write them.

mod called;
mod heard;
mod listener;

pub use called::{CalledSpeaker, Manner};
pub use heard::{HeardStream, heard_streams};
pub use listener::{HeardPacket, Speaker};
