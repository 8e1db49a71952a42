//! One stream on its socket: a frame every twenty milliseconds, by absolute deadlines, and whatever comes in between.

use super::FRAME_TIME;
use super::cut::{Cut, How, STALL};
use super::note::Note;
use super::report::StreamReport;
use super::session::Session;
use crate::simulator::act::Act;
use crate::simulator::http::{Fault, Socket, close_fault, socket_fault, stuck};
use futures_util::{SinkExt, StreamExt};
use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// A server that takes nothing for so long is given up.
const STUCK: Duration = Duration::from_secs(5);
/// A socket that is being closed has this long to say so.
const GOODBYE: Duration = Duration::from_secs(1);

/// How a stream ended.
#[derive(Debug)]
pub(in crate::simulator) enum End {
    /// The server closed it.
    Server,
    /// We did: the call ended or went elsewhere.
    Carrier,
    /// The caller put the phone down.
    Caller,
    /// It broke.
    Failed(Fault),
}

/// What is left.
#[derive(Debug)]
pub(in crate::simulator) struct Ended {
    pub(in crate::simulator) end: End,
    /// What the caller has not done yet.
    pub(in crate::simulator) acts: VecDeque<Act>,
    pub(in crate::simulator) report: StreamReport,
}

/// A stream that runs, as its call sees it. It goes on by itself, so that nothing the call does makes a frame late.
#[derive(Debug)]
pub(in crate::simulator) struct Line {
    notes: UnboundedReceiver<Note>,
    stop: CancellationToken,
    task: JoinHandle<Ended>,
    /// When it began.
    pub(in crate::simulator) began: Instant,
}

impl Line {
    /// The first frame is sent `phase` after the beginning; `cut` is what goes wrong on the way.
    pub(in crate::simulator) fn open(socket: Socket, session: Session, phase: Duration, cut: Option<Cut>) -> Self {
        let (tell, notes) = unbounded_channel();
        let (stop, began) = (CancellationToken::new(), Instant::now());
        let wire = Wire { socket, session, tell, began, out: Vec::new(), cut, deaf_until: None, stalled: false };
        let task = tokio::spawn(wire.run(stop.clone(), began + phase));
        Self { notes, stop, task, began }
    }

    /// The next thing worth telling; `None` when the stream is over.
    pub(in crate::simulator) async fn note(&mut self) -> Option<Note> {
        self.notes.recv().await
    }

    /// The call has no more use for it.
    pub(in crate::simulator) fn stop(&self) {
        self.stop.cancel();
    }

    /// How it ended; `None` if its task was killed.
    pub(in crate::simulator) async fn ended(self) -> Option<Ended> {
        self.task.await.ok()
    }
}

struct Wire {
    socket: Socket,
    session: Session,
    tell: UnboundedSender<Note>,
    began: Instant,
    out: Vec<String>,
    /// Still to come.
    cut: Option<Cut>,
    /// Nothing is read before this.
    deaf_until: Option<Instant>,
    /// Nothing was read for a while.
    stalled: bool,
}

impl Wire {
    async fn run(mut self, stop: CancellationToken, first: Instant) -> Ended {
        let end = match self.talk(&stop, first).await {
            Ok(end) => end,
            Err(fault) => End::Failed(fault),
        };
        // Who has gone cannot be told goodbye.
        if matches!(end, End::Carrier | End::Caller) {
            let _ = timeout(GOODBYE, self.say_goodbye()).await;
        }
        let (acts, report) = self.session.finish(self.began.elapsed());
        Ended { end, acts, report }
    }

    async fn talk(&mut self, stop: &CancellationToken, first: Instant) -> Result<End, Fault> {
        self.session.opening(&mut self.out);
        self.send().await?;
        let mut due = first;
        let mut alarm = pin!(sleep_until(due));
        loop {
            let trouble = self.deaf_until.or(self.cut.map(|cut| self.began + cut.after));
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(End::Carrier),
                () = sleep_until(trouble.unwrap_or(due)), if trouble.is_some() => {
                    if let Some(end) = self.trouble().await {
                        return Ok(end);
                    }
                }
                () = &mut alarm => {
                    let now = self.began.elapsed();
                    self.session.late(now.saturating_sub(due - self.began));
                    self.session.tick(now, &mut self.out);
                    due += FRAME_TIME;
                    alarm.as_mut().reset(due);
                }
                message = self.socket.next(), if self.deaf_until.is_none() => match message {
                    Some(Ok(message)) => {
                        if let Some(end) = self.take(message).await {
                            return end;
                        }
                    }
                    Some(Err(why)) => return Err(socket_fault(&why)),
                    None => return Ok(End::Server),
                },
            }
            match self.send().await {
                // Who did not read has missed the goodbye.
                Err(_) if self.stalled => return Ok(End::Server),
                sent => sent?,
            }
            if self.session.hangs_up() {
                return Ok(End::Caller);
            }
        }
    }

    /// The socket breaks, or nothing is read for a while; `Some` when that ends the stream. Who stalled listens again.
    async fn trouble(&mut self) -> Option<End> {
        if self.deaf_until.take().is_some() {
            return None;
        }
        let how = self.cut.take()?.how;
        self.session.is_cut(how.as_str());
        how.happens(&mut self.socket).await;
        match how {
            How::Stall => (self.stalled, self.deaf_until) = (true, Some(Instant::now() + STALL)),
            How::Reset => {}
            // What the server has to say to it.
            How::HalfClose | How::Garbage => {
                let _ = timeout(STUCK, async { while let Some(Ok(_)) = self.socket.next().await {} }).await;
            }
        }
        how.is_end().then(|| End::Failed(how.fault()))
    }

    /// A message of the server; `Some` when it was the last.
    async fn take(&mut self, message: Message) -> Option<Result<End, Fault>> {
        let now = self.began.elapsed();
        match message {
            Message::Text(text) => self.session.hear(&text, now, &mut self.out),
            Message::Binary(_) => self.session.hear_binary(now),
            Message::Close(frame) => {
                // The answer to it goes out while we wait for the end.
                let _ = timeout(GOODBYE, async { while let Some(Ok(_)) = self.socket.next().await {} }).await;
                let fault = frame.and_then(|frame| close_fault(frame.code.into(), &frame.reason));
                return Some(fault.map_or(Ok(End::Server), Err));
            }
            // Pings are answered with the next flush.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        None
    }

    async fn send(&mut self) -> Result<(), Fault> {
        for note in self.session.notes() {
            // Nobody listens any more: the stream goes on to its end all the same.
            let _ = self.tell.send(note);
        }
        if self.out.is_empty() {
            return Ok(());
        }
        let all = async {
            for text in self.out.drain(..) {
                self.socket.feed(Message::text(text)).await?;
            }
            self.socket.flush().await
        };
        timeout(STUCK, all).await.map_err(|_| stuck())?.map_err(|why| socket_fault(&why))
    }

    /// `stop`, then the close and the answer to it.
    async fn say_goodbye(&mut self) -> Result<(), Fault> {
        self.session.closing(&mut self.out);
        self.send().await?;
        self.socket.close(None).await.map_err(|why| socket_fault(&why))?;
        while let Some(Ok(_)) = self.socket.next().await {}
        Ok(())
    }
}
