//! A process that takes samples on its standard input: `aplay` behind an amplifier, or any other. Its command stands in
//! the file. A process that is slow loses frames, one that ends is a failed output; the clock waits for neither.

use super::tally::Tally;
use crate::audio::g711;
use crate::config::paging::{PipeFormat, Process};
use crate::paging::Frame;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that wait in the pipe: a quarter of a second of samples. The system's 64 KiB would be four.
const PIPE: usize = 4_096;
/// Frames (20 ms) for which a process may go on playing what it has, after its input ended.
const GRACE: u32 = 50;

/// One process, for one page.
#[derive(Debug)]
pub(crate) struct Pipe {
    input: Option<ChildStdin>,
    child: Running,
    format: PipeFormat,
    ending: u32,
}

/// A process that can be ended from another thread.
#[derive(Clone, Debug)]
pub(crate) struct Running(Arc<Mutex<Child>>);

impl Running {
    /// Ends it and waits: whatever it held, a sound card, is free then.
    pub(crate) fn end(&self) {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }

    fn has_ended(&self) -> bool {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !matches!(child.try_wait(), Ok(None))
    }
}

impl Pipe {
    pub(crate) fn start(process: &Process) -> io::Result<Self> {
        let (program, words) = process.command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A ctrl-c at our terminal is not meant for it.
        let mut child = command.process_group(0).spawn()?;
        let input = child.stdin.take();
        if let Some(input) = &input {
            fcntl_setfl(input, fcntl_getfl(input)? | OFlags::NONBLOCK)?;
            #[cfg(target_os = "linux")]
            let _ = rustix::pipe::fcntl_setpipe_size(input, PIPE);
        }
        Ok(Self { input, child: Running(Arc::new(Mutex::new(child))), format: process.format, ending: 0 })
    }

    pub(crate) fn running(&self) -> Running {
        self.child.clone()
    }

    /// Writes a frame, whole or not at all: it is shorter than what a pipe takes in one piece.
    pub(crate) fn play(&mut self, frame: &Frame, tally: &Tally) {
        let Some(input) = &mut self.input else { return };
        let written = match self.format {
            PipeFormat::S16le => {
                let bytes: Vec<u8> = frame.iter().flat_map(|sample| sample.to_le_bytes()).collect();
                input.write(&bytes)
            }
            PipeFormat::Mulaw => input.write(&frame.map(g711::encode)),
        };
        match written {
            Ok(_) => tally.sent(),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => tally.missed(&"the process takes no more samples"),
            Err(_) => {
                self.input = None;
                tally.fail("the process has ended".to_owned());
            }
        }
    }

    /// No more is said; it plays what it has.
    pub(crate) fn finish(&mut self) {
        self.input = None;
    }

    /// Asked every 20 ms behind [`Pipe::finish`].
    pub(crate) fn is_over(&mut self) -> bool {
        if self.child.has_ended() {
            return true;
        }
        self.ending += 1;
        if self.ending == GRACE {
            let _ = self.child.0.lock().unwrap_or_else(PoisonError::into_inner).kill();
        }
        false
    }
}

impl Drop for Pipe {
    /// A page that is cut, or a clock that ends: the process ends too, without the clock waiting for it.
    fn drop(&mut self) {
        self.input = None;
        if !self.child.has_ended() {
            let child = self.child.clone();
            let _ = std::thread::Builder::new().name("paging-reaper".to_owned()).spawn(move || child.end());
        }
    }
}
