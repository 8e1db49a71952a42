//! What is logged, and how it looks.

use super::values;
use crate::config::env::{Env, Shown, Variable};
use crate::config::mistake::Wrong;
use tracing_subscriber::EnvFilter;

/// Without the database's own remarks, which are many and change nothing.
const USUAL: &str = "info,sqlx=warn";
const RUST_LOG: Variable = Variable::plain("RUST_LOG", "What is logged, like info,switchboard=debug.").default(USUAL);
const LOG_FORMAT: Variable = Variable::plain(
    "LOG_FORMAT",
    "pretty for people, json for programs. Default: pretty in development, json in production.",
);
const OTLP_ENDPOINT: Variable =
    Variable::plain("OTEL_EXPORTER_OTLP_ENDPOINT", "Where traces go.").example("http://127.0.0.1:4317").later();

pub(super) const VARIABLES: &[Variable] = &[RUST_LOG, LOG_FORMAT, OTLP_ENDPOINT];

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Logs and traces.
#[derive(Clone, Debug)]
pub struct Log {
    /// `RUST_LOG`: directives of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// `LOG_FORMAT`.
    pub format: LogFormat,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub otlp_endpoint: Option<String>,
}

impl Log {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        let filter = env.parsed(&RUST_LOG, filter).unwrap_or_else(|| USUAL.to_owned());
        let format = env.parsed(&LOG_FORMAT, format).unwrap_or_else(|| {
            let (format, word) = if env.production { (LogFormat::Json, "json") } else { (LogFormat::Pretty, "pretty") };
            env.show(&LOG_FORMAT, Shown::Value(word.to_owned()));
            format
        });
        Self { filter, format, otlp_endpoint: env.parsed(&OTLP_ENDPOINT, values::web_url) }
    }
}

fn filter(text: &str) -> Result<String, Wrong> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(Wrong::new(format!("`{text}`: {error}"), "write it like info,switchboard=debug")),
    }
}

fn format(text: &str) -> Result<LogFormat, Wrong> {
    match text {
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err(Wrong::new(format!("`{text}` is not a format"), "write pretty or json")),
    }
}
