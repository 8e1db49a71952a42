//! A loudspeaker that is called: it answers by itself, or does not. Over UDP, one call at a time.
//!
//! It reads SIP by itself, without the room that writes it.

use super::listener::Speaker;
use md5::Md5;
use sha2::Digest;
use std::fmt::Write;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the thread waits for a message before it looks what is due.
const PATIENCE: Duration = Duration::from_millis(5);
/// Until a 200 is sent again that nobody has acknowledged.
const REPEAT: Duration = Duration::from_millis(500);
/// The longest message that is read.
const LONGEST: usize = 4_096;

/// What it does when it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It rings for so long, and answers.
    Answers(Duration),
    /// It rings for ever.
    Rings,
    /// It says nothing at all.
    Silent,
    /// It refuses, with this code.
    Refuses(u16),
    /// It answers at once, and hangs up so long behind the ACK.
    HangsUp(Duration),
    /// It answers whoever knows this password; whatever the user is called.
    Asks(String),
}

/// A loudspeaker that is called.
#[derive(Debug)]
pub struct CalledSpeaker {
    address: SocketAddr,
    ear: Speaker,
    came: Arc<Mutex<Vec<String>>>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl CalledSpeaker {
    /// Waits to be called at this address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn open(at: SocketAddr, manner: Manner) -> io::Result<Self> {
        let (socket, ear) = (UdpSocket::bind(at)?, Speaker::unicast(SocketAddr::new(at.ip(), 0))?);
        socket.set_read_timeout(Some(PATIENCE))?;
        let (address, sound) = (socket.local_addr()?, ear.address());
        let (came, ending): (Arc<Mutex<Vec<String>>>, Arc<AtomicBool>) = Default::default();
        let (notes, over) = (came.clone(), ending.clone());
        let mut phone = Phone { socket, address, sound, manner, call: None, due: Vec::new() };
        let work = move || {
            let mut buffer = [0; LONGEST];
            while !over.load(Ordering::Relaxed) {
                if let Ok((length, from)) = phone.socket.recv_from(&mut buffer) {
                    let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
                    locked(&notes).push(text.clone());
                    phone.hears(&text, from);
                }
                phone.does_what_is_due();
            }
        };
        let thread = std::thread::Builder::new().name("called-speaker".to_owned()).spawn(work)?;
        Ok(Self { address, ear, came, ending, thread: Some(thread) })
    }

    /// Where it is called.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("sip:speaker@{}", self.address)
    }

    /// Its loudspeaker.
    #[must_use]
    pub const fn ear(&self) -> &Speaker {
        &self.ear
    }

    /// Every message that came.
    #[must_use]
    pub fn came(&self) -> Vec<String> {
        locked(&self.came).clone()
    }

    /// Waits until a message came that begins so; whether one did, in that time.
    #[must_use]
    pub fn was_told(&self, beginning: &str, within: Duration) -> bool {
        let until = Instant::now() + within;
        let was = || locked(&self.came).iter().any(|text| text.starts_with(beginning));
        while !was() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        was()
    }
}

impl Drop for CalledSpeaker {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Phone {
    socket: UdpSocket,
    address: SocketAddr,
    /// Where it wants its sound.
    sound: SocketAddr,
    manner: Manner,
    call: Option<Taken>,
    due: Vec<(Instant, Act)>,
}

/// The call that it has.
struct Taken {
    invite: String,
    from: SocketAddr,
    /// What it said last to the INVITE.
    last: String,
    answered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Answer,
    Repeat,
    HangUp,
}

impl Phone {
    fn hears(&mut self, text: &str, from: SocketAddr) {
        match text.split(' ').next().unwrap_or_default() {
            "INVITE" => self.invited(text, from),
            "CANCEL" => {
                self.says(&reply(text, 200, ("", "")), from);
                if let Some(taken) = self.call.take_if(|taken| !taken.answered) {
                    self.due.clear();
                    self.says(&reply(&taken.invite, 487, ("", "")), from);
                }
            }
            "ACK" => self.acknowledged(),
            "BYE" => {
                let known =
                    self.call.take_if(|taken| field(&taken.invite, "Call-ID") == field(text, "Call-ID")).is_some();
                self.due.clear();
                self.says(&reply(text, if known { 200 } else { 481 }, ("", "")), from);
            }
            "OPTIONS" => self.says(&reply(text, 200, ("", "")), from),
            _ => {}
        }
    }

    fn invited(&mut self, text: &str, from: SocketAddr) {
        if let Some(taken) = &self.call {
            let again = field(&taken.invite, "Via") == field(text, "Via");
            let said = if again { taken.last.clone() } else { reply(text, 486, ("", "")) };
            return self.says(&said, from);
        }
        let answer = match &self.manner {
            Manner::Silent => return,
            Manner::Refuses(code) => Some(reply(text, *code, ("", ""))),
            Manner::Asks(password) if !knows(text, password) => {
                let asks =
                    "WWW-Authenticate: Digest realm=\"speaker\", nonce=\"n0nce\", algorithm=MD5, qop=\"auth\"\r\n";
                Some(reply(text, 401, (asks, "")))
            }
            _ => None,
        };
        if let Some(answer) = answer {
            return self.says(&answer, from);
        }
        self.says(&reply(text, 100, ("", "")), from);
        let last = reply(text, 180, ("", ""));
        let wait = match self.manner {
            Manner::Rings => None,
            Manner::Answers(after) => Some(after),
            _ => Some(Duration::ZERO),
        };
        if wait != Some(Duration::ZERO) {
            self.says(&last, from);
        }
        self.call = Some(Taken { invite: text.to_owned(), from, last, answered: false });
        self.due.extend(wait.map(|wait| (Instant::now() + wait, Act::Answer)));
    }

    fn acknowledged(&mut self) {
        self.due.retain(|(_, act)| *act != Act::Repeat);
        if let Manner::HangsUp(after) = self.manner
            && self.call.as_ref().is_some_and(|taken| taken.answered)
            && self.due.is_empty()
        {
            self.due.push((Instant::now() + after, Act::HangUp));
        }
    }

    fn does_what_is_due(&mut self) {
        let now = Instant::now();
        let Some(at) = self.due.iter().position(|(at, _)| *at <= now) else { return };
        let (_, act) = self.due.swap_remove(at);
        let Some(taken) = self.call.as_mut() else { return };
        let from = taken.from;
        let said = match act {
            Act::HangUp => {
                let bye = goodbye(&taken.invite, self.address);
                self.call = None;
                bye
            }
            Act::Answer | Act::Repeat => {
                self.due.push((now + REPEAT, Act::Repeat));
                taken.answered = true;
                taken.last = reply(&taken.invite, 200, (&contact(self.address), &described(self.sound)));
                taken.last.clone()
            }
        };
        self.says(&said, from);
    }

    fn says(&self, text: &str, to: SocketAddr) {
        let _ = self.socket.send_to(text.as_bytes(), to);
    }
}

/// The value of a line.
fn field<'t>(text: &'t str, name: &str) -> &'t str {
    let value =
        |line: &'t str| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v);
    text.lines().find_map(value).unwrap_or_default()
}

fn reply(request: &str, code: u16, (headers, body): (&str, &str)) -> String {
    let to = field(request, "To");
    let tag = if code == 100 || to.contains(";tag=") { "" } else { ";tag=speaker" };
    let mut text =
        format!("SIP/2.0 {code} Speaker\r\nVia: {}\r\nFrom: {}\r\n", field(request, "Via"), field(request, "From"));
    let _ =
        write!(text, "To: {to}{tag}\r\nCall-ID: {}\r\nCSeq: {}\r\n", field(request, "Call-ID"), field(request, "CSeq"));
    let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let _ = write!(text, "{headers}{about}Content-Length: {}\r\n\r\n{body}", body.len());
    text
}

fn contact(us: SocketAddr) -> String {
    format!("Contact: <sip:speaker@{us}>\r\n")
}

fn described(sound: SocketAddr) -> String {
    let (ip, port) = (sound.ip(), sound.port());
    format!(
        "v=0\r\no=speaker 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\na=recvonly\r\n"
    )
}

fn goodbye(invite: &str, us: SocketAddr) -> String {
    let target = field(invite, "Contact").trim_start_matches('<').split('>').next().unwrap_or_default();
    format!(
        "BYE {target} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKbye\r\nMax-Forwards: 70\r\nFrom: {};tag=speaker\r\n\
         To: {}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
        field(invite, "To"),
        field(invite, "From"),
        field(invite, "Call-ID")
    )
}

/// Whether a request proves the password (RFC 2617, MD5 with `qop=auth`).
fn knows(request: &str, password: &str) -> bool {
    let header = field(request, "Authorization");
    let of = |name: &str| {
        let begins = format!("{name}=");
        let part = header.trim_start_matches("Digest ").split(", ").find_map(|part| part.strip_prefix(&begins));
        part.unwrap_or_default().trim_matches('"').to_owned()
    };
    let hash = |text: String| {
        Md5::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    let (secret, asked) =
        (hash(format!("{}:speaker:{password}", of("username"))), hash(format!("INVITE:{}", of("uri"))));
    let right = format!("{secret}:n0nce:{}:{}:auth:{asked}", of("nc"), of("cnonce"));
    !header.is_empty() && hash(right) == of("response") && request.starts_with(&format!("INVITE {} ", of("uri")))
}
