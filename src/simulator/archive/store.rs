//! The archive: calls, recordings, transcripts, and the way to calls that run.

use super::call::CallRecord;
use super::order::Order;
use super::recording::{Recording, Transcript};
use crate::base::Time;
use crate::simulator::shelf::Shelf;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// A load run places more calls than anybody asks for again: the oldest are forgotten.
const MOST_CALLS: usize = 50_000;

/// Shared by everybody who holds a copy.
#[derive(Clone, Debug, Default)]
pub struct Archive(Arc<Room>);

#[derive(Debug, Default)]
struct Room {
    shelves: Mutex<Shelves>,
    /// Rings whenever a call gets further.
    bell: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Shelves {
    calls: Shelf<CallRecord>,
    recordings: Shelf<Recording>,
    transcripts: Shelf<Transcript>,
    /// Calls that run and can be told something.
    lines: HashMap<String, UnboundedSender<Order>>,
    /// What is to be paid for; `None`: nobody makes a bill.
    due: Option<Vec<Charge>>,
}

/// Something that costs.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Charge {
    pub(in crate::simulator) at: Time,
    pub(in crate::simulator) account_sid: String,
    pub(in crate::simulator) sid: String,
    pub(in crate::simulator) used: Used,
    pub(in crate::simulator) seconds: u64,
}

/// What was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Used {
    /// A call of this direction.
    Call(&'static str),
    Recording,
    Transcript,
}

impl Archive {
    /// An archive whose owner makes a bill.
    pub(in crate::simulator) fn billed() -> Self {
        let shelves = Shelves { due: Some(Vec::new()), ..Shelves::default() };
        Self(Arc::new(Room { shelves: Mutex::new(shelves), ..Room::default() }))
    }

    /// Calls and dialled legs, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.lock().calls.iter().cloned().collect()
    }

    /// Recordings that are kept, oldest first.
    #[must_use]
    pub fn recordings(&self) -> Vec<Recording> {
        self.lock().recordings.iter().cloned().collect()
    }

    /// Transcripts that are kept, oldest first.
    #[must_use]
    pub fn transcripts(&self) -> Vec<Transcript> {
        self.lock().transcripts.iter().cloned().collect()
    }

    /// Waits until a call has this status (`in-progress`, `completed`).
    pub async fn until(&self, sid: &str, status: &str) {
        let mut bell = self.0.bell.subscribe();
        while self.call(sid).is_none_or(|call| call.status != status) {
            // The sender is ours and lives as long as we do.
            let _ = bell.changed().await;
        }
    }

    fn ring(&self) {
        self.0.bell.send_modify(|rings| *rings += 1);
    }

    /// A call begins; what it is told meanwhile comes out of the channel.
    pub(in crate::simulator) fn begin(&self, call: CallRecord) -> UnboundedReceiver<Order> {
        let (line, orders) = unbounded_channel();
        let mut shelves = self.lock();
        let sid = call.sid.clone();
        shelves.calls.put(&sid, call);
        shelves.calls.forget_beyond(MOST_CALLS);
        shelves.lines.insert(sid, line);
        orders
    }

    /// A call has got further.
    pub(in crate::simulator) fn progress(&self, sid: &str, status: &'static str, at: Time) {
        if let Some(call) = self.lock().calls.get_mut(sid).filter(|call| !call.is_over()) {
            call.status = status;
            if status == "in-progress" {
                call.answered.get_or_insert(at);
            }
        }
        self.ring();
    }

    /// A call is over.
    pub(in crate::simulator) fn end(&self, sid: &str, status: &'static str, at: Time, seconds: u64) {
        let mut shelves = self.lock();
        shelves.lines.remove(sid);
        let Some(call) = shelves.calls.get_mut(sid) else { return };
        (call.status, call.ended, call.duration_s) = (status, Some(at), seconds);
        let (account_sid, used) = (call.account_sid.clone(), Used::Call(call.direction));
        if call.answered.is_some() {
            shelves.charge(Charge { at, account_sid, sid: sid.to_owned(), used, seconds });
        }
        drop(shelves);
        self.ring();
    }

    /// Tells a call that runs what to do; whether there is one.
    pub(in crate::simulator) fn tell(&self, sid: &str, order: Order) -> bool {
        self.lock().lines.get(sid).is_some_and(|line| line.send(order).is_ok())
    }

    /// A recording has begun.
    pub(in crate::simulator) fn tape(&self, recording: Recording) {
        self.lock().recordings.put(&recording.sid.clone(), recording);
        self.ring();
    }

    /// The REST API says something to a recording that runs; the recording as it is then.
    pub(in crate::simulator) fn control(&self, sid: &str, status: &'static str, at: Time) -> Option<Recording> {
        let mut shelves = self.lock();
        let recording = shelves.recordings.get_mut(sid).filter(|recording| recording.runs())?;
        recording.status = status;
        if status == "stopped" {
            recording.stopped = Some(at);
        }
        Some(recording.clone())
    }

    /// A recording is over. What was stopped before ends there.
    pub(in crate::simulator) fn keep(&self, mut recording: Recording) {
        let mut shelves = self.lock();
        if let Some(stopped) = shelves.recordings.take(&recording.sid).and_then(|before| before.stopped) {
            let until = (stopped - recording.started).num_seconds().max(1).unsigned_abs();
            recording.seconds = recording.seconds.min(until);
        }
        let Recording { sid, account_sid, seconds, started, .. } = recording.clone();
        shelves.charge(Charge { at: started, account_sid, sid: sid.clone(), used: Used::Recording, seconds });
        shelves.recordings.put(&sid, recording);
    }

    pub(in crate::simulator) fn write_down(&self, transcript: Transcript) {
        let mut shelves = self.lock();
        let Transcript { sid, account_sid, seconds, created, .. } = transcript.clone();
        shelves.charge(Charge { at: created, account_sid, sid: sid.clone(), used: Used::Transcript, seconds });
        shelves.transcripts.put(&sid, transcript);
    }

    /// What has to be paid for since the last time.
    pub(in crate::simulator) fn take_charges(&self) -> Vec<Charge> {
        self.lock().due.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// One call.
    pub(in crate::simulator) fn call(&self, sid: &str) -> Option<CallRecord> {
        self.lock().calls.get(sid).cloned()
    }

    /// The calls that `wanted` picks, newest first, with their places.
    pub(in crate::simulator) fn find_calls(&self, wanted: impl Fn(&CallRecord) -> bool) -> Vec<(u64, CallRecord)> {
        pick(&self.lock().calls, wanted)
    }

    /// Takes the record of a call away.
    pub(in crate::simulator) fn forget_call(&self, sid: &str) {
        self.lock().calls.take(sid);
    }

    /// The recordings that `wanted` picks, newest first, with their places.
    pub(in crate::simulator) fn find_recordings(&self, wanted: impl Fn(&Recording) -> bool) -> Vec<(u64, Recording)> {
        pick(&self.lock().recordings, wanted)
    }

    /// Deletes a recording with its transcripts.
    pub(in crate::simulator) fn forget_recording(&self, sid: &str) {
        let mut shelves = self.lock();
        shelves.recordings.take(sid);
        let of_it = shelves.transcripts.iter().filter(|transcript| transcript.recording_sid == sid);
        let of_it: Vec<_> = of_it.map(|transcript| transcript.sid.clone()).collect();
        of_it.iter().for_each(|sid| drop(shelves.transcripts.take(sid)));
    }

    /// The transcripts that `wanted` picks, newest first, with their places.
    pub(in crate::simulator) fn find_transcripts(
        &self,
        wanted: impl Fn(&Transcript) -> bool,
    ) -> Vec<(u64, Transcript)> {
        pick(&self.lock().transcripts, wanted)
    }

    pub(in crate::simulator) fn forget_transcript(&self, sid: &str) {
        self.lock().transcripts.take(sid);
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        self.0.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    fn charge(&mut self, charge: Charge) {
        if let Some(due) = &mut self.due {
            due.push(charge);
        }
    }
}

fn pick<T: Clone>(shelf: &Shelf<T>, wanted: impl Fn(&T) -> bool) -> Vec<(u64, T)> {
    shelf.newest().filter(|(_, item)| wanted(item)).map(|(place, item)| (place, item.clone())).collect()
}
