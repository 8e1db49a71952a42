//! Live streams, over real sockets against the whole house.

mod carrier;
mod door;
mod page;
mod relay;
mod relay_house;
mod talk;
mod zones;

pub(crate) use carrier::{Carrier, LONG, announced_to};
