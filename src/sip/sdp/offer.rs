//! What the other side wants, and what we make of it.

use sdp_types::{Attribute, Connection, Media, Session};
use std::net::{IpAddr, SocketAddr};

/// Encodings of sound that we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// G.711 mu-law.
    Pcmu,
    /// G.711 a-law.
    Pcma,
}

impl Encoding {
    /// The word in `rtpmap`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    Both,
    /// The side that says so.
    Sends,
    /// The other side.
    Receives,
    /// Nobody.
    Nobody,
}

/// Why a description cannot be agreed to: 488.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// No description at all.
    #[error("the session description cannot be read")]
    Unreadable,
    /// No line of sound that is switched on.
    #[error("there is no line of audio")]
    NoAudio,
    /// Only encrypted sound.
    #[error("only SRTP is offered")]
    OnlySrtp,
    /// No encoding that we take.
    #[error("no encoding in common")]
    NoEncoding,
    /// An address that nobody speaks from.
    #[error("an address that sound cannot come from")]
    BadAddress,
}

impl Unacceptable {
    /// Value of the Warning header (RFC 3261 20.43).
    #[must_use]
    pub fn warning(self) -> String {
        let code = match self {
            Self::Unreadable => 399,
            Self::NoAudio => 304,
            Self::OnlySrtp | Self::NoEncoding => 305,
            Self::BadAddress => 302,
        };
        format!("{code} switchboard \"{self}\"")
    }
}

/// A description that was read, with the line that we take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Media, protocol and formats of all lines, in order; ours among them.
    pub(super) lines: Vec<Line>,
    pub(super) taken: usize,
    /// What was found in it.
    pub agreed: Agreed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub media: String,
    pub proto: String,
    pub fmt: String,
}

/// What both sides know now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Where their sound comes from, if they keep to what they say.
    pub remote: SocketAddr,
    /// How it is encoded.
    pub encoding: Encoding,
    /// Payload type of the sound.
    pub payload_type: u8,
    /// Payload type of telephone keys.
    pub keys: Option<u8>,
    /// What they said.
    pub direction: Direction,
    /// Whether they hold by the old way: an address of zeros.
    pub zeros: bool,
}

impl Agreed {
    /// Whether no sound of theirs is to be played: they put us on hold. A first description that only sends does not.
    #[must_use]
    pub fn is_hold(&self, first: Option<&Self>) -> bool {
        let music =
            self.direction == Direction::Sends && first.is_some_and(|first| first.direction != Direction::Sends);
        self.zeros || music || matches!(self.direction, Direction::Nobody | Direction::Receives)
    }
}

impl Offer {
    /// Reads a description. `source` is where its message came from: the address where they name one that we cannot use.
    ///
    /// # Errors
    /// [`Unacceptable`].
    pub fn read(text: &[u8], source: IpAddr) -> Result<Self, Unacceptable> {
        let session = Session::parse(text).map_err(|_| Unacceptable::Unreadable)?;
        let audio = || session.medias.iter().enumerate().filter(|(_, media)| media.media == "audio" && media.port != 0);
        let plain = |proto: &str| proto.eq_ignore_ascii_case("RTP/AVP") || proto.eq_ignore_ascii_case("RTP/AVPF");
        if audio().next().is_none() {
            return Err(Unacceptable::NoAudio);
        }
        let mut fault = Unacceptable::OnlySrtp;
        for (taken, media) in audio().filter(|(_, media)| plain(&media.proto)) {
            match agree(&session, media, source) {
                Ok(agreed) => {
                    let line = |media: &Media| Line {
                        media: media.media.clone(),
                        proto: media.proto.clone(),
                        fmt: media.fmt.clone(),
                    };
                    return Ok(Self { lines: session.medias.iter().map(line).collect(), taken, agreed });
                }
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }
}

fn agree(session: &Session, media: &Media, source: IpAddr) -> Result<Agreed, Unacceptable> {
    let types: Vec<u8> =
        media.fmt.split_whitespace().filter_map(|word| word.parse().ok()).filter(|kind| *kind < 128).collect();
    let taken = types.iter().find_map(|kind| encoding(media, *kind).map(|encoding| (*kind, encoding)));
    let (payload_type, encoding) = taken.ok_or(Unacceptable::NoEncoding)?;
    let is_keys = |kind: &&u8| map(media, **kind).is_some_and(|name| name.eq_ignore_ascii_case("telephone-event/8000"));
    let connection = media.connections.first().or(session.connection.as_ref());
    let (ip, zeros) = address(connection, source)?;
    Ok(Agreed {
        remote: SocketAddr::new(ip, media.port),
        encoding,
        payload_type,
        keys: types.iter().find(is_keys).copied(),
        direction: direction(&media.attributes).or_else(|| direction(&session.attributes)).unwrap_or(Direction::Both),
        zeros,
    })
}

/// Types 0 and 8 need no map; others are what their map says.
fn encoding(media: &Media, kind: u8) -> Option<Encoding> {
    match (map(media, kind).map(str::to_ascii_uppercase).as_deref(), kind) {
        (None, 0) | (Some("PCMU/8000" | "PCMU/8000/1"), _) => Some(Encoding::Pcmu),
        (None, 8) | (Some("PCMA/8000" | "PCMA/8000/1"), _) => Some(Encoding::Pcma),
        _ => None,
    }
}

fn map(media: &Media, kind: u8) -> Option<&str> {
    let maps = media.attributes.iter().filter(|attribute| attribute.attribute == "rtpmap");
    maps.filter_map(|attribute| attribute.value.as_deref()?.split_once(' '))
        .find(|(number, _)| number.parse() == Ok(kind))
        .map(|(_, name)| name.trim())
}

fn direction(attributes: &[Attribute]) -> Option<Direction> {
    attributes.iter().find_map(|attribute| match attribute.attribute.as_str() {
        "sendrecv" => Some(Direction::Both),
        "sendonly" => Some(Direction::Sends),
        "recvonly" => Some(Direction::Receives),
        "inactive" => Some(Direction::Nobody),
        _ => None,
    })
}

/// Where their sound comes from, and whether they wrote zeros. A name is not looked up: a packet must not make us ask
/// around, so it means where the message came from.
fn address(connection: Option<&Connection>, source: IpAddr) -> Result<(IpAddr, bool), Unacceptable> {
    let source = source.to_canonical();
    let Some(text) = connection.map(|connection| connection.connection_address.as_str()) else {
        return Err(Unacceptable::BadAddress);
    };
    let Ok(ip) = text.parse::<IpAddr>() else {
        // A multicast address has its TTL behind it.
        return if text.contains('/') { Err(Unacceptable::BadAddress) } else { Ok((source, false)) };
    };
    let ip = ip.to_canonical();
    if ip.is_unspecified() {
        return Ok((source, true));
    }
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    let outside = ip.is_loopback() && !source.is_loopback();
    let sound = !ip.is_multicast() && !broadcast && !outside && ip.is_ipv4() == source.is_ipv4();
    if sound { Ok((ip, false)) } else { Err(Unacceptable::BadAddress) }
}
