//! What somebody wants to page, and why it is refused.

use super::seam::PageId;
use crate::config::paging::Caller;
use std::net::IpAddr;
use std::sync::Arc;

/// A wish to page.
#[derive(Clone, Debug)]
pub struct Request {
    /// Extensions; at least one.
    pub zones: Vec<String>,
    /// 0 to 9; the zones' own when absent.
    pub priority: Option<u8>,
    /// Where the sound comes from.
    pub origin: Origin,
    /// What the one who asks may do.
    pub right: Right,
    /// Who asks, for the row of the page.
    pub asker: Asker,
    /// A name that was given before; the same name is the same page.
    pub id: Option<PageId>,
}

/// Where the sound of a page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A telephone call over the carrier's media stream.
    Call,
    /// A SIP call.
    Sip,
    /// An agent, in a telephone call: a text, or sound of its own.
    Agent,
    /// The API: a file or an announcement.
    Api,
    /// A bell.
    Bell,
    /// The `page` command.
    Command,
}

impl Origin {
    /// The word in rows and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Sip => "sip",
            Self::Agent => "agent",
            Self::Api => "api",
            Self::Bell => "bell",
            Self::Command => "command",
        }
    }

    /// Whether somebody speaks: silence of some length then means that the line is dead.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Call | Self::Sip)
    }
}

/// What somebody may do.
#[derive(Clone, Debug)]
pub enum Right {
    /// Everything: operators, the house's own bells, whoever is on this machine, and agents, whose lines name their zones.
    House,
    /// What the file says of this caller.
    Caller(Arc<Caller>),
    /// A caller who knows the PIN: zones that name no callers, and no emergency.
    Pin,
}

/// Who asks, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    /// Telephone number, or the user part of a SIP From.
    pub from: Option<String>,
    /// Name behind the credential: an operator, or a digest user.
    pub user: Option<String>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// SIP Call-ID.
    pub sip_call_id: Option<String>,
    /// The carrier's call.
    pub call_sid: Option<String>,
    /// Name of the line.
    pub line: Option<String>,
    /// Encoding of the sound as it comes in.
    pub codec: Option<&'static str>,
}

/// Why a page is not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such extension.
    #[error("there is no zone {0}")]
    UnknownZone(String),
    /// Not this caller's zone.
    #[error("zone {0} may not be paged by this caller")]
    NotAllowed(String),
    /// Not this caller's priority.
    #[error("priority {0} may not be asked for by this caller")]
    TooUrgent(u8),
    /// Paging as a whole, or the zone, is switched off.
    #[error("zone {0} is switched off")]
    Disabled(String),
    /// Outside of its hours.
    #[error("zone {0} may not be paged at this time")]
    Closed(String),
    /// Another page of the same or higher priority plays there.
    #[error("zone {zone} is taken by a page of the same or higher priority")]
    Taken {
        /// The zone, or the first of several.
        zone: String,
        /// That page.
        by: PageId,
    },
    /// No output could be opened.
    #[error("{0}")]
    NoOutput(String),
    /// The sound cannot be played.
    #[error("{0}")]
    Unplayable(String),
    /// This process stops.
    #[error("this instance is about to stop")]
    Stopping,
}

impl Refused {
    /// The word in rows.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownZone(_) => "unknown_zone",
            Self::NotAllowed(_) => "not_allowed",
            Self::TooUrgent(_) => "too_urgent",
            Self::Disabled(_) => "disabled",
            Self::Closed(_) => "closed",
            Self::Taken { .. } => "taken",
            Self::NoOutput(_) => "no_output",
            Self::Unplayable(_) => "unplayable",
            Self::Stopping => "stopping",
        }
    }

    /// What a SIP caller is answered.
    #[must_use]
    pub const fn sip(&self) -> u16 {
        match self {
            Self::UnknownZone(_) => 404,
            Self::NotAllowed(_) | Self::TooUrgent(_) => 403,
            Self::Disabled(_) | Self::NoOutput(_) => 480,
            Self::Closed(_) => 603,
            Self::Taken { .. } => 486,
            Self::Unplayable(_) => 488,
            Self::Stopping => 503,
        }
    }
}

/// Why a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The caller hung up.
    Hangup,
    /// The caller gave up before anything was heard.
    Cancelled,
    /// The sound was over.
    Finished,
    /// It lasted as long as the zone allows.
    Limit,
    /// A page of higher priority took all its outputs.
    Preempted,
    /// No sound came from the caller any more.
    MediaTimeout,
    /// The caller never acknowledged the answer.
    NoAck,
    /// No output played any more.
    OutputFailed,
    /// An operator ended it.
    Operator,
    /// The process was stopped.
    Shutdown,
    /// The process died.
    Crashed,
}

impl Reason {
    /// The word in rows and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hangup => "hangup",
            Self::Cancelled => "cancelled",
            Self::Finished => "finished",
            Self::Limit => "limit",
            Self::Preempted => "preempted",
            Self::MediaTimeout => "media_timeout",
            Self::NoAck => "no_ack",
            Self::OutputFailed => "output_failed",
            Self::Operator => "operator",
            Self::Shutdown => "shutdown",
            Self::Crashed => "crashed",
        }
    }
}
