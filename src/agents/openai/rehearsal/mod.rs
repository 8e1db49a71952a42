//! The ten scripts, played against a session on a clock of their own, as they are and mutated.

mod play;
mod script;
mod stage;
mod telephone;
