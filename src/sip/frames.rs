//! Messages out of a stream of bytes: framed by Content-Length, which a stream must have.

use super::read::Message;

/// One after the other.
#[derive(Debug, Default)]
pub struct Frames {
    waiting: Vec<u8>,
}

/// What comes out of a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Framed {
    /// One whole message.
    Message(Vec<u8>),
    /// A double return that asks for one (RFC 5626 3.5.1): `\r\n` is the answer.
    Ping,
}

/// The stream has lost its frame, or somebody wants to fill our memory: nothing helps but to close it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message is longer than allowed, or does not say how long it is")]
pub struct Overflow;

/// Longest headers of a message.
const HEAD: usize = 16 * 1024;
/// Longest body.
const BODY: usize = 48 * 1024;

impl Frames {
    /// Bytes came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Whether the middle of a message has been reached: a peer that stops here is late.
    #[must_use]
    pub fn is_amid(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The next whole one, if it is there.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn take(&mut self) -> Result<Option<Framed>, Overflow> {
        if self.waiting.starts_with(b"\r\n\r\n") {
            self.waiting.drain(..4);
            return Ok(Some(Framed::Ping));
        }
        if self.waiting.starts_with(b"\r\n") && self.waiting.len() > 2 && !self.waiting.starts_with(b"\r\n\r") {
            self.waiting.drain(..2);
        }
        let Some(head) = end_of_head(&self.waiting) else {
            return if self.waiting.len() > HEAD { Err(Overflow) } else { Ok(None) };
        };
        if head > HEAD {
            return Err(Overflow);
        }
        let body = self.waiting.get(..head).and_then(length).filter(|body| *body <= BODY).ok_or(Overflow)?;
        if self.waiting.len() < head + body {
            return Ok(None);
        }
        Ok(Some(Framed::Message(self.waiting.drain(..head + body).collect())))
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let crlf = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let lf = bytes.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
    crlf.into_iter().chain(lf).min()
}

/// What Content-Length says; a message without one has no body that could be found.
fn length(head: &[u8]) -> Option<usize> {
    let message = Message::parse(head)?;
    message.first("content-length")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_however_they_come_in() {
        let one = b"OPTIONS sip:a SIP/2.0\r\nl: 3\r\n\r\nabc".to_vec();
        let stream = [b"\r\n\r\n".as_slice(), &one, b"\r\n", &one].concat();
        for step in 1..stream.len() {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            for bytes in stream.chunks(step) {
                frames.push(bytes);
                while let Some(framed) = frames.take().expect("a stream") {
                    seen.push(framed);
                }
            }
            let message = || Framed::Message(one.clone());
            assert_eq!(seen, [Framed::Ping, message(), message()], "in steps of {step}");
        }
    }

    #[test]
    fn no_length_and_no_end_close_the_stream() {
        let mut frames = Frames::default();
        frames.push(b"OPTIONS sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n");
        assert_eq!(frames.take(), Err(Overflow));
        let mut endless = Frames::default();
        endless.push(&vec![b'a'; HEAD + 1]);
        assert_eq!(endless.take(), Err(Overflow));
        let mut huge = Frames::default();
        huge.push(b"OPTIONS sip:a SIP/2.0\r\nl: 99999\r\n\r\n");
        assert_eq!(huge.take(), Err(Overflow));
    }
}
