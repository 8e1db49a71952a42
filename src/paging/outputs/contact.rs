//! Who holds which contact closed. Closed while anybody holds it; each has a keeper process.

use super::keeper::How;
use crate::config::paging::Contact;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All contacts that anybody has held.
#[derive(Debug)]
pub(crate) struct Contacts {
    /// Our own program, which is the keeper too.
    program: Arc<Path>,
    kept: Mutex<HashMap<Arc<str>, Arc<Kept>>>,
}

/// The hidden command that runs [`super::keep`].
const COMMAND: &str = "contact-keeper";

#[derive(Debug)]
struct Kept {
    program: Arc<Path>,
    contact: Arc<Contact>,
    state: Mutex<State>,
    fault: Arc<Mutex<Option<String>>>,
}

#[derive(Debug, Default)]
struct State {
    holders: usize,
    keeper: Option<(Child, ChildStdin)>,
}

/// Holds a contact closed; dropped, it lets go.
#[derive(Debug)]
pub(crate) struct Hold(Arc<Kept>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Contacts {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program: program.into(), kept: Mutex::default() }
    }

    /// Starts the keeper of a contact, which opens it, whatever an earlier life left behind.
    pub(crate) fn prepare(&self, contact: &Arc<Contact>) -> io::Result<()> {
        let kept = self.kept(contact);
        let mut state = locked(&kept.state);
        state.alive(&kept).map(drop)
    }

    /// Closes a contact, unless it is closed already.
    pub(crate) fn hold(&self, contact: &Arc<Contact>) -> io::Result<Hold> {
        let kept = self.kept(contact);
        {
            let mut state = locked(&kept.state);
            let new = state.alive(&kept)?;
            if new || state.holders == 0 {
                state.order("1\n")?;
            }
            state.holders += 1;
        }
        Ok(Hold(kept))
    }

    fn kept(&self, contact: &Arc<Contact>) -> Arc<Kept> {
        let mut all = locked(&self.kept);
        let name: Arc<str> = contact.name.as_str().into();
        let known = all.get(&name).filter(|kept| kept.contact.kind == contact.kind).cloned();
        known.unwrap_or_else(|| {
            let kept = Kept {
                program: self.program.clone(),
                contact: contact.clone(),
                state: Mutex::default(),
                fault: Arc::default(),
            };
            let kept = Arc::new(kept);
            all.insert(name, kept.clone());
            kept
        })
    }
}

impl State {
    /// A keeper that lives: whether it is a new one.
    fn alive(&mut self, kept: &Kept) -> io::Result<bool> {
        if let Some((child, _)) = &mut self.keeper
            && matches!(child.try_wait(), Ok(None))
        {
            return Ok(false);
        }
        self.keeper = Some(started(kept)?);
        Ok(true)
    }

    fn order(&mut self, word: &str) -> io::Result<()> {
        match &mut self.keeper {
            Some((_, input)) => input.write_all(word.as_bytes()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

fn started(kept: &Kept) -> io::Result<(Child, ChildStdin)> {
    let mut command = Command::new(&*kept.program);
    command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own: a ctrl-c at our terminal must not end it before it has opened the contact.
    let mut child = command.process_group(0).spawn()?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let how = serde_json::to_string(&How::from(&kept.contact.kind))?;
    input.write_all(format!("{how}\n").as_bytes())?;
    let (name, fault) = (kept.contact.name.clone(), kept.fault.clone());
    let listen = move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let wrong = line.strip_prefix("fault ").map(str::to_owned);
            match &wrong {
                Some(why) => tracing::warn!(contact = name, fault = why, "a contact does not obey"),
                None => tracing::debug!(contact = name, state = line, "a contact has changed"),
            }
            *locked(&fault) = wrong;
        }
    };
    std::thread::Builder::new().name("paging-contact".to_owned()).spawn(listen)?;
    Ok((child, input))
}

impl Hold {
    /// What its keeper complained about last.
    pub(crate) fn fault(&self) -> Option<String> {
        locked(&self.0.fault).clone()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = locked(&self.0.state);
        state.holders = state.holders.saturating_sub(1);
        if state.holders == 0 && state.order("0\n").is_err() {
            // The keeper was killed and has left the contact closed: another one opens it when it starts. Beside us,
            // because whoever lets go may be the clock.
            let kept = self.0.clone();
            let _ = std::thread::Builder::new().name("paging-contact".to_owned()).spawn(move || kept.anew());
        }
    }
}

impl Kept {
    /// A keeper in place of one that is gone.
    fn anew(&self) {
        if let Err(why) = locked(&self.state).alive(self) {
            tracing::error!(contact = self.contact.name, fault = %why, "a contact stays closed: it has no keeper");
        }
    }
}

impl Drop for Kept {
    /// The pipe closes, the keeper opens the contact and ends; nobody waits for it but its reaper.
    fn drop(&mut self) {
        if let Some((mut child, input)) = locked(&self.state).keeper.take() {
            drop(input);
            let _ = std::thread::Builder::new().name("paging-reaper".to_owned()).spawn(move || child.wait());
        }
    }
}
