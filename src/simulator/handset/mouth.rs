//! Packets of sound, at their pace.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

/// Samples in a frame, and bytes of mu-law.
const FRAME: usize = 160;
const FRAME_MS: Duration = Duration::from_millis(20);

/// Speaks RTP: G.711 mu-law in packets of 20 ms.
#[derive(Debug)]
pub struct Mouth {
    socket: UdpSocket,
    to: SocketAddr,
    ssrc: u32,
    said: u16,
}

impl Mouth {
    /// One that speaks from this socket, under this name.
    #[must_use]
    pub const fn new(socket: UdpSocket, to: SocketAddr, ssrc: u32) -> Self {
        Self { socket, to, ssrc, said: 0 }
    }

    /// Where the sound goes.
    #[must_use]
    pub const fn to(&self) -> SocketAddr {
        self.to
    }

    /// Its name in the packets.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Number of the next packet; its timestamp is 160 times that.
    #[must_use]
    pub const fn next(&self) -> u16 {
        self.said
    }

    /// Says 20 ms, now.
    ///
    /// # Errors
    /// When the system does not send it.
    pub async fn say(&mut self, frame: &[u8; FRAME]) -> io::Result<()> {
        let marked = if self.said == 0 { 0x80 } else { 0 };
        let mut packet = vec![0x80, marked];
        packet.extend(self.said.to_be_bytes());
        packet.extend((u32::from(self.said) * FRAME as u32).to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend(frame);
        self.said = self.said.wrapping_add(1);
        self.socket.send_to(&packet, self.to).await.map(drop)
    }

    /// Says all frames, one every 20 ms; when it was held up, the late ones go out at once.
    ///
    /// # Errors
    /// When the system does not send one.
    pub async fn say_all(&mut self, frames: &[[u8; FRAME]]) -> io::Result<()> {
        let began = Instant::now();
        for (frame, n) in frames.iter().zip(0_u32..) {
            tokio::time::sleep_until((began + FRAME_MS * n).into()).await;
            self.say(frame).await?;
        }
        Ok(())
    }
}
