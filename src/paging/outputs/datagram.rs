//! A visit of the clock, and the packet that an output makes of it.

use super::sound::Sound;
use crate::config::paging::Codec;
use crate::rtp::poly;

/// An output is due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit<'a> {
    /// The page's newest frame.
    pub(crate) sound: &'a Sound,
    /// The visit in the middle of the frame, for those that are visited twice.
    pub(crate) second: bool,
}

/// Room for the longest header.
const HEADER: usize = poly::HEADER + poly::SOUND_HEADER;

/// A packet that is to leave: what stands before the sound, and which sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram {
    header: [u8; HEADER],
    length: usize,
    sound: Carried,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Carried {
    None,
    /// The newest frames of the page, which all outputs share.
    Shared(Codec, usize),
    /// What the output has put together itself.
    Own,
}

impl Datagram {
    pub(super) fn bare(header: &[u8]) -> Self {
        Self::new(header, Carried::None)
    }

    pub(super) fn sound(header: &[u8], codec: Codec, frames: usize) -> Self {
        Self::new(header, Carried::Shared(codec, frames))
    }

    pub(super) fn own(header: &[u8]) -> Self {
        Self::new(header, Carried::Own)
    }

    fn new(bytes: &[u8], sound: Carried) -> Self {
        let mut header = [0; HEADER];
        header.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self { header, length: bytes.len().min(HEADER), sound }
    }

    pub(super) const fn carried(&self) -> Carried {
        self.sound
    }

    pub(crate) fn header(&self) -> &[u8] {
        self.header.get(..self.length).unwrap_or_default()
    }
}
