//! `switchboard print-config`: what is in effect, secrets masked.

use crate::cli::say;
use crate::config::{Mistake, Source, SystemSource, load_file, to_json, to_toml};
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the configuration in effect: environment and file, every default written out, secrets masked
///
/// The TOML form reads back: its lines can be kept as switchboard.toml. Keys that are left out, because what they do is
/// not offered, stand in its comments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  switchboard print-config\n  switchboard print-config --json | jq .environment\n  \
                        switchboard print-config --config new.toml | diff - <(switchboard print-config)\n\n\
                        Exit codes: 0 shown, 1 the configuration has mistakes (they are listed), 2 usage"
)]
pub struct Args {
    /// The file to read instead of the one that SWITCHBOARD_CONFIG names
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    match shown(args, &SystemSource) {
        Ok(text) => say::line(&text),
        Err(mistakes) => say::mistakes(&mistakes),
    }
}

fn shown(args: &Args, source: &dyn Source) -> Result<String, Vec<Mistake>> {
    let path = args.config.as_ref().map(|path| path.to_string_lossy());
    let loaded = load_file(source, path.as_deref())?;
    Ok(if args.json { format!("{:#}", to_json(&loaded)) } else { to_toml(&loaded).trim_end().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FixedSource;

    fn args(json: bool) -> Args {
        Args { config: None, json }
    }

    #[test]
    fn both_forms_are_what_they_say() {
        let source = FixedSource::new([("ADMIN_TOKEN", "hunter2hunter2")]);
        let toml = shown(&args(false), &source).unwrap();
        assert!(toml.contains("# ADMIN_TOKEN = (set, not shown)\n"), "{toml}");
        assert!(toml.parse::<toml::Table>().is_ok());
        let json: serde_json::Value = serde_json::from_str(&shown(&args(true), &source).unwrap()).unwrap();
        assert_eq!(json["environment"]["ADMIN_TOKEN"]["hidden"], true);
        assert_eq!(json["environment"]["DATA_KEY"], serde_json::Value::Null);
        assert_eq!(json["lines"][0]["menus"]["main"]["keys"]["3"], "talk");
    }

    #[test]
    fn a_file_that_is_not_there_is_a_mistake() {
        let args = Args { config: Some("other.toml".into()), json: false };
        let mistakes = shown(&args, &FixedSource::default()).unwrap_err();
        assert!(mistakes[0].to_string().starts_with("other.toml:1:1: cannot be read"), "{mistakes:?}");
    }
}
