//! Floor 2: environment and file in, typed settings or all mistakes at once out.
//!
//! [`load_from`] is the door. Nothing here opens a socket or a database, and the environment and the file system are
//! reached through a [`Source`], which tests replace.

mod action;
pub mod agent;
pub mod barge_in;
mod builtin_paging;
mod busy;
pub mod callers;
mod effective;
pub mod entries;
mod env;
mod file;
pub mod hours;
pub mod languages;
pub mod limits;
pub mod line;
mod load;
pub mod mail;
mod mistake;
pub mod paging;
mod pattern;
pub mod queue;
pub mod recordings;
pub mod retention;
mod settings;
mod source;
pub mod speech;
pub mod text;
pub mod texts;

pub use effective::{to_json, to_toml};
pub use env::{Kind, Shown, Variable};
pub use file::Places;
pub use load::{BUILTIN, Loaded, builtin_lines, load, load_file, load_from, read_line};
pub use mistake::{Mistake, Note, Place, Warning};
pub use settings::{
    Agents, Auth, Carrier, Database, Engine, Environment, Hours, Log, LogFormat, Mail, MailLogin, MailServer, MailTls,
    Paging, S3Keys, SECTIONS, Section, Server, Settings, Speech, Storage, Targets,
};
pub use source::{FixedSource, Source, SystemSource};
