//! Connections to the house: kept and used again, more of them when all are in use, as many as are allowed.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

/// As long as the carrier waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Connections to one address.
#[derive(Debug)]
pub(super) struct Lines {
    address: SocketAddr,
    idle: Mutex<Vec<TcpStream>>,
    free: Semaphore,
    /// Each request opens one of its own.
    fresh: bool,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Timeout,
    Broken,
}

impl Lines {
    /// At most so many at the same time.
    pub(super) fn new(address: SocketAddr, most: usize, fresh: bool) -> Self {
        Self { address, idle: Mutex::default(), free: Semaphore::new(most), fresh }
    }

    /// Sends a request once a connection may be had, and reads its answer; says how long that took, counted from the
    /// connection. One that broke is not tried again: nobody should be told that it went well.
    pub(super) async fn send(&self, request: &str) -> (Result<Answer, Trouble>, Duration) {
        let turn = self.free.acquire().await;
        let began = Instant::now();
        let answer = match turn {
            Ok(_turn) => self.exchange(request).await,
            Err(_closed) => Err(Trouble::Broken),
        };
        (answer, began.elapsed())
    }

    async fn exchange(&self, request: &str) -> Result<Answer, Trouble> {
        let exchange = async {
            let idle = self.idle().pop();
            let mut socket = match idle {
                Some(socket) => socket,
                None => self.open().await?,
            };
            socket.write_all(request.as_bytes()).await?;
            let answer = read(&mut socket).await?;
            Ok::<_, std::io::Error>((socket, answer))
        };
        let (socket, answer) =
            timeout(PATIENCE, exchange).await.map_err(|_elapsed| Trouble::Timeout)?.map_err(|_io| Trouble::Broken)?;
        if !self.fresh {
            self.idle().push(socket);
        }
        Ok(answer)
    }

    async fn open(&self) -> std::io::Result<TcpStream> {
        let socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        Ok(socket)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(socket: &mut TcpStream) -> std::io::Result<Answer> {
    let mut bytes = Vec::with_capacity(4096);
    loop {
        if socket.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(answer) = whole(&bytes)? {
            return Ok(answer);
        }
    }
}

/// An answer that says how long it is, once all of it is there.
fn whole(bytes: &[u8]) -> std::io::Result<Option<Answer>> {
    let wrong = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Ok(None) };
    let status: u16 = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(wrong)?;
    let length = head.lines().filter_map(|line| line.split_once(':'));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: Option<usize> = length.filter_map(|(_, value)| value.trim().parse().ok()).next();
    let length = length.or((status == 204).then_some(0)).ok_or_else(wrong)?;
    Ok((body.len() >= length).then(|| Answer { status, body: body.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n<Response/>";
        assert!(whole(&bytes[..20]).is_ok_and(|answer| answer.is_none()));
        assert!(whole(&bytes[..45]).is_ok_and(|answer| answer.is_none()));
        let answer = whole(bytes).expect("it is well formed").expect("it is whole");
        assert_eq!((answer.status, answer.body.as_str()), (200, "<Response/>"));
        assert!(whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
