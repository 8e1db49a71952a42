//! Recordings are ours: copied whatever the carrier does, never doubled, never lost, kept and removed as promised.

mod bucket;
pub(crate) mod carrier;
mod copying;
mod cuts;
mod keeping;
mod player;
pub(crate) mod scene;
mod store;
mod stores;
mod sweeping;
mod words;
