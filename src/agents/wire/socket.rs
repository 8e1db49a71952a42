//! One socket, from its connection to its end.

use super::dial::{self, Wire};
use crate::agents::session::{Request, Socket};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// A frame that cannot be sent for so long shows that nobody reads.
const STUCK: Duration = Duration::from_secs(2);
/// How long a peer may take to answer our close.
const FAREWELL: Duration = Duration::from_millis(500);
/// Frames on their way to the socket. More wait with the stream, where the oldest sound gives way.
pub(super) const IN_FLIGHT: usize = 4;

/// What is sent.
#[derive(Debug)]
pub(super) enum Frame {
    Text(String),
    Binary(Bytes),
    Ping,
    Close(u16),
}

/// What happened on a socket.
#[derive(Debug)]
pub(super) enum News {
    Open(Option<String>),
    Refused(Option<u16>, String),
    Text(Utf8Bytes),
    Binary(Bytes),
    Alive,
    Closed(Option<u16>),
    Stuck,
}

/// Where news of all sockets go.
pub(super) type Teller = mpsc::Sender<(Socket, News)>;

/// Dials, then reads and writes until either side is done.
pub(super) async fn run(number: Socket, request: Request, frames: mpsc::Receiver<Frame>, teller: Teller) {
    let wire = match dial::dial(&request).await {
        Ok((wire, agreed)) => {
            tell(&teller, number, News::Open(agreed)).await;
            wire
        }
        Err((status, words)) => return tell(&teller, number, News::Refused(status, words)).await,
    };
    let (sink, stream) = wire.split();
    let end = tokio::select! {
        end = read(number, stream, &teller) => Some(end),
        end = write(sink, frames) => end,
    };
    if let Some(end) = end {
        tell(&teller, number, end).await;
    }
}

async fn read(number: Socket, mut stream: SplitStream<Wire>, teller: &Teller) -> News {
    while let Some(message) = stream.next().await {
        let news = match message {
            Ok(Message::Text(text)) => News::Text(text),
            Ok(Message::Binary(data)) => News::Binary(data),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => News::Alive,
            Ok(Message::Close(frame)) => return News::Closed(frame.map(|frame| frame.code.into())),
            Err(_) => return News::Closed(None),
        };
        tell(teller, number, news).await;
    }
    News::Closed(None)
}

/// `None` when we closed.
async fn write(mut sink: SplitSink<Wire, Message>, mut frames: mpsc::Receiver<Frame>) -> Option<News> {
    while let Some(frame) = frames.recv().await {
        let (message, last) = match frame {
            Frame::Text(text) => (Message::text(text), false),
            Frame::Binary(data) => (Message::Binary(data), false),
            Frame::Ping => (Message::Ping(Bytes::new()), false),
            Frame::Close(code) => (Message::Close(Some(close(code))), true),
        };
        let within = if last { FAREWELL } else { STUCK };
        match timeout(within, sink.send(message)).await {
            _ if last => return farewell(sink).await,
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Some(News::Closed(None)),
            Err(_) => return Some(News::Stuck),
        }
    }
    // The session is gone without a word: so is the socket.
    None
}

/// The peer may answer the close; nobody waits for it longer.
async fn farewell(mut sink: SplitSink<Wire, Message>) -> Option<News> {
    // Whether it went well changes nothing.
    _ = timeout(FAREWELL, sink.close()).await;
    None
}

fn close(code: u16) -> CloseFrame {
    CloseFrame { code: code.into(), reason: Utf8Bytes::default() }
}

/// A session that is gone needs no news.
async fn tell(teller: &Teller, number: Socket, news: News) {
    _ = teller.send((number, news)).await;
}
