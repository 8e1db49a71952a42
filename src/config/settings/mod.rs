//! The environment as typed settings, one file a section; each names its variables and their defaults.

mod agents;
mod auth;
mod carrier;
mod hours;
mod log;
mod mail;
mod paging;
mod pairs;
mod server;
mod speech;
mod storage;
mod targets;
mod values;
mod whole;

pub use agents::Agents;
pub use auth::Auth;
pub use carrier::Carrier;
pub use hours::Hours;
pub use log::{Log, LogFormat};
pub use mail::{Mail, MailLogin, MailServer, MailTls};
pub use paging::Paging;
pub use server::{Environment, Server};
pub use speech::Speech;
pub use storage::{Database, Engine, S3Keys, Storage};
pub use targets::Targets;
pub use whole::{SECTIONS, Section, Settings};

pub(super) use agents::SECRETS;
pub(super) use pairs::warn_of_pairs;
pub(super) use server::CONFIG_PATH;
pub(super) use values::{is_loopback, web_url};
