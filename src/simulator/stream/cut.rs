//! What goes wrong with a socket in the middle of a stream, on purpose.

use crate::simulator::http::{Fault, Socket};
use futures_util::SinkExt;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::MaybeTlsStream;

/// Twilio's code for a socket that broke.
const CLOSED: u32 = 31921;
/// How long a reader stalls.
pub(super) const STALL: Duration = Duration::from_secs(2);
/// No frame of a WebSocket begins like this: every reserved bit is set, and the kind is none.
const GARBAGE: [u8; 32] = [0xff; 32];

/// One accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Cut {
    pub(in crate::simulator) how: How,
    /// So long after the stream began.
    pub(in crate::simulator) after: Duration,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum How {
    /// The connection is reset.
    Reset,
    /// Our side sends no more, without a word; the other may.
    HalfClose,
    /// Nothing is read for two seconds. The stream goes on.
    Stall,
    /// Bytes come that are no frame.
    Garbage,
}

impl How {
    /// The word in reports.
    pub(in crate::simulator) const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::HalfClose => "half-close",
            Self::Stall => "stall",
            Self::Garbage => "garbage",
        }
    }

    /// Whether the stream ends of it.
    pub(super) const fn is_end(self) -> bool {
        !matches!(self, Self::Stall)
    }

    /// Does it to the socket.
    pub(super) async fn happens(self, socket: &mut Socket) {
        // What cannot be sent any more need not be cut.
        let _ = match self {
            Self::Stall => return,
            Self::Reset => match socket.get_ref() {
                // Whoever drops it now resets it.
                MaybeTlsStream::Plain(tcp) => tcp.set_zero_linger(),
                _ => Ok(()),
            },
            Self::HalfClose => {
                let _ = socket.flush().await;
                socket.get_mut().shutdown().await
            }
            Self::Garbage => {
                let _ = socket.flush().await;
                socket.get_mut().write_all(&GARBAGE).await
            }
        };
    }

    /// What the carrier would log, were it not meant.
    pub(super) fn fault(self) -> Fault {
        let why = format!("Stream - WebSocket - Close Error: {} on purpose", self.as_str());
        let mut fault = Fault::new(CLOSED, why);
        fault.on_purpose = true;
        fault
    }
}
