//! The process that closes a contact, and opens it when we are gone. A process of its own, because a service that is
//! killed does nothing more: its end of the pipe closes, and the keeper opens the contact.
//!
//! Its standard input: one line of JSON that says how, then a line `1` or `0` for each change. It begins by opening the
//! contact, whatever an earlier life left behind.

use crate::config::paging::ContactKind;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Longest run of a command, in hundredths of a second.
const PATIENCE: u32 = 500;

/// How a contact is closed and opened.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum How {
    Commands { on: Vec<String>, off: Vec<String> },
    File { path: String, inverted: bool },
}

impl From<&ContactKind> for How {
    fn from(kind: &ContactKind) -> Self {
        match kind {
            ContactKind::Commands { on, off } => Self::Commands { on: on.clone(), off: off.clone() },
            ContactKind::File { path, inverted } => Self::File { path: path.clone(), inverted: *inverted },
        }
    }
}

/// Runs until `orders` end; tells each change, and each failure, as one line.
///
/// # Errors
/// When the first line makes no sense.
pub fn keep(orders: &mut dyn BufRead, told: &mut dyn Write) -> io::Result<()> {
    let mut line = String::new();
    orders.read_line(&mut line)?;
    let how: How = serde_json::from_str(&line)?;
    let mut tell = |closed: bool| {
        let word = match how.set(closed) {
            Ok(()) => if closed { "closed" } else { "open" }.to_owned(),
            Err(why) => format!("fault {why}"),
        };
        // Whoever listened may be gone.
        let _ = writeln!(told, "{word}").and_then(|()| told.flush());
    };
    tell(false);
    loop {
        line.clear();
        let read = orders.read_line(&mut line);
        match (read, line.trim()) {
            (Ok(1..), "1") => tell(true),
            (Ok(1..), _) => tell(false),
            (Ok(0) | Err(_), _) => break,
        }
    }
    tell(false);
    Ok(())
}

impl How {
    fn set(&self, closed: bool) -> io::Result<()> {
        match self {
            Self::Commands { on, off } => run(if closed { on } else { off }),
            Self::File { path, inverted } => std::fs::write(path, if closed == *inverted { "0\n" } else { "1\n" }),
        }
    }
}

fn run(words: &[String]) -> io::Result<()> {
    let (program, words) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    for _ in 0..PATIENCE {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(format!("{program}: {status}"))),
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    child.kill()?;
    child.wait()?;
    Err(io::Error::new(io::ErrorKind::TimedOut, format!("{program} did not end")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_at_the_beginning_and_at_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("line").to_string_lossy().into_owned();
        let how = serde_json::to_string(&How::File { path: path.clone(), inverted: true }).expect("JSON");
        let mut told = Vec::new();
        keep(&mut format!("{how}\n1\n0\n1\n").as_bytes(), &mut told).expect("a keeper");
        assert_eq!(String::from_utf8_lossy(&told), "open\nclosed\nopen\nclosed\nopen\n");
        assert_eq!(std::fs::read_to_string(path).ok().as_deref(), Some("1\n"), "inverted");
    }

    #[test]
    fn a_command_that_fails_is_told_and_survived() {
        let how = How::Commands { on: vec!["false".into()], off: vec!["true".into()] };
        let orders = format!("{}\n1\n", serde_json::to_string(&how).expect("JSON"));
        let mut told = Vec::new();
        keep(&mut orders.as_bytes(), &mut told).expect("a keeper");
        let told = String::from_utf8_lossy(&told);
        assert!(told.starts_with("open\nfault false: exit status: 1\nopen\n"), "{told}");
        assert!(keep(&mut "nonsense\n".as_bytes(), &mut Vec::new()).is_err());
    }
}
