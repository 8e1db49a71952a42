//! Handlers: extract, ask one thing, render.

pub(super) mod audio;
pub(super) mod calls;
pub(super) mod control;
pub(super) mod docs;
pub(super) mod health;
pub(super) mod holds;
pub(super) mod later;
pub(super) mod listen;
mod live;
pub(super) mod metrics;
mod played;
mod query;
pub(super) mod recordings;
pub(super) mod sessions;
pub(super) mod taping;
pub(in crate::ops) mod trouble;
pub(super) mod views;
pub(super) mod voicemails;
