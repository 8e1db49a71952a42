//! Where things are kept.

use super::values;
use crate::base::Secret;
use crate::config::env::{Env, Variable};
use crate::config::mistake::Wrong;
use std::fmt;
use std::path::PathBuf;
use url::Url;

const DATABASE_URL: Variable =
    Variable::url("DATABASE_URL", "sqlite://FILE, or postgres://USER:PASSWORD@HOST/NAME for several instances.")
        .default("sqlite://data/switchboard.db");
const DATA_DIR: Variable =
    Variable::plain("DATA_DIR", "Folder for spool, audio and prompts; one instance a folder.").default("data");
const CACHE_DIRECTORY: Variable = Variable::plain(
    "CACHE_DIRECTORY",
    "Where the spool goes while DATA_DIR cannot be written, instead of /var/tmp. systemd sets it.",
);
const DATA_KEY: Variable = Variable::secret(
    "DATA_KEY",
    "Seals stored secrets (sub-account tokens, endpoint secrets, SIP passwords); without it none are stored.",
);

const S3_ACCESS_KEY_ID: Variable =
    Variable::secret("S3_ACCESS_KEY_ID", "Opens the bucket of [recordings.s3], with its secret.");
const S3_SECRET_ACCESS_KEY: Variable =
    Variable::secret("S3_SECRET_ACCESS_KEY", "Signs requests to the bucket of [recordings.s3].");

pub(super) const VARIABLES: &[Variable] =
    &[DATABASE_URL, DATA_DIR, CACHE_DIRECTORY, DATA_KEY, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY];

/// Database and data folder.
#[derive(Clone, Debug)]
pub struct Storage {
    /// `DATABASE_URL`.
    pub database: Database,
    /// `DATA_DIR`.
    pub data_dir: PathBuf,
    /// The first folder of `CACHE_DIRECTORY`.
    pub spare_dir: Option<PathBuf>,
    /// `DATA_KEY`.
    pub data_key: Option<Secret>,
    /// `S3_ACCESS_KEY_ID` and `S3_SECRET_ACCESS_KEY`.
    pub s3_keys: Option<S3Keys>,
}

/// What opens the bucket of recordings.
#[derive(Clone, Debug)]
pub struct S3Keys {
    /// Names the key.
    pub id: Secret,
    /// Signs.
    pub secret: Secret,
}

impl S3Keys {
    /// One alone is a mistake.
    fn read(env: &mut Env<'_>) -> Option<Self> {
        let id = env.secret(&S3_ACCESS_KEY_ID, values::token);
        let secret = env.secret(&S3_SECRET_ACCESS_KEY, values::token);
        for (one, other) in [(&S3_ACCESS_KEY_ID, &S3_SECRET_ACCESS_KEY), (&S3_SECRET_ACCESS_KEY, &S3_ACCESS_KEY_ID)] {
            if env.is_set(other) && !env.is_set(one) {
                env.mistake(one, format!("is not set, and {} is", other.name), "set both or none");
            }
        }
        Some(Self { id: id?, secret: secret? })
    }
}

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded; one instance.
    Sqlite,
    /// Shared by several instances.
    Postgres,
}

/// The URL of a database. `Display` and `Debug` show it without its password.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    url: Secret,
    shown: String,
}

impl Database {
    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The whole URL, for the driver.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.expose()
    }

    /// Whether it lives in memory and is gone with the process.
    #[must_use]
    pub fn is_fleeting(&self) -> bool {
        self.engine == Engine::Sqlite && self.shown.contains(":memory:") || self.shown.contains("mode=memory")
    }

    fn parse(text: &str) -> Result<(Self, String), Wrong> {
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        let (engine, shown) = match scheme {
            "sqlite" if text.len() > "sqlite://".len() => (Engine::Sqlite, text.to_owned()),
            "postgres" | "postgresql" => (Engine::Postgres, without_password(text)?),
            _ => return Err(wrong()),
        };
        Ok((Self { engine, url: Secret::new(text), shown: shown.clone() }, shown))
    }
}

impl Default for Database {
    fn default() -> Self {
        let url = DATABASE_URL.default.unwrap_or_default();
        Self { engine: Engine::Sqlite, url: Secret::new(url), shown: url.to_owned() }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.shown)
    }
}

impl Storage {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self {
            database: env.url(&DATABASE_URL, Database::parse).unwrap_or_default(),
            data_dir: env.parsed(&DATA_DIR, |text| Ok(PathBuf::from(text))).unwrap_or_else(|| PathBuf::from("data")),
            // systemd lists all of them, with colons between.
            spare_dir: env.parsed(&CACHE_DIRECTORY, |text| Ok(text.split(':').next().map(PathBuf::from))).flatten(),
            data_key: env.secret(&DATA_KEY, |_| Ok(())),
            s3_keys: S3Keys::read(env),
        }
    }
}

fn wrong() -> Wrong {
    Wrong::new(
        "is not the URL of a database",
        "write sqlite://data/switchboard.db or postgres://USER:PASSWORD@HOST/NAME",
    )
}

/// The URL with its password, also one given as a parameter, replaced.
fn without_password(text: &str) -> Result<String, Wrong> {
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    if url.password().is_some() {
        url.set_password(Some("***")).map_err(|()| wrong())?;
    }
    if url.query().is_some() {
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let mut query = url.query_pairs_mut();
        query.clear();
        for (name, value) in &pairs {
            query.append_pair(name, if name.to_ascii_lowercase().contains("password") { "***" } else { value });
        }
    }
    Ok(url.into())
}
