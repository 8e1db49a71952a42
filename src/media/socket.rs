//! A stream's socket, as its task sees it: texts come, texts go, and nobody waits for a carrier that does not read.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use bytes::Bytes;
use futures_util::{Sink, Stream};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::timeout;

/// How long the carrier may take to answer our close.
const FAREWELL: Duration = Duration::from_millis(500);

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    Text(Utf8Bytes),
    /// What could not be sent before has left.
    Room,
    /// A frame that says nothing: a ping, or bytes.
    Nothing,
    /// The carrier closed it, with this code, or it broke.
    Gone(Option<u16>),
}

/// A stream's socket.
pub(super) struct Socket {
    /// Moved from hand to hand while a stream begins; each of them would keep its room.
    socket: Box<WebSocket>,
    /// The carrier reads too slowly: something waits in our buffer.
    stuck: bool,
    gone: bool,
}

impl Socket {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self { socket: Box::new(socket), stuck: false, gone: false }
    }

    /// Whether something waits for the carrier to read.
    pub(super) const fn is_stuck(&self) -> bool {
        self.stuck
    }

    /// What comes next. Harmless to drop.
    pub(super) async fn next(&mut self) -> Came {
        if self.gone {
            return Came::Gone(None);
        }
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Came> {
        if self.stuck
            && let Poll::Ready(flushed) = Pin::new(&mut *self.socket).poll_flush(cx)
        {
            (self.stuck, self.gone) = (false, flushed.is_err());
            return Poll::Ready(if self.gone { Came::Gone(None) } else { Came::Room });
        }
        Pin::new(&mut *self.socket).poll_next(cx).map(|message| match message {
            Some(Ok(Message::Text(text))) => Came::Text(text),
            Some(Ok(Message::Close(frame))) => {
                self.gone = true;
                Came::Gone(frame.map(|frame| frame.code))
            }
            Some(Err(_)) | None => {
                self.gone = true;
                Came::Gone(None)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_))) => Came::Nothing,
        })
    }

    /// Puts a text on its way, or into our buffer. `false`: the buffer has no room for it.
    pub(super) fn put(&mut self, text: impl Into<Utf8Bytes>) -> bool {
        self.put_message(Message::Text(text.into()))
    }

    /// Shows everybody on the way that the socket is in use.
    pub(super) fn ping(&mut self) {
        self.put_message(Message::Ping(Bytes::new()));
        self.send();
    }

    fn put_message(&mut self, message: Message) -> bool {
        // Whoever waits for room is woken by `next`.
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut *self.socket).poll_ready(&mut cx) {
            Poll::Ready(Ok(())) => {
                self.gone |= Pin::new(&mut *self.socket).start_send(message).is_err();
                true
            }
            Poll::Ready(Err(_)) => {
                self.gone = true;
                true
            }
            Poll::Pending => {
                self.stuck = true;
                false
            }
        }
    }

    /// Sends what was put, as far as the carrier takes it.
    pub(super) fn send(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut *self.socket).poll_flush(&mut cx) {
            Poll::Ready(Ok(())) => self.stuck = false,
            Poll::Ready(Err(_)) => self.gone = true,
            Poll::Pending => self.stuck = true,
        }
    }

    /// Waits for the carrier to close it, as it does when it was asked to end the conversation.
    pub(super) async fn until_gone(&mut self, patience: Duration) {
        let gone = async { while !matches!(self.next().await, Came::Gone(_)) {} };
        let _ = timeout(patience, gone).await;
    }

    /// Closes it, and waits a moment for the carrier to agree.
    pub(super) async fn close(&mut self, code: u16, reason: &'static str) {
        if self.gone {
            return;
        }
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let farewell = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        let _ = timeout(FAREWELL, farewell).await;
    }
}

/// The stream is over.
pub(super) const DONE: u16 = close_code::NORMAL;
/// The stream is not what its token is for.
pub(super) const REFUSED: u16 = close_code::POLICY;
