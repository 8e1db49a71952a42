//! Sockets of conversations: one task drives a session, and one each socket.

mod dial;
mod drive;
mod socket;

pub(super) use drive::{Seen, drive};
