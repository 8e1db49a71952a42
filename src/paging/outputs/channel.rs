//! One output of a page, whatever its kind.

use super::datagram::{Carried, Datagram, Visit};
use super::group::Group;
use super::pipe::Pipe;
use super::sound::Sound;
use super::stream::Stream;
use super::tally::Tally;
use rustix::net::SocketAddrAny;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

/// Where packets go.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) socket: Arc<UdpSocket>,
    pub(crate) to: SocketAddr,
    /// The same, as the system wants it.
    pub(crate) raw: SocketAddrAny,
}

/// One output of a page.
#[derive(Debug)]
pub(crate) struct Channel {
    kind: Kind,
    way: Option<Way>,
    /// Time goes on, and nothing leaves: the speaker holds.
    held: bool,
    tally: Arc<Tally>,
}

#[derive(Debug)]
enum Kind {
    Stream(Box<Stream>),
    Group(Box<Group>),
    Pipe(Pipe),
    /// A speaker that was called and has not answered.
    Called,
    /// Another page has it.
    Gone,
}

impl Channel {
    pub(crate) fn stream(stream: Stream, socket: Arc<UdpSocket>, to: SocketAddr, tally: Arc<Tally>) -> Self {
        Self { kind: Kind::Stream(Box::new(stream)), way: Some(Way { socket, to, raw: to.into() }), held: false, tally }
    }

    pub(crate) fn group(group: Group, socket: Arc<UdpSocket>, to: SocketAddr, tally: Arc<Tally>) -> Self {
        Self { kind: Kind::Group(Box::new(group)), way: Some(Way { socket, to, raw: to.into() }), held: false, tally }
    }

    pub(crate) const fn pipe(pipe: Pipe, tally: Arc<Tally>) -> Self {
        Self { kind: Kind::Pipe(pipe), way: None, held: false, tally }
    }

    pub(crate) const fn called(tally: Arc<Tally>) -> Self {
        Self { kind: Kind::Called, way: None, held: false, tally }
    }

    /// The speaker has answered: from now on it plays.
    pub(crate) fn answered(&mut self, stream: Stream, socket: Arc<UdpSocket>, to: SocketAddr) {
        if matches!(self.kind, Kind::Called) {
            *self = Self::stream(stream, socket, to, self.tally.clone());
        }
    }

    /// The speaker wants its sound elsewhere, or none for a while.
    pub(crate) fn moved(&mut self, to: Option<SocketAddr>) {
        self.held = to.is_none();
        if let (Some(way), Some(to)) = (self.way.as_mut(), to) {
            (way.to, way.raw) = (to, to.into());
        }
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) const fn way(&self) -> Option<&Way> {
        self.way.as_ref()
    }

    /// Whether it is visited in the middle of a frame too.
    pub(crate) const fn twice(&self) -> bool {
        matches!(self.kind, Kind::Group(_))
    }

    /// Before its first visit.
    pub(crate) fn begin(&self) {
        if let (Kind::Stream(stream), Some(way)) = (&self.kind, &self.way) {
            stream.begin(&way.socket);
        }
    }

    pub(crate) fn visit(&mut self, visit: &Visit<'_>) -> Option<Datagram> {
        if self.tally.has_failed() {
            return None;
        }
        match &mut self.kind {
            Kind::Stream(stream) if self.held => {
                stream.pass(visit);
                None
            }
            Kind::Stream(stream) => stream.visit(visit),
            Kind::Group(group) => group.visit(visit),
            Kind::Pipe(pipe) => {
                pipe.play(visit.sound.pcm(), &self.tally);
                None
            }
            Kind::Called | Kind::Gone => None,
        }
    }

    /// What follows the header of a packet that it made.
    pub(crate) fn sound<'a>(&'a self, datagram: &Datagram, sound: &'a Sound) -> &'a [u8] {
        match (datagram.carried(), &self.kind) {
            (Carried::Shared(codec, frames), _) => sound.encoded(codec, frames),
            (Carried::Own, Kind::Group(group)) => group.sound(),
            _ => &[],
        }
    }

    pub(crate) const fn skip(&mut self, frames: u32) {
        if let Kind::Stream(stream) = &mut self.kind {
            stream.skip(frames);
        }
    }

    /// No more frames come.
    pub(crate) fn finish(&mut self) {
        match (&mut self.kind, &self.way) {
            (Kind::Stream(stream), Some(way)) => stream.finish(&way.socket),
            (Kind::Group(group), _) => group.finish(),
            (Kind::Pipe(pipe), _) => pipe.finish(),
            _ => {}
        }
    }

    /// Whether it has said its goodbyes; asked every 20 ms behind [`Channel::finish`].
    pub(crate) fn is_over(&mut self) -> bool {
        let over = match &mut self.kind {
            Kind::Stream(stream) => stream.is_over(),
            Kind::Group(group) => group.is_over(),
            Kind::Pipe(pipe) => pipe.is_over(),
            Kind::Called | Kind::Gone => true,
        };
        over || self.tally.has_failed()
    }

    /// Another page takes it.
    pub(crate) fn leave(&mut self) {
        self.cut();
        self.kind = Kind::Gone;
        self.tally.retire();
    }

    /// Goodbyes at once.
    pub(crate) fn cut(&mut self) {
        match (&mut self.kind, &self.way) {
            (Kind::Stream(stream), Some(way)) => stream.finish(&way.socket),
            (Kind::Group(group), Some(way)) => group.cut(&way.socket, way.to),
            _ => {}
        }
    }
}
