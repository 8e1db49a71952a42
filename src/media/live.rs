//! The streams of this process, as operators see them.

use crate::base::CallSid;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A live stream in numbers; at most a second old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveStream {
    /// Its call.
    pub call: CallSid,
    /// 20 ms frames of the caller.
    pub frames_in: u64,
    /// 20 ms frames sent to the caller.
    pub frames_out: u64,
    /// Of those, how many left too late to be heard in time.
    pub late_frames: u64,
    /// Times the caller cut what was being said, by voice or key.
    pub barge_ins: u64,
    /// Turns of the caller.
    pub turns: u64,
    /// Milliseconds of ours that the caller heard.
    pub heard_ms: u64,
    /// Milliseconds of ours that wait to be sent.
    pub queued_ms: u64,
    /// Something of ours is being heard.
    pub playing: bool,
    /// The caller speaks.
    pub speaking: bool,
}

/// What the stream's task writes once a second.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub frames_in: AtomicU64,
    pub frames_out: AtomicU64,
    pub late_frames: AtomicU64,
    pub barge_ins: AtomicU64,
    pub turns: AtomicU64,
    pub heard_ms: AtomicU64,
    pub queued_ms: AtomicU64,
    pub playing: AtomicBool,
    pub speaking: AtomicBool,
}

/// All boards. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Boards(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    boards: HashMap<u64, (CallSid, Arc<Board>)>,
}

/// A board while its stream lasts.
#[derive(Debug)]
pub(super) struct Hung {
    boards: Boards,
    place: u64,
    pub board: Arc<Board>,
}

impl Boards {
    pub(super) fn hang(&self, call: &CallSid) -> Hung {
        let board = Arc::new(Board::default());
        let mut state = self.lock();
        state.next += 1;
        let place = state.next;
        state.boards.insert(place, (call.clone(), Arc::clone(&board)));
        Hung { boards: self.clone(), place, board }
    }

    pub(super) fn all(&self) -> Vec<LiveStream> {
        self.lock().boards.values().map(|(call, board)| board.read(call)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        self.boards.lock().boards.remove(&self.place);
    }
}

impl Board {
    fn read(&self, call: &CallSid) -> LiveStream {
        let number = |of: &AtomicU64| of.load(Ordering::Relaxed);
        LiveStream {
            call: call.clone(),
            frames_in: number(&self.frames_in),
            frames_out: number(&self.frames_out),
            late_frames: number(&self.late_frames),
            barge_ins: number(&self.barge_ins),
            turns: number(&self.turns),
            heard_ms: number(&self.heard_ms),
            queued_ms: number(&self.queued_ms),
            playing: self.playing.load(Ordering::Relaxed),
            speaking: self.speaking.load(Ordering::Relaxed),
        }
    }
}
