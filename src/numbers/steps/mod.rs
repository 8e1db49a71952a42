//! What steps do at the carrier, and how each is taken back. All of it is harmless twice.

mod bind;
mod buy;
mod configure;
mod line;
mod port;
mod release;
mod scene;
mod search;
mod subaccount;
mod verify;
mod way;

pub(super) use port::place as pin_place;
pub(super) use scene::{Scene, TAG};
pub(super) use search::for_sale;
pub(super) use way::{act, undo};
