//! A call, from its INVITE to its BYE.

use super::letter::{Names, answer_to, header, ok, sound_to};
use super::mouth::Mouth;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Until a request is sent again, and how often it is sent.
const AGAIN: Duration = Duration::from_millis(500);
const TIMES: u32 = 10;
/// The longest datagram that is read.
const LONGEST: usize = 4_096;

/// A telephone whose call was answered. Dropped, it falls silent without a word, like one whose battery is empty.
#[derive(Debug)]
pub struct Handset {
    sip: UdpSocket,
    names: Names,
    /// With the house's tag.
    to: String,
    page: String,
    answered_after: Duration,
    /// What it speaks with.
    pub mouth: Mouth,
}

/// Why there is no call.
#[derive(Debug, thiserror::Error)]
pub enum HandsetError {
    /// The house refused.
    #[error("the call was refused with {0}")]
    Refused(u16),
    /// Nobody answered.
    #[error("nobody answered")]
    Silence,
    /// The answer says nothing of where the sound goes.
    #[error("the answer has no description of sound")]
    Deaf,
    /// The network.
    #[error(transparent)]
    Network(#[from] io::Error),
}

impl Handset {
    /// Calls a zone from an address of this machine, and waits for the answer.
    ///
    /// # Errors
    /// [`HandsetError`].
    pub async fn call(house: SocketAddr, from: IpAddr, extension: &str) -> Result<Self, HandsetError> {
        let (sip, sound) = (UdpSocket::bind((from, 0)).await?, UdpSocket::bind((from, 0)).await?);
        sip.connect(house).await?;
        let chance = uuid::Uuid::now_v7();
        let call = chance.simple().to_string();
        let names = Names { us: sip.local_addr()?, house, extension: extension.to_owned(), call };
        let began = Instant::now();
        let (code, answer) = asked(&sip, &names.invite(sound.local_addr()?), "INVITE").await?;
        let answered_after = began.elapsed();
        let to = header(&answer, "To").unwrap_or_default().to_owned();
        sip.send(names.ack(code, &to).as_bytes()).await?;
        if code >= 300 {
            return Err(HandsetError::Refused(code));
        }
        let page = header(&answer, "X-Page-Id").unwrap_or_default().to_owned();
        let ssrc = chance.as_u128() as u32;
        let mouth = Mouth::new(sound, sound_to(&answer).ok_or(HandsetError::Deaf)?, ssrc);
        Ok(Self { sip, names, to, page, answered_after, mouth })
    }

    /// The page, as the house names it.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.page
    }

    /// From the INVITE to its final answer.
    #[must_use]
    pub const fn answered_after(&self) -> Duration {
        self.answered_after
    }

    /// Hangs up, and waits for the answer.
    ///
    /// # Errors
    /// [`HandsetError`].
    pub async fn hang_up(self) -> Result<(), HandsetError> {
        match asked(&self.sip, &self.names.bye(&self.to), "BYE").await?.0 {
            200 => Ok(()),
            code => Err(HandsetError::Refused(code)),
        }
    }

    /// Waits until the house hangs up; gives the reason that it names. `None`: it did not, in that time.
    pub async fn hung_up(&self, within: Duration) -> Option<String> {
        let bye = async {
            loop {
                let text = heard(&self.sip).await.ok()?;
                if text.starts_with("BYE ") {
                    let _ = self.sip.send(ok(&text).as_bytes()).await;
                    return Some(header(&text, "Reason").unwrap_or_default().to_owned());
                }
            }
        };
        timeout(within, bye).await.ok()?
    }
}

/// Asks until there is a final answer.
async fn asked(sip: &UdpSocket, request: &str, method: &str) -> Result<(u16, String), HandsetError> {
    for _ in 0..TIMES {
        sip.send(request.as_bytes()).await?;
        let answer = async {
            loop {
                let text = heard(sip).await?;
                if let Some(code) = answer_to(&text, method).filter(|code| *code >= 200) {
                    return Ok((code, text));
                }
            }
        };
        if let Ok(answer) = timeout(AGAIN, answer).await {
            return answer;
        }
    }
    Err(HandsetError::Silence)
}

async fn heard(sip: &UdpSocket) -> io::Result<String> {
    let mut bytes = vec![0; LONGEST];
    let length = sip.recv(&mut bytes).await?;
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
