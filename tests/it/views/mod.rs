//! The nine views on both engines: their columns, how they leave the house, and that they tell the truth.

mod files;
mod history;
mod oracle;
mod told;
