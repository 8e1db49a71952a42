//! switchboard: the service that answers a business's telephone lines.
//!
//! A house with floors: an import may only go to a lower floor, rooms of one floor never import each other
//! (`tests/architecture.rs` reads the sources and proves it). Start with docs/ARCHITECTURE.md, which walks through
//! real calls, or with [`gate`], where every webhook comes in.
//!
//! | floor | rooms |
//! |---|---|
//! | 0 | [`base`]: words everybody uses |
//! | 1 | [`asks`]: who asks behind the operators' door, and for what; [`audio`], [`rtp`], [`sip`], [`twilio`], [`twiml`], [`words`]: text and bytes in, types out; pure |
//! | 2 | [`config`]: what was configured, or every mistake; [`db`]: one pool over both engines |
//! | 3 | [`world`], [`carrier`], [`shelf`], [`speech`] |
//! | 4 | [`ledger`]: facts in, one transaction out |
//! | 5 | [`gate`]: the order every webhook goes through; [`agents`]: what talks to a caller |
//! | 6 | [`callers`], [`calls`], [`mail`], [`media`], [`numbers`], [`openings`], [`ops`], [`paging`], [`prompts`], [`recordings`], [`texts`]: the rooms people know |
//! | 7 | [`app`]: assembles everything |
//! | outside | [`simulator`] plays Twilio, [`cli`] is one file a command |

pub mod agents;
pub mod app;
pub mod asks;
pub mod audio;
pub mod base;
pub mod callers;
pub mod calls;
pub mod carrier;
pub mod cli;
pub mod config;
pub mod db;
pub mod gate;
pub mod ledger;
pub mod mail;
pub mod media;
pub mod numbers;
pub mod openings;
pub mod ops;
pub mod paging;
pub mod prompts;
pub mod recordings;
pub mod rtp;
pub mod shelf;
pub mod simulator;
pub mod sip;
pub mod speech;
pub mod texts;
pub mod twilio;
pub mod twiml;
pub mod words;
pub mod world;
