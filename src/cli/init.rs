//! `switchboard init`: writes the annotated built-in line, for a start.

use crate::cli::say;
use crate::config::BUILTIN;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write an annotated switchboard.toml: the built-in line, ready to be changed
///
/// Never writes over an existing file.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  switchboard init\n  switchboard init --path /etc/switchboard/switchboard.toml\n\n\
                        Exit codes: 0 written, 1 not written (it exists, or cannot be written), 2 usage"
)]
pub struct Args {
    /// Where to write it
    #[arg(long, value_name = "FILE", default_value = "switchboard.toml")]
    pub path: PathBuf,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let path = args.path.display();
    match write(&args.path) {
        Ok(()) => say::line(&format!("wrote {path}: change it, then prove it with `switchboard check`")),
        Err(error) => say::failure(&refusal(&args.path, &error)),
    }
}

/// Creates the file; `create_new` leaves no moment in which another one could be overwritten.
fn write(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(BUILTIN.as_bytes())
}

fn refusal(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    if error.kind() == ErrorKind::AlreadyExists {
        format!("{path} exists and stays as it is: name another file with --path, or move it away")
    } else {
        format!("cannot write {path}: {error}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_writes_once_and_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let args = Args { path: folder.path().join("switchboard.toml") };
        assert_eq!(run(&args), ExitCode::SUCCESS);
        assert_eq!(std::fs::read_to_string(&args.path).unwrap(), BUILTIN);
        std::fs::write(&args.path, "mine").unwrap();
        assert_eq!(run(&args), ExitCode::FAILURE);
        assert_eq!(std::fs::read_to_string(&args.path).unwrap(), "mine");
        let error = write(&args.path).unwrap_err();
        assert!(refusal(&args.path, &error).contains("exists and stays as it is"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let path = Path::new("/nowhere/switchboard.toml");
        let error = write(path).unwrap_err();
        assert!(refusal(path, &error).starts_with("cannot write /nowhere/switchboard.toml: "));
    }
}
