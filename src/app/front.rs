//! The threads that answer, apart from all others: in a crowd thousands of requests are ready, and whoever writes to the
//! database beside them (the relay, a sweep) would hold its lock while he waits behind them for his next turn.
//!
//! How long a task waits here is felt again and again, so that the door knows when there is too much to do.

use crate::gate::Door;
use std::io;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot::{self, Receiver, error::TryRecvError};
use tokio::time::interval;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Between two beats.
const BEAT: Duration = Duration::from_millis(25);

/// A runtime for connections. Dropped, it answers no more.
#[derive(Debug)]
pub(super) struct Front {
    _pulse: DropGuard,
    /// There until it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Front {
    /// Opens it, and tells `door` how it gets on until the stop.
    pub(super) fn open(door: &Door, tasks: &TaskTracker, stop: &CancellationToken) -> io::Result<Self> {
        // What a lane wakes comes in turn with what sockets bring, so answers that are stored already do not wait for all of
        // it. Not before it: the threads' own queues would starve, since what does not fit into them is put there too.
        let runtime = Builder::new_multi_thread().global_queue_interval(2).enable_all().thread_name("front").build()?;
        let (handle, stop, door) = (runtime.handle().clone(), stop.child_token(), door.clone());
        let _pulse = stop.clone().drop_guard();
        // On a thread of its own: its tasks have to wait where requests do, and it must not wait with them.
        let pulse = move |front: Handle| front.block_on(stop.run_until_cancelled(beat(door)));
        let front = handle.clone();
        tasks.spawn_blocking_on(move || pulse(front), &handle);
        Ok(Self { _pulse, runtime: Some(runtime), handle })
    }

    /// Where connections are served.
    pub(super) const fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn beat(door: Door) {
    let mut ticks = interval(BEAT);
    let mut felt = None;
    loop {
        ticks.tick().await;
        felt = Some(match felt.take() {
            None => send(),
            Some((sent, answer)) => feel(&door, sent, answer),
        });
    }
}

/// A task that has not come back yet has waited as long as it is out.
fn feel(door: &Door, sent: Instant, mut answer: Receiver<Duration>) -> (Instant, Receiver<Duration>) {
    match answer.try_recv() {
        Ok(lag) => door.feel(lag),
        Err(TryRecvError::Closed) => {}
        Err(TryRecvError::Empty) => {
            door.feel(sent.elapsed());
            return (sent, answer);
        }
    }
    send()
}

fn send() -> (Instant, Receiver<Duration>) {
    let (sent, (tell, answer)) = (Instant::now(), oneshot::channel());
    tokio::spawn(async move {
        // Woken from another thread it comes early; then it goes to the end of those whose sockets are ready.
        tokio::task::yield_now().await;
        tell.send(sent.elapsed())
    });
    (sent, answer)
}
