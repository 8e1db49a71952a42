//! What our INVITE says. No two makers agree on the header that lets a call be answered without a hand, and they do not get
//! into each other's way: so all of them are sent.

use super::dialog::Way;
use crate::base::Secret;
use crate::config::paging::Packets;
use crate::sip::{ALLOW, Ask};
use std::net::SocketAddr;
use std::time::Duration;

/// A speaker, as it is called.
#[derive(Clone, Debug)]
pub(super) struct Speaker {
    /// As the file names it.
    pub uri: String,
    pub account: Option<(String, Secret)>,
    /// How long it may ring.
    pub patience: Duration,
    pub packets: Packets,
}

/// The first one of a call, without a description.
pub(super) fn invite(speaker: &Speaker, way: Way, (call_id, tag): (&str, &str), (page, priority): (&str, u8)) -> Ask {
    let user = speaker.account.as_ref().map_or("paging", |(user, _)| user.as_str());
    let user = if user.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c)) { user } else { "paging" };
    let us = way.us;
    Ask {
        method: "INVITE",
        uri: answering_itself(&speaker.uri),
        routes: Vec::new(),
        from: format!("\"Page\" <sip:{user}@{us}>;tag={tag}"),
        to: format!("<{}>", speaker.uri),
        call_id: call_id.to_owned(),
        cseq: 1,
        headers: headers(us, way, page, (priority, speaker.patience)),
        sdp: None,
    }
}

/// Yealink's way.
fn answering_itself(uri: &str) -> String {
    if uri.to_ascii_lowercase().contains(";intercom=") { uri.to_owned() } else { format!("{uri};intercom=true") }
}

fn headers(us: SocketAddr, way: Way, page: &str, (priority, patience): (u8, Duration)) -> Vec<(&'static str, String)> {
    let transport = if way.target.transport.is_reliable() { ";transport=tcp" } else { "" };
    let mut headers = vec![
        ("Contact", format!("<sip:paging@{us}{transport}>")),
        ("Allow", ALLOW.to_owned()),
        // Snom, Cisco SPA, Grandstream, Gigaset, AudioCodes.
        ("Call-Info", format!("<sip:{us}>;answer-after=0")),
        // Yealink, Mitel, Gigaset, AudioCodes.
        ("Alert-Info", format!("<http://{us}>;info=alert-autoanswer;delay=0")),
        // Poly and Yealink want bare words, which no grammar knows.
        ("Alert-Info", "Auto Answer".to_owned()),
        ("Alert-Info", "Ring Answer".to_owned()),
        ("Alert-Info", "Intercom".to_owned()),
        // RFC 5373: a wish, so that nobody has to refuse it.
        ("Answer-Mode", "Auto".to_owned()),
        ("Priv-Answer-Mode", "Auto".to_owned()),
        // Panasonic and some gateways.
        ("P-Auto-Answer", "normal".to_owned()),
        ("X-Page-Id", page.to_owned()),
        // Who loses sight of us stops ringing by himself.
        ("Expires", patience.as_secs().max(1).to_string()),
    ];
    if let Some(word) = urgency(priority) {
        headers.push(("Priority", word.to_owned()));
    }
    headers
}

/// The words of RFC 3261 20.26; what is usual needs none.
const fn urgency(priority: u8) -> Option<&'static str> {
    match priority {
        9.. => Some("emergency"),
        7 | 8 => Some("urgent"),
        4..7 => None,
        0..4 => Some("non-urgent"),
    }
}
