//! A conversation over a socket, without the socket: words of both sides and the time in, acts out. So every rule
//! and every deadline is tested on a clock that tests move.

use super::port::{FromAgent, Ms, ToAgent};
use crate::base::Secret;
use bytes::Bytes;
use std::collections::VecDeque;

/// Sockets of one conversation, numbered from 1. There are two while one takes over from the other.
pub(super) type Socket = u32;

/// What a conversation wants done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    /// Connect.
    Dial(Socket),
    /// Send a text frame.
    Text(Socket, String),
    /// Send a binary frame.
    Binary(Socket, Bytes),
    /// Send a ping.
    Ping(Socket),
    /// Close, without waiting for the peer; a socket that is still being connected is given up.
    Close(Socket, u16),
    /// Tell the stream.
    Say(FromAgent),
    /// Worth a line in the log, and a count: what kind, and words without secrets, numbers or what people said.
    Note(&'static str, String),
}

/// What became of a socket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Heard<'a> {
    /// It is open, with this subprotocol.
    Open(Option<&'a str>),
    /// It could not be opened; the status, where an HTTP answer came.
    Refused(Option<u16>, &'a str),
    /// A text frame.
    Text(&'a str),
    /// A binary frame.
    Binary(&'a [u8]),
    /// A ping or a pong.
    Alive,
    /// It closed; the code, where a close frame came.
    Closed(Option<u16>),
    /// A frame could not be sent in time.
    Stuck,
}

/// How a socket is opened.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// `wss://…`
    pub(super) url: String,
    /// Subprotocols, the best first.
    pub(super) protocols: Vec<String>,
    /// Other headers.
    pub(super) headers: Vec<(&'static str, Secret)>,
    /// Longest message that is read, in bytes.
    pub(super) most_bytes: usize,
}

/// What is to be done, in order.
pub(super) type Acts = VecDeque<Act>;

/// A conversation over sockets.
pub(super) trait Session: Send {
    /// The first moment.
    fn begin(&mut self, at: Ms, acts: &mut Acts);
    /// The stream says something.
    fn told(&mut self, at: Ms, word: ToAgent, acts: &mut Acts);
    /// The stream is gone.
    fn left(&mut self, at: Ms, acts: &mut Acts);
    /// A socket has news.
    fn heard(&mut self, at: Ms, socket: Socket, news: Heard<'_>, acts: &mut Acts);
    /// Time has passed.
    fn tick(&mut self, at: Ms, acts: &mut Acts);
    /// When [`Session::tick`] is worth a call.
    fn wakes(&self) -> Option<Ms>;
    /// How a socket that was asked for is opened.
    fn request(&self, socket: Socket) -> Request;
    /// Nothing more will happen.
    fn is_over(&self) -> bool;
}
