//! What a caller costs in memory, counted.

mod counter;
mod ear;
mod stage;
mod streams;
