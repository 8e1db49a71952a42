//! A text, as sound.

use bytes::Bytes;
use std::pin::Pin;

/// A text, as sound.
pub enum Voiced {
    /// Mu-law; it was there already.
    Ready(Bytes),
    /// It is being made. `None`: it could not be.
    Later(Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>),
    /// Nobody can say it.
    Mute,
}
