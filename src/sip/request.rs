//! A request whose every needed header makes sense.

use super::Transport;
use super::echo::Echo;
use super::method::Method;
use super::read::{Address, Broken, Message, Start, UNREADABLE, Uri, Via, list};
use std::net::SocketAddr;

/// A request that can be acted upon.
#[derive(Clone, Debug)]
pub struct Request {
    /// What it wants.
    pub method: Method,
    /// Whom it is for.
    pub uri: Uri,
    /// The last hop before us.
    pub via: Via,
    /// Who asks.
    pub from: Address,
    /// Whom they meant.
    pub to: Address,
    /// Name of the call, together with the tags.
    pub call_id: String,
    /// Number of the request within it.
    pub cseq: u32,
    /// Where requests within the call go.
    pub contact: Option<Address>,
    /// What came behind the headers.
    pub body: Vec<u8>,
    /// Where it came from.
    pub source: SocketAddr,
    /// What answers repeat.
    pub echo: Echo,
    message: Message,
}

/// An answer to a request of ours.
#[derive(Clone, Debug)]
pub struct Response {
    /// 100 to 699.
    pub code: u16,
    /// Branch of the hop that is ours.
    pub branch: String,
    /// Method that it answers.
    pub method: String,
    /// All of it.
    pub message: Message,
}

impl Request {
    /// Reads what must make sense of a request; its start line did.
    pub(super) fn read(
        message: Message,
        echo: Echo,
        (source, transport): (SocketAddr, Transport),
    ) -> Result<Self, Broken> {
        let Some(Start::Request { method: name, uri, .. }) = &message.start else { return Err(UNREADABLE) };
        if let Some(broken) = message.broken {
            return Err(broken);
        }
        let uri = Uri::parse(uri).filter(|uri| !uri.has_headers).ok_or("Bad Request-URI")?;
        let via = vias(&message)?;
        let from = address(&message, "from")?.ok_or("Bad From")?;
        let to = address(&message, "to")?.ok_or("Bad To")?;
        if from.tag.is_none() && via.is_modern() {
            return Err("No Tag in From");
        }
        let call_id = message.only("call-id").map_err(|()| "Two Call-IDs")?.unwrap_or_default();
        if call_id.is_empty() || call_id.contains(char::is_whitespace) {
            return Err("Bad Call-ID");
        }
        let cseq = cseq(&message, name)?;
        max_forwards(&message)?;
        let contact = contact(&message)?;
        let body = body(&message, transport)?;
        let call_id = call_id.to_owned();
        Ok(Self {
            method: Method::parse(name),
            uri,
            via,
            from,
            to,
            call_id,
            cseq,
            contact,
            body,
            source,
            echo,
            message,
        })
    }

    /// First value of a header, by its long name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.message.first(name)
    }

    /// All words of a header that is a list, such as `supported`.
    #[must_use]
    pub fn words(&self, name: &str) -> Vec<String> {
        self.message
            .all(name)
            .flat_map(|line| line.split(','))
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// Record-Route lines, from the top.
    #[must_use]
    pub fn record_routes(&self) -> Vec<String> {
        self.message.all("record-route").filter_map(list).flatten().map(str::to_owned).collect()
    }

    /// Name of its transaction (17.2.3). ACK has the name of its INVITE.
    #[must_use]
    pub fn transaction(&self) -> String {
        self.transaction_as(self.method)
    }

    /// Name of the INVITE that a CANCEL or ACK is for.
    #[must_use]
    pub fn transaction_of_invite(&self) -> String {
        self.transaction_as(Method::Invite)
    }

    fn transaction_as(&self, method: Method) -> String {
        let method = if method == Method::Ack { "INVITE" } else { method.as_str() };
        let sent_by = self.via.sent_by().to_ascii_lowercase();
        match self.via.branch().filter(|_| self.via.is_modern()) {
            Some(branch) => format!("{method} {branch} {sent_by}"),
            // The rules of RFC 2543.
            None => {
                let from = self.from.tag.as_deref().unwrap_or_default();
                let branch = self.via.branch().unwrap_or_default();
                format!("{method} {} {from} {} {sent_by} {branch} {}", self.call_id, self.cseq, self.uri.text)
            }
        }
    }
}

impl Response {
    /// `None`: it cannot belong to anything.
    pub(super) fn read(message: Message) -> Option<Self> {
        let Some(Start::Response { code }) = message.start else { return None };
        if message.broken.is_some() {
            return None;
        }
        let via = Via::parse(list(message.first("via")?)?.first()?)?;
        let (_, method) = message.only("cseq").ok()??.split_once(' ')?;
        Some(Self { code, branch: via.branch()?.to_owned(), method: method.trim().to_owned(), message })
    }

    /// Name of the request of ours that it answers.
    #[must_use]
    pub fn transaction(&self) -> String {
        format!("{} {}", self.method, self.branch)
    }

    /// What came behind the headers, as long as they say.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        let length = self.message.first("content-length").and_then(|text| text.parse::<usize>().ok());
        let rest = self.message.rest.as_slice();
        rest.get(..length.unwrap_or(rest.len())).unwrap_or(rest)
    }

    /// Record-Route lines, from the top: the hops of a call that we opened, the last one first.
    #[must_use]
    pub fn routes(&self) -> Vec<String> {
        self.message.all("record-route").filter_map(list).flatten().map(str::to_owned).collect()
    }

    /// The tag behind To.
    #[must_use]
    pub fn to_tag(&self) -> Option<String> {
        Address::parse(self.message.first("to")?)?.tag
    }
}

fn vias(message: &Message) -> Result<Via, Broken> {
    let mut top = None;
    for line in message.all("via") {
        for hop in list(line).ok_or("Bad Via")? {
            let via = Via::parse(hop).filter(|via| via.is_sip_2).ok_or("Bad Via")?;
            top.get_or_insert(via);
        }
    }
    top.ok_or("No Via")
}

fn address(message: &Message, name: &str) -> Result<Option<Address>, Broken> {
    let text = message.only(name).map_err(|()| "Header Given Twice")?;
    Ok(text.and_then(Address::parse))
}

fn cseq(message: &Message, method: &str) -> Result<u32, Broken> {
    let line = message.only("cseq").map_err(|()| "Two CSeqs")?.ok_or("No CSeq")?;
    let (number, named) = line.split_once(char::is_whitespace).ok_or("Bad CSeq")?;
    if named.trim() != method {
        return Err("CSeq of Another Method");
    }
    let digits = number.bytes().all(|c| c.is_ascii_digit());
    number.parse().ok().filter(|number| digits && *number < 1 << 31).ok_or("Bad CSeq")
}

fn max_forwards(message: &Message) -> Result<(), Broken> {
    match message.only("max-forwards").map_err(|()| "Two Max-Forwards")? {
        Some(text) if text.parse::<u8>().is_err() => Err("Bad Max-Forwards"),
        _ => Ok(()),
    }
}

/// The first one. `*` is for registrars.
fn contact(message: &Message) -> Result<Option<Address>, Broken> {
    let mut first = None;
    for line in message.all("contact").filter(|line| *line != "*") {
        for one in list(line).ok_or("Bad Contact")? {
            let address = Address::parse(one).ok_or("Bad Contact")?;
            first.get_or_insert(address);
        }
    }
    Ok(first)
}

/// As long as the header says; a datagram without one is body to its end (18.3).
fn body(message: &Message, transport: Transport) -> Result<Vec<u8>, Broken> {
    let mut lengths = message.all("content-length");
    let Some(first) = lengths.next() else {
        return if transport.is_reliable() { Err("No Content-Length") } else { Ok(message.rest.clone()) };
    };
    if lengths.any(|other| other != first) {
        return Err("Two Content-Lengths");
    }
    let digits = first.bytes().all(|c| c.is_ascii_digit());
    let length: usize = first.parse().ok().filter(|_| digits).ok_or("Bad Content-Length")?;
    message.rest.get(..length).map(<[u8]>::to_vec).ok_or("Body Shorter Than Content-Length")
}
