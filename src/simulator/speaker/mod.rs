//! A loudspeaker on the network: it listens to a group or an address, and tells what it heard.
//!
//! It reads RTP by itself, without the room that writes it.

mod heard;
mod listener;

pub use heard::{HeardStream, heard_streams};
pub use listener::{HeardPacket, Speaker};
