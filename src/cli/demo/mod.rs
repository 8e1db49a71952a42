//! `switchboard demo`: the whole service on this machine, called by a simulated carrier.
//!
//! | file | what |
//! |---|---|
//! | `command` | the command: calls one after the other, the verdict, what to try next |
//! | `house` | the service itself, in a folder that goes away with it |
//! | `scenes` | the calls |
//! | `expect` | what must be true of a call, as seen from the carrier's side |
//! | `pages` | pages by telephone and by file, and what loudspeakers heard |
//! | `desk` | what the service remembers of a call |
//! | `clinic.toml`, `bakery.toml`, `workshop.toml`, `townhall.toml` | lines beside the built-in one: emergency words, hours, cell phones, languages |

mod command;
mod desk;
mod expect;
mod house;
mod pages;
mod scenes;

pub use command::{Args, run};
