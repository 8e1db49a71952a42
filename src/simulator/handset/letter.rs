//! Messages of a call as text: just enough of SIP to page.

use std::net::SocketAddr;

/// What stays the same in all messages of a call.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) us: SocketAddr,
    pub(super) house: SocketAddr,
    pub(super) extension: String,
    /// Call-ID, tag and branches are made of it.
    pub(super) call: String,
}

impl Names {
    /// Asks for a page whose sound comes from there.
    pub(super) fn invite(&self, sound: SocketAddr) -> String {
        let (family, ip) = (if sound.is_ipv4() { "IP4" } else { "IP6" }, sound.ip());
        let offer = format!(
            "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\na=sendonly\r\n",
            sound.port()
        );
        self.request("INVITE", (1, "1"), &format!("<sip:{}@{}>", self.extension, self.house), &offer)
    }

    /// Acknowledges a final answer, whose To this is.
    pub(super) fn ack(&self, code: u16, to: &str) -> String {
        // Only behind a refusal it belongs to the transaction of its INVITE.
        let branch = if code < 300 { "2" } else { "1" };
        self.request("ACK", (1, branch), to, "")
    }

    pub(super) fn bye(&self, to: &str) -> String {
        self.request("BYE", (2, "3"), to, "")
    }

    fn request(&self, method: &str, (number, branch): (u32, &str), to: &str, body: &str) -> String {
        let Self { us, house, extension, call } = self;
        let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "{method} sip:{extension}@{house} SIP/2.0\r\nVia: SIP/2.0/UDP {us};rport;branch=z9hG4bK{call}{branch}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:handset@{ip}>;tag={call}\r\nTo: {to}\r\nCall-ID: {call}@{ip}\r\n\
             CSeq: {number} {method}\r\nContact: <sip:handset@{us}>\r\n{about}Content-Length: {}\r\n\r\n{body}",
            body.len(),
            ip = us.ip(),
        )
    }
}

/// The value of a header.
pub(super) fn header<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The code of an answer to this method.
pub(super) fn answer_to(text: &str, method: &str) -> Option<u16> {
    let code = text.strip_prefix("SIP/2.0 ")?.split(' ').next()?.parse().ok()?;
    header(text, "CSeq")?.ends_with(method).then_some(code)
}

/// Where the sound goes, by the description in an answer.
pub(super) fn sound_to(text: &str) -> Option<SocketAddr> {
    let (_, body) = text.split_once("\r\n\r\n")?;
    let value = |start: &str| body.lines().find_map(|line| line.strip_prefix(start));
    let ip = value("c=IN IP4 ").or_else(|| value("c=IN IP6 "))?.trim().parse().ok()?;
    let port = value("m=audio ")?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(ip, port))
}

/// A 200 to a request of theirs.
pub(super) fn ok(request: &str) -> String {
    let echoed = ["Via", "From", "To", "Call-ID", "CSeq"];
    let lines = echoed.iter().filter_map(|name| Some(format!("{name}: {}\r\n", header(request, name)?)));
    format!("SIP/2.0 200 OK\r\n{}Content-Length: 0\r\n\r\n", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_requests_answered() {
        let text = "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nX-Page-Id: pg_1\r\n\r\nv=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 10002 RTP/AVP 0\r\n";
        assert_eq!((answer_to(text, "INVITE"), answer_to(text, "BYE")), (Some(200), None));
        assert_eq!((header(text, "x-page-id"), header(text, "v=0")), (Some("pg_1"), None));
        assert_eq!(sound_to(text), "192.0.2.1:10002".parse().ok());
        let bye = "BYE sip:x SIP/2.0\r\nVia: a\r\nFrom: b\r\nTo: c\r\nCall-ID: d\r\nCSeq: 9 BYE\r\nReason: e\r\n\r\n";
        let answer = ok(bye);
        assert_eq!(
            (answer_to(&answer, "BYE"), header(&answer, "Call-ID"), header(&answer, "Reason")),
            (Some(200), Some("d"), None)
        );
    }
}
