//! A carrier that does exactly what a test tells it, one act a request, down to the bytes and the socket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::base::{Clock, Meters, Secret};
use switchboard::carrier::{Account, Carrier, House, Patience};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const ACCOUNT: &str = "AC00112233445566778899aabbccddeeff";
pub(crate) const TOKEN: &str = "the-token-of-the-account";

/// What the carrier does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Answers.
    Says(u16, String),
    /// Answers, with a header.
    SaysWith(u16, (&'static str, String), String),
    /// Reads the request and never answers.
    Hangs,
    /// Reads the request and closes the connection.
    Cuts,
    /// Promises more than it sends.
    CutsShort(u16),
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// `SID:token` as it came.
    pub(crate) fn credentials(&self) -> String {
        let encoded = self.header("authorization").and_then(|value| value.strip_prefix("Basic "));
        let bytes = encoded.and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The form, sorted.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let mut form: Vec<_> = form_urlencoded::parse(self.body.as_bytes()).into_owned().collect();
        form.sort();
        form
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Stand {
    acts: Arc<Mutex<VecDeque<Act>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Requests without it in their path are none of the test's business: refused, and not noted.
    about: &'static str,
}

impl Stand {
    /// Listens, and says where.
    pub(crate) async fn open(acts: impl IntoIterator<Item = Act>) -> (Self, String) {
        Self::about("", acts).await
    }

    /// The same for a house whose workers ask for other things meanwhile.
    pub(crate) async fn about(about: &'static str, acts: impl IntoIterator<Item = Act>) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let stand = Self { about, ..Self::default() };
        stand.then(acts);
        stand.clone().listen(listener);
        (stand, base)
    }

    pub(crate) fn listen(self, listener: TcpListener) {
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(self.clone().serve(socket));
            }
        });
    }

    /// What happens next.
    pub(crate) fn then(&self, acts: impl IntoIterator<Item = Act>) {
        self.acts.lock().expect("no panic before").extend(acts);
    }

    /// What was asked since the last look.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("no panic before"))
    }

    async fn serve(self, mut socket: TcpStream) {
        let Some(asked) = read(&mut socket).await else { return };
        let act = if asked.line.contains(self.about) {
            self.asked.lock().expect("no panic before").push(asked);
            self.acts.lock().expect("no panic before").pop_front()
        } else {
            Some(Act::Says(400, String::new()))
        };
        let head = |status: u16, length: usize, extra: &str| {
            format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{extra}\r\n")
        };
        let answer = match act.unwrap_or(Act::Says(599, "more was asked than the test foresaw".to_owned())) {
            Act::Says(status, body) => head(status, body.len(), "") + &body,
            Act::SaysWith(status, (name, value), body) => {
                head(status, body.len(), &format!("{name}: {value}\r\n")) + &body
            }
            Act::CutsShort(status) => head(status, 100, "") + "{",
            Act::Cuts => String::new(),
            Act::Hangs => std::future::pending().await,
        };
        let _ = socket.write_all(answer.as_bytes()).await;
    }
}

async fn read(socket: &mut TcpStream) -> Option<Asked> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let n = socket.read(&mut piece).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let (line, head) = head.split_once("\r\n")?;
        let asked = Asked { line: line.to_owned(), head: head.to_owned(), body: body.to_owned() };
        let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return Some(asked);
        }
    }
}

/// Waits that a test can afford.
pub(crate) const QUICK: Patience = Patience {
    attempts: 4,
    each: Duration::from_millis(150),
    total: Duration::from_secs(20),
    first_wait: Duration::from_millis(1),
    longest_wait: Duration::from_millis(4),
};

pub(crate) fn client(base: &str, tokens: &[&str]) -> Carrier {
    counted(base, tokens, Arc::new(Meters::silent()))
}

/// A client whose requests are counted.
pub(crate) fn counted(base: &str, tokens: &[&str], meters: Arc<Meters>) -> Carrier {
    // The process's TLS provider, which app installs in the service.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tokens = tokens.iter().map(|token| Secret::new(*token)).collect();
    let carrier = Carrier::new(base, Account { sid: ACCOUNT.to_owned(), tokens }).expect("a client");
    carrier.at_home(House { clock: Clock::System, seed: 1, meters }).with_patience(QUICK)
}
