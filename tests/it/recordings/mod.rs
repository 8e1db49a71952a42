//! Recordings are ours: copied whatever the carrier does, never doubled, never lost, kept and removed as promised.

mod bucket;
mod carrier;
mod copying;
mod cuts;
mod keeping;
mod player;
mod scene;
mod store;
mod stores;
mod sweeping;
mod words;
