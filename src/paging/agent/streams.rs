//! Connections: messages framed out of them, answers written into them. Each has a task of its own.

use crate::sip::{Framed, Frames};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// Connections at a time, and from one address.
const ALL: usize = 512;
const EACH: usize = 64;
/// Messages that wait to be written into one; then it is too slow, and closed.
const WAITING: usize = 256;
/// A peer that stops in the middle of a message.
const AMID: Duration = Duration::from_secs(10);
/// A peer that says nothing.
const IDLE: Duration = Duration::from_secs(900);
/// A peer that does not shake hands.
const HANDS: Duration = Duration::from_secs(5);
/// A peer that does not answer the telephone.
const DIAL: Duration = Duration::from_secs(3);

/// All of them.
pub(in crate::paging) struct Streams {
    open: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>>,
    tasks: TaskTracker,
    news: mpsc::Sender<Came>,
    /// Where there is one, whoever connects shakes hands with it, and nobody is connected to: telephones do not listen for
    /// TLS.
    acceptor: Option<TlsAcceptor>,
}

/// What came over a connection.
#[derive(Debug)]
pub(in crate::paging) struct Came {
    pub peer: SocketAddr,
    /// `None`: it is closed.
    pub message: Option<Vec<u8>>,
}

impl Streams {
    pub(in crate::paging) fn new(tasks: TaskTracker, news: mpsc::Sender<Came>) -> Self {
        Self { open: HashMap::new(), tasks, news, acceptor: None }
    }

    /// The same over TLS.
    pub(super) fn protected(tasks: TaskTracker, news: mpsc::Sender<Came>, acceptor: TlsAcceptor) -> Self {
        Self { acceptor: Some(acceptor), ..Self::new(tasks, news) }
    }

    /// Somebody connected. Too many are let go.
    pub(in crate::paging) fn accept(&mut self, stream: TcpStream, peer: SocketAddr) {
        let same = |ip: IpAddr| self.open.keys().filter(|other| other.ip() == ip).count();
        if self.open.len() >= ALL || same(peer.ip()) >= EACH {
            return;
        }
        let (writes, messages) = mpsc::channel(WAITING);
        self.open.insert(peer, writes);
        let _ = stream.set_nodelay(true);
        let news = self.news.clone();
        match self.acceptor.clone() {
            None => self.tasks.spawn(talk(stream, peer, messages, news)),
            Some(acceptor) => self.tasks.spawn(async move {
                match timeout(HANDS, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => talk(stream, peer, messages, news).await,
                    _ => drop(news.send(Came { peer, message: None }).await),
                }
            }),
        };
    }

    /// Sends, over a new connection where the old one is gone.
    pub(in crate::paging) fn send(&mut self, peer: SocketAddr, bytes: Vec<u8>) {
        let Some(writes) = self.open.get(&peer) else { return self.dial(peer, bytes) };
        if let Err(mpsc::error::TrySendError::Full(_)) = writes.try_send(bytes) {
            self.open.remove(&peer);
        }
    }

    /// A connection is gone.
    pub(in crate::paging) fn closed(&mut self, peer: SocketAddr) {
        self.open.remove(&peer);
    }

    fn dial(&mut self, peer: SocketAddr, bytes: Vec<u8>) {
        if self.open.len() >= ALL || self.acceptor.is_some() {
            return;
        }
        let (writes, messages) = mpsc::channel(WAITING);
        let _ = writes.try_send(bytes);
        self.open.insert(peer, writes);
        let news = self.news.clone();
        self.tasks.spawn(async move {
            match timeout(DIAL, TcpStream::connect(peer)).await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    talk(stream, peer, messages, news).await;
                }
                _ => drop(news.send(Came { peer, message: None }).await),
            }
        });
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite,
    peer: SocketAddr,
    mut writes: mpsc::Receiver<Vec<u8>>,
    news: mpsc::Sender<Came>,
) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (mut frames, mut bytes) = (Frames::default(), vec![0u8; 4096]);
    loop {
        let patience = if frames.is_amid() { AMID } else { IDLE };
        tokio::select! {
            write = writes.recv() => match write {
                Some(message) => match timeout(AMID, writer.write_all(&message)).await {
                    Ok(Ok(())) => {}
                    _ => break,
                },
                None => break,
            },
            read = timeout(patience, reader.read(&mut bytes)) => {
                let Ok(Ok(length @ 1..)) = read else { break };
                frames.push(bytes.get(..length).unwrap_or_default());
                let Some(pings) = hand_on(&mut frames, peer, &news).await else { break };
                if pings > 0 && writer.write_all(&b"\r\n".repeat(pings)).await.is_err() {
                    break;
                }
            }
        }
    }
    let _ = news.send(Came { peer, message: None }).await;
}

/// Hands on what is whole, and counts pings. `None`: the frame is lost, or nobody listens any more.
async fn hand_on(frames: &mut Frames, peer: SocketAddr, news: &mpsc::Sender<Came>) -> Option<usize> {
    let mut pings = 0;
    while let Some(framed) = frames.take().ok()? {
        match framed {
            Framed::Ping => pings += 1,
            Framed::Message(message) => news.send(Came { peer, message: Some(message) }).await.ok()?,
        }
    }
    Some(pings)
}
