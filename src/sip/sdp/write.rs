//! Our descriptions.

use super::offer::{Direction, Encoding, Offer};
use std::fmt::Write;
use std::net::SocketAddr;

/// Who speaks in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// The other side: somebody calls us to be heard.
    They,
    /// We: it is a loudspeaker that we call. It is told so, and sends nothing of what its room says.
    We,
}

/// Our side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Where we listen.
    pub address: SocketAddr,
    /// Of the call; stays.
    pub session: u64,
    /// One more with each description that differs.
    pub version: u64,
    /// Who speaks.
    pub speaks: Speaks,
}

impl Ours {
    /// Answers an offer: one line is taken, all others are refused in their places.
    #[must_use]
    pub fn answer(&self, offer: &Offer) -> String {
        let mut text = self.head();
        for (at, line) in offer.lines.iter().enumerate() {
            if at == offer.taken {
                self.sound(&mut text, offer, &line.proto);
            } else {
                let _ = write!(text, "m={} 0 {} {}\r\n", line.media, line.proto, line.fmt);
            }
        }
        text
    }

    /// An offer of ours, for a caller who sent none.
    #[must_use]
    pub fn offer(&self) -> String {
        let port = self.address.port();
        self.head()
            + &format!(
                "m=audio {port} RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
                 a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=recvonly\r\n"
            )
    }

    /// An offer of ours to a loudspeaker: both encodings, `first` before the other, in packets of so many milliseconds.
    #[must_use]
    pub fn offer_sound(&self, first: Encoding, packet_ms: u32) -> String {
        let port = self.address.port();
        let kinds = if first == Encoding::Pcma { "8 0" } else { "0 8" };
        self.head()
            + &format!(
                "m=audio {port} RTP/AVP {kinds}\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
                 a=ptime:{packet_ms}\r\na=sendonly\r\n"
            )
    }

    fn head(&self) -> String {
        let (session, version, ip) = (self.session, self.version, self.address.ip());
        let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
        format!(
            "v=0\r\no=switchboard {session} {version} IN {family} {ip}\r\ns=page\r\nc=IN {family} {ip}\r\nt=0 0\r\n"
        )
    }

    fn sound(&self, text: &mut String, offer: &Offer, proto: &str) {
        let agreed = offer.agreed;
        let (port, kind, name) = (self.address.port(), agreed.payload_type, agreed.encoding.as_str());
        let keys = agreed.keys.map(|keys| format!(" {keys}")).unwrap_or_default();
        let _ = write!(text, "m=audio {port} {proto} {kind}{keys}\r\na=rtpmap:{kind} {name}/8000\r\n");
        if let Some(keys) = agreed.keys {
            let _ = write!(text, "a=rtpmap:{keys} telephone-event/8000\r\na=fmtp:{keys} 0-15\r\n");
        }
        let direction = match (self.speaks, agreed.direction) {
            (Speaks::They, Direction::Both | Direction::Sends) => "recvonly",
            (Speaks::We, Direction::Both | Direction::Receives) => "sendonly",
            _ => "inactive",
        };
        let _ = write!(text, "a=ptime:20\r\na={direction}\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Encoding, Unacceptable};
    use super::*;

    const HEAD: &str = "v=0\r\no=a 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n";

    fn read(lines: &str) -> Result<Offer, Unacceptable> {
        Offer::read(format!("{HEAD}{lines}").as_bytes(), "192.0.2.9".parse().expect("an address"))
    }

    fn ours(speaks: Speaks) -> Ours {
        let address = "192.0.2.1:10000".parse().expect("an address");
        Ours { address, session: 7, version: 1, speaks }
    }

    fn answer(lines: &str) -> String {
        let text = ours(Speaks::They).answer(&read(lines).expect("an offer"));
        text.lines().skip(5).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_first_encoding_that_we_take_is_taken_with_their_numbers() {
        let offer = "m=audio 4000 RTP/AVP 9 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=sendonly\r\n";
        let expected = "m=audio 10000 RTP/AVP 8 96\na=rtpmap:8 PCMA/8000\na=rtpmap:96 telephone-event/8000\na=fmtp:96 0-15\n\
                        a=ptime:20\na=recvonly";
        assert_eq!(answer(offer), expected);
        let dynamic = read("m=audio 4000 RTP/AVP 18 111\r\na=rtpmap:111 pcmu/8000\r\n").expect("an offer");
        assert_eq!((dynamic.agreed.payload_type, dynamic.agreed.encoding), (111, Encoding::Pcmu));
    }

    #[test]
    fn other_lines_are_refused_in_their_places() {
        let offer = "m=video 5000 RTP/AVP 31\r\nm=audio 4002 RTP/SAVP 0\r\nm=audio 4000 RTP/AVP 0\r\na=inactive\r\n";
        let expected = "m=video 0 RTP/AVP 31\nm=audio 0 RTP/SAVP 0\nm=audio 10000 RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=ptime:20\na=inactive";
        assert_eq!(answer(offer), expected);
    }

    #[test]
    fn what_cannot_be_agreed_to() {
        for (lines, why) in [
            ("m=video 5000 RTP/AVP 31\r\n", Unacceptable::NoAudio),
            ("m=audio 0 RTP/AVP 0\r\n", Unacceptable::NoAudio),
            ("m=audio 4000 RTP/SAVP 0\r\n", Unacceptable::OnlySrtp),
            ("m=audio 4000 RTP/AVP 9 18\r\n", Unacceptable::NoEncoding),
            ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 239.1.1.1/4\r\n", Unacceptable::BadAddress),
            ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\n", Unacceptable::BadAddress),
            ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 255.255.255.255\r\n", Unacceptable::BadAddress),
            ("m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n", Unacceptable::BadAddress),
            ("m=audio many RTP/AVP 0\r\n", Unacceptable::Unreadable),
        ] {
            assert_eq!(read(lines).map(|offer| offer.agreed), Err(why), "{lines}");
        }
    }

    #[test]
    fn hold_is_known_in_all_its_ways() {
        let agreed = |lines: &str| read(&format!("m=audio 4000 RTP/AVP 0\r\n{lines}")).expect("an offer").agreed;
        let (both, sends) = (agreed(""), agreed("a=sendonly\r\n"));
        assert!(!both.is_hold(None) && !sends.is_hold(None) && !sends.is_hold(Some(&sends)));
        assert!(sends.is_hold(Some(&both)) && agreed("a=inactive\r\n").is_hold(Some(&both)));
        let zeros = agreed("c=IN IP4 0.0.0.0\r\n");
        assert!(zeros.is_hold(None));
        assert_eq!(zeros.remote, "192.0.2.9:4000".parse().expect("an address"));
    }

    #[test]
    fn loudspeakers_are_told_that_only_we_speak() {
        let offer = ours(Speaks::We).offer_sound(Encoding::Pcma, 40);
        let expected = "m=audio 10000 RTP/AVP 8 0\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=ptime:40\na=sendonly";
        assert_eq!(offer.lines().skip(5).collect::<Vec<_>>().join("\n"), expected);
        let direction = |lines: &str| {
            let offer = read(&format!("m=audio 4000 RTP/AVP 0\r\n{lines}")).expect("an offer");
            ours(Speaks::We).answer(&offer).lines().last().map(str::to_owned)
        };
        for (theirs, answered) in [
            ("", "a=sendonly"),
            ("a=recvonly\r\n", "a=sendonly"),
            ("a=sendonly\r\n", "a=inactive"),
            ("a=inactive\r\n", "a=inactive"),
        ] {
            assert_eq!(direction(theirs).as_deref(), Some(answered), "{theirs}");
        }
    }
}
