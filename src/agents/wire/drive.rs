//! The task of a conversation: carries words between the stream, the session and its sockets, and tells it the time.

use super::socket::{self, Frame, IN_FLIGHT, News};
use crate::agents::inbox::Inbox;
use crate::agents::outbox::Outbox;
use crate::agents::port::{Cause, FromAgent, Ms};
use crate::agents::session::{Act, Acts, Heard, Session, Socket};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

/// News of sockets that wait to be heard; a peer that floods us waits.
const NEWS: usize = 64;
/// Frames that a session wants sent while the socket is busy. A session that gets so far ahead of its peer has failed
/// already, or will have when the frame before is stuck for two seconds.
const UNSENT: usize = 512;

/// What became of an agent, for whoever decides whether to try it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agents) enum Seen {
    Ready,
    Failed(Cause),
    /// The conversation ended, or was given up.
    Left,
}

/// Drives a session to its end.
pub(in crate::agents) async fn drive(
    session: Box<dyn Session>,
    outbox: Arc<Outbox>,
    inbox: Arc<Inbox>,
    watch: impl Fn(Seen) + Send + 'static,
) {
    let (teller, news) = mpsc::channel(NEWS);
    let began = Instant::now();
    let watch = Box::new(watch);
    let (acts, lines, left) = (Acts::new(), Vec::new(), false);
    Driver { session, outbox, inbox, watch, teller, began, acts, lines, left }.run(news).await;
}

struct Driver {
    session: Box<dyn Session>,
    outbox: Arc<Outbox>,
    inbox: Arc<Inbox>,
    watch: Box<dyn Fn(Seen) + Send>,
    teller: socket::Teller,
    began: Instant,
    acts: Acts,
    lines: Vec<Line>,
    left: bool,
}

/// One socket, seen from here.
struct Line {
    number: Socket,
    frames: mpsc::Sender<Frame>,
    unsent: std::collections::VecDeque<Frame>,
    open: bool,
    task: AbortHandle,
}

impl Driver {
    async fn run(mut self, mut news: mpsc::Receiver<(Socket, News)>) {
        self.session.begin(0, &mut self.acts);
        loop {
            self.perform();
            if self.session.is_over() && self.lines.iter().all(|line| line.unsent.is_empty()) {
                return (self.watch)(Seen::Left);
            }
            let wakes = self.session.wakes().map(|at| self.began + Duration::from_millis(at));
            let idle = self.lines.iter().all(|line| line.unsent.is_empty());
            tokio::select! {
                Some((socket, news)) = news.recv() => self.hear(socket, news),
                () = self.outbox.filled(), if idle && !self.left => self.listen(),
                () = flush(&mut self.lines), if !idle => self.listen(),
                () = sleep_until(wakes.unwrap_or(self.began)), if wakes.is_some() => {
                    self.session.tick(self.now(), &mut self.acts);
                }
            }
        }
    }

    fn now(&self) -> Ms {
        Ms::try_from(self.began.elapsed().as_millis()).unwrap_or(Ms::MAX)
    }

    /// Takes what the stream says, as long as the socket keeps up.
    fn listen(&mut self) {
        while self.lines.iter().all(|line| line.unsent.is_empty()) {
            let Some(word) = self.outbox.take() else { break };
            self.session.told(self.now(), word, &mut self.acts);
            self.perform();
        }
        if !self.left && self.outbox.is_over() {
            self.left = true;
            self.session.left(self.now(), &mut self.acts);
        }
    }

    fn hear(&mut self, socket: Socket, news: News) {
        let at = self.now();
        let (session, acts) = (&mut self.session, &mut self.acts);
        match &news {
            News::Open(agreed) => {
                if let Some(line) = self.lines.iter_mut().find(|line| line.number == socket) {
                    line.open = true;
                }
                session.heard(at, socket, Heard::Open(agreed.as_deref()), acts);
            }
            News::Refused(status, words) => session.heard(at, socket, Heard::Refused(*status, words), acts),
            News::Text(text) => session.heard(at, socket, Heard::Text(text), acts),
            News::Binary(data) => session.heard(at, socket, Heard::Binary(data), acts),
            News::Alive => session.heard(at, socket, Heard::Alive, acts),
            News::Closed(code) => session.heard(at, socket, Heard::Closed(*code), acts),
            News::Stuck => session.heard(at, socket, Heard::Stuck, acts),
        }
        if matches!(news, News::Refused(..) | News::Closed(_) | News::Stuck) {
            self.lines.retain(|line| line.number != socket);
        }
    }

    fn perform(&mut self) {
        while let Some(act) = self.acts.pop_front() {
            match act {
                Act::Dial(socket) => self.dial(socket),
                Act::Text(socket, text) => self.send(socket, Frame::Text(text)),
                Act::Binary(socket, data) => self.send(socket, Frame::Binary(data)),
                Act::Ping(socket) => self.send(socket, Frame::Ping),
                Act::Close(socket, code) => self.close(socket, code),
                Act::Say(word) => self.say(word),
                Act::Note(kind, words) => tracing::warn!(agent.note = kind, "{words}"),
            }
        }
    }

    fn say(&mut self, word: FromAgent) {
        match &word {
            FromAgent::Ready(_) => (self.watch)(Seen::Ready),
            FromAgent::Failed(failure) => (self.watch)(Seen::Failed(failure.cause)),
            _ => {}
        }
        self.inbox.put(word);
    }

    fn dial(&mut self, number: Socket) {
        let (frames, queue) = mpsc::channel(IN_FLIGHT);
        let task = tokio::spawn(socket::run(number, self.session.request(number), queue, self.teller.clone()));
        let task = task.abort_handle();
        self.lines.push(Line { number, frames, unsent: Default::default(), open: false, task });
    }

    fn send(&mut self, socket: Socket, frame: Frame) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.number == socket)
            && line.unsent.len() < UNSENT
        {
            line.unsent.push_back(frame);
            line.push();
        }
    }

    /// Nobody waits for a peer that shall go: the socket's own task says farewell.
    fn close(&mut self, socket: Socket, code: u16) {
        let Some(place) = self.lines.iter().position(|line| line.number == socket) else { return };
        let mut line = self.lines.swap_remove(place);
        line.unsent.push_back(Frame::Close(code));
        line.push();
        if !line.open || !line.unsent.is_empty() {
            line.task.abort();
        }
    }
}

impl Line {
    /// Hands over what the socket has room for.
    fn push(&mut self) {
        while let Some(frame) = self.unsent.pop_front() {
            match self.frames.try_send(frame) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(frame)) => return self.unsent.push_front(frame),
                // Its end is on the way as news.
                Err(mpsc::error::TrySendError::Closed(_)) => return self.unsent.clear(),
            }
        }
    }
}

/// Until one more frame has been handed over.
async fn flush(lines: &mut [Line]) {
    let Some(line) = lines.iter_mut().find(|line| !line.unsent.is_empty()) else { return };
    match line.frames.reserve().await {
        Ok(room) => {
            if let Some(frame) = line.unsent.pop_front() {
                room.send(frame);
            }
        }
        Err(_) => line.unsent.clear(),
    }
}
