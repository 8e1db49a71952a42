//! Paging: `[paging]` of `switchboard.toml`. Zones, the outputs that they play on, contacts, and who may page.

use crate::base::{Secret, same};
use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Everything that `[paging]` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Paging {
    /// `false`: zones answer that they are switched off, and nothing is opened.
    pub enabled: bool,
    /// What schedules and bells go by.
    pub timezone: Tz,
    /// In the order of the file.
    pub zones: Vec<Arc<Zone>>,
    /// In the order of the file; names are unique.
    pub outputs: Vec<Arc<Output>>,
    /// Who may page, besides callers on loopback.
    pub callers: Vec<Arc<Caller>>,
    /// Sounds on disk that may be paged by name.
    pub announcements: Vec<Announcement>,
    /// Announcements at fixed times.
    pub bells: Vec<Bell>,
    /// PBXes that this house is a telephone of.
    pub registrations: Vec<Arc<Registration>>,
    /// The protected door of the SIP side.
    pub tls: Option<Tls>,
}

impl Paging {
    /// No zones at all.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            enabled: true,
            timezone: Tz::UTC,
            zones: Vec::new(),
            outputs: Vec::new(),
            callers: Vec::new(),
            announcements: Vec::new(),
            bells: Vec::new(),
            registrations: Vec::new(),
            tls: None,
        }
    }

    /// Whether there is nothing that could be paged, and nobody who could.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::none()
    }

    /// The zone with this extension.
    #[must_use]
    pub fn zone(&self, extension: &str) -> Option<&Arc<Zone>> {
        self.zones.iter().find(|zone| zone.extension == extension)
    }
}

/// A set of outputs, reached by an extension.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// `700` to `799`.
    pub extension: String,
    /// For people.
    pub name: String,
    /// At least one, in the order in which they are named; none twice.
    pub outputs: Vec<Arc<Output>>,
    /// What a page has that asks for no other. 0 (music) to 9 (emergency).
    pub priority: u8,
    /// What is played before speech.
    pub chime: Chime,
    /// Milliseconds between the contact and the first sound: amplifiers wake up.
    pub settle_ms: u32,
    /// Milliseconds for which the contact stays on behind the last sound.
    pub tail_ms: u32,
    /// Longest page, in seconds.
    pub limit_s: u32,
    /// Longest page of priority 9, in seconds.
    pub emergency_limit_s: u32,
    /// Goes on with the outputs that are free when others are taken.
    pub partly: bool,
    /// `false`: the zone answers that it is switched off.
    pub enabled: bool,
    /// When pages may be made; empty: always. Emergencies always may.
    pub schedule: Vec<Hours>,
    /// Names of the callers who may page here; empty: every caller that may page at all.
    pub callers: Vec<String>,
}

/// What is played before speech.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Chime {
    /// Nothing.
    #[default]
    Off,
    /// Two tones of our own, about a second.
    TwoTone,
    /// One short tone.
    Beep,
    /// An announcement, by its name.
    Announcement(String),
}

/// A range of time on some days. A range that ends before it begins goes over midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Days on which it begins.
    pub days: Vec<Weekday>,
    /// From, inclusive.
    pub from: NaiveTime,
    /// To, exclusive.
    pub to: NaiveTime,
}

/// A place where sound leaves the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Small letters, digits, `-` and `_`; unique.
    pub name: String,
    /// How sound gets there.
    pub kind: OutputKind,
    /// Closed while the output plays: the amplifier's.
    pub contact: Option<Arc<Contact>>,
}

/// How sound leaves the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// RTP to a multicast group; with a control address also Linksys start and stop packets.
    Multicast(Multicast),
    /// Poly PTT or group paging.
    Poly(Poly),
    /// RTP to one address, without signalling.
    Unicast(Unicast),
    /// A speaker that is called and answers by itself.
    Sip(SipSpeaker),
    /// A process of ours that takes samples on its standard input.
    Process(Process),
}

impl OutputKind {
    /// The word of the file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Multicast(Multicast { control: Some(_), .. }) => "linksys",
            Self::Multicast(_) => "multicast",
            Self::Poly(_) => "poly",
            Self::Unicast(_) => "unicast",
            Self::Sip(_) => "sip",
            Self::Process(_) => "process",
        }
    }
}

/// Encodings of what leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 mu-law.
    #[default]
    Pcmu,
    /// G.711 A-law.
    Pcma,
}

impl Codec {
    /// The word of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "pcmu",
            Self::Pcma => "pcma",
        }
    }
}

/// How packets of a stream are made and marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packets {
    /// How samples are encoded.
    pub codec: Codec,
    /// Milliseconds of sound in a packet: 20, 40 or 60.
    pub packet_ms: u32,
    /// Differentiated services code point, 0 to 63.
    pub dscp: u8,
}

impl Default for Packets {
    fn default() -> Self {
        Self { codec: Codec::Pcmu, packet_ms: 20, dscp: 46 }
    }
}

/// RTP to a multicast group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multicast {
    /// The group; never of 224.0.0.0/24.
    pub group: Ipv4Addr,
    /// Even, 1024 or more.
    pub port: u16,
    /// What is in a packet.
    pub packets: Packets,
    /// Routers that a packet may pass, and one.
    pub ttl: u8,
    /// Address of the interface that sends; `None`: the one of `SIP_BIND_ADDR`, or what the system chooses.
    pub interface: Option<Ipv4Addr>,
    /// Whether receivers on this machine hear it.
    pub local: bool,
    /// Where Linksys start and stop packets go.
    pub control: Option<SocketAddr>,
}

/// Poly PTT or group paging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poly {
    /// The group.
    pub group: Ipv4Addr,
    /// Port.
    pub port: u16,
    /// 1 to 50: PTT 1 to 25, paging groups 26 to 50.
    pub channel: u8,
    /// At most 13 characters of ASCII, shown by the phones.
    pub caller_id: String,
    /// As in [`Multicast`].
    pub ttl: u8,
    /// As in [`Multicast`].
    pub interface: Option<Ipv4Addr>,
    /// As in [`Multicast`].
    pub local: bool,
    /// As in [`Packets`].
    pub dscp: u8,
}

/// RTP to one address, without signalling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unicast {
    /// Of the device.
    pub address: IpAddr,
    /// Even, 1024 or more.
    pub port: u16,
    /// What is in a packet.
    pub packets: Packets,
}

/// A speaker that is called and answers by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipSpeaker {
    /// `sip:user@host[:port][;transport=tcp]`
    pub uri: String,
    /// User name for digest, where the speaker asks.
    pub user: Option<String>,
    /// Its password, out of the environment.
    pub password: Option<Password>,
    /// Seconds after which a speaker that rings counts as failed.
    pub ring_s: u32,
    /// What is in a packet.
    pub packets: Packets,
}

/// A process of ours that takes samples on its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Program and arguments; at least one word. Only ever from the file.
    pub command: Vec<String>,
    /// How samples are written.
    pub format: PipeFormat,
}

/// How samples are written into a pipe, 8,000 a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PipeFormat {
    /// Signed 16 bit, little endian: `aplay -q -t raw -f S16_LE -r 8000 -c 1`.
    #[default]
    S16le,
    /// Mu-law: `aplay -q -t raw -f MU_LAW -r 8000 -c 1`.
    Mulaw,
}

/// A contact: closed while somebody holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Small letters, digits, `-` and `_`; unique.
    pub name: String,
    /// How it is closed and opened.
    pub kind: ContactKind,
}

/// How a contact is closed and opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactKind {
    /// Commands, from the file only. Both must be harmless when repeated.
    Commands {
        /// Closes it.
        on: Vec<String>,
        /// Opens it.
        off: Vec<String>,
    },
    /// A file that takes `1` and `0`: a GPIO line of sysfs, or the like.
    File {
        /// Where it is.
        path: String,
        /// `0` closes it and `1` opens it.
        inverted: bool,
    },
}

/// A password, and the variable of the environment that it comes from: the file only names that.
#[derive(Clone, Debug)]
pub struct Password {
    /// Name of the variable.
    pub variable: String,
    /// What it holds.
    pub value: Secret,
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.variable == other.variable && same(self.value.expose().as_bytes(), other.value.expose().as_bytes())
    }
}

impl Eq for Password {}

/// Somebody who may page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Unique; written into the row of each page.
    pub name: String,
    /// Telephone numbers on the cloud line that need no PIN: whole, or the beginning of numbers with `*` behind it.
    pub numbers: Vec<String>,
    /// Where SIP calls come from.
    pub networks: Vec<IpNet>,
    /// User name for digest; without one the network alone lets in.
    pub user: Option<String>,
    /// Its password, out of the environment.
    pub password: Option<Password>,
    /// Whether the strongest algorithm offered is MD5: for phones that read one header only.
    pub md5_only: bool,
    /// Extensions that may be paged; empty: all.
    pub zones: Vec<String>,
    /// Highest priority that may be asked for; 9 must be written.
    pub priority: u8,
    /// Asks for the PIN on the cloud line all the same.
    pub pin: bool,
}

/// A PBX that this house is a telephone of. Calls from there are this caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Unique; written into the row of each page.
    pub name: String,
    /// `sip:host[:port][;transport=tcp]`
    pub registrar: String,
    /// The account: user part of what is registered.
    pub user: String,
    /// User name for digest, where that is not the account.
    pub auth_user: Option<String>,
    /// Its password, out of the environment.
    pub password: Option<Password>,
    /// For how long to register at a time, in seconds.
    pub expires_s: u32,
    /// Extensions that may be paged; a call to the account itself pages the first. Empty: all, and 700.
    pub zones: Vec<String>,
    /// Highest priority that may be asked for; 9 must be written.
    pub priority: u8,
}

impl Registration {
    /// Whose calls come from that PBX.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            name: self.name.clone(),
            numbers: Vec::new(),
            networks: Vec::new(),
            user: None,
            password: None,
            md5_only: false,
            zones: self.zones.clone(),
            priority: self.priority,
            pin: false,
        }
    }
}

/// SIP over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Where to listen.
    pub bind_addr: SocketAddr,
    /// A PEM file: our certificate, then those above it.
    pub cert: String,
    /// A PEM file: its private key.
    pub key: String,
}

/// A sound on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Small letters, digits, `-` and `_`; unique.
    pub name: String,
    /// A WAV file; relative to the folder that the service runs in.
    pub file: String,
}

/// An announcement at fixed times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bell {
    /// Extension of the zone.
    pub zone: String,
    /// Name of the announcement; `None`: the zone's chime, or two tones where it has none.
    pub announcement: Option<String>,
    /// When, in the time of [`Paging::timezone`].
    pub at: Vec<NaiveTime>,
    /// On which days.
    pub days: Vec<Weekday>,
    /// Days on which it stays silent.
    pub except: Vec<chrono::NaiveDate>,
    /// 3 unless written.
    pub priority: u8,
}
