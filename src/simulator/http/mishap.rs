//! What can happen to one request on the wire, on purpose.

use futures_util::stream;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

/// Between the pieces of a slow body.
const PAUSE: Duration = Duration::from_millis(15);
/// How many pieces that is.
const PIECES: usize = 4;

/// One accident, on the first attempt only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::simulator) enum Mishap {
    /// The connection breaks in the middle of the request: nothing can have come of it.
    CutSending,
    /// The connection breaks this long after the request was sent: nobody knows what came of it.
    CutWaiting(Duration),
    /// The connection breaks in the middle of the answer: the webhook was processed.
    CutAnswer,
    /// The body comes in small pieces.
    SlowBody,
}

/// A body that comes in pieces.
pub(super) fn slowly(body: String) -> reqwest::Body {
    let bytes = body.into_bytes();
    let size = bytes.len().div_ceil(PIECES).max(1);
    let pieces: Vec<Vec<u8>> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
    let pieces = stream::unfold(pieces.into_iter(), async |mut left| {
        let piece = left.next()?;
        tokio::time::sleep(PAUSE).await;
        Some((Ok::<_, Infallible>(piece), left))
    });
    reqwest::Body::wrap_stream(pieces)
}

/// A body that breaks off in the middle.
pub(super) fn torn(body: String) -> reqwest::Body {
    let mut bytes = body.into_bytes();
    bytes.truncate(bytes.len() / 2);
    let broken = io::Error::new(io::ErrorKind::ConnectionAborted, "the line was cut");
    reqwest::Body::wrap_stream(stream::iter([Ok(bytes), Err(broken)]))
}
