//! `switchboard.toml` to lines: every key is asked for by name, and what nobody asked for is unknown.
//!
//! `reader` walks the text and knows places; the other files are one a table of the file.

mod action;
mod agent;
mod barge_in;
mod busy;
mod calendar;
mod callers;
mod claims;
mod consent;
mod emergency;
mod expand;
mod hours;
mod languages;
mod limits;
mod line;
mod mail;
mod menu;
mod names;
mod paging;
mod patterns;
mod people;
mod places;
mod queue;
mod reader;
mod recording;
mod recordings;
mod retention;
mod scope;
mod script;
mod sound;
mod sounds;
mod speech;
mod spoken;
mod surroundings;
mod target;
mod text;
mod texts;
mod tongues;
mod voicemail;
mod whole;
mod words;

pub use places::Places;

pub(super) use expand::literal;
pub(super) use surroundings::{Leave, Surroundings};
pub(super) use whole::read;
