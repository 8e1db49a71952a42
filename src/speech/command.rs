//! A program that reads a text and writes sound.

use super::error::SpeechError;
use super::sound;
use super::wish::Wish;
use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ten minutes of 48 kHz; nobody fills our memory.
const LARGEST: u64 = 64 << 20;

/// Ends the program, and what it started, when nobody waits for it any more.
struct Leash(Option<Pid>);

impl Drop for Leash {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Gone already is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs it with the text on its standard input.
pub(super) async fn say(command: &[String], wish: &Wish<'_>, within: Duration) -> Result<Bytes, SpeechError> {
    let child = start(command, wish).map_err(|error| SpeechError::Command(error.to_string()))?;
    let mut leash = Leash(i32::try_from(child.id()).ok().and_then(Pid::from_raw));
    let text = wish.text.to_owned();
    let running = tokio::task::spawn_blocking(move || run(child, &text));
    let late = |_| SpeechError::Command(format!("it took longer than {} s", within.as_secs()));
    let ran = tokio::time::timeout(within, running).await.map_err(late)?;
    // It has ended and was waited for: its number may be another's by now.
    leash.0 = None;
    let written = ran.map_err(|error| SpeechError::Command(error.to_string()))??;
    sound::of_program(written)
}

fn start(command: &[String], wish: &Wish<'_>) -> std::io::Result<Child> {
    let (program, arguments) = command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    Command::new(program)
        .args(arguments)
        .env("SPEECH_LANGUAGE", wish.language)
        .env("SPEECH_VOICE", &wish.voice.voice)
        .env("SPEECH_MODEL", &wish.voice.model)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

fn run(mut child: Child, text: &str) -> Result<Vec<u8>, SpeechError> {
    let failed = |error: std::io::Error| SpeechError::Command(error.to_string());
    let mut written = Vec::new();
    if let Some(mut input) = child.stdin.take() {
        // A program that does not read everything has its reasons.
        let _ = input.write_all(text.as_bytes()).and_then(|()| input.write_all(b"\n"));
    }
    if let Some(output) = child.stdout.take() {
        output.take(LARGEST + 1).read_to_end(&mut written).map_err(failed)?;
    }
    let status = child.wait().map_err(failed)?;
    match status.success() {
        _ if written.len() as u64 > LARGEST => {
            Err(SpeechError::Unreadable(format!("it is longer than {LARGEST} bytes")))
        }
        true => Ok(written),
        false => Err(SpeechError::Command(format!("it ended with {status}"))),
    }
}
