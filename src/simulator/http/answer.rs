//! What comes back: an answer, or a fault.

/// An HTTP answer, its body cut just above what Twilio would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Answer {
    pub(in crate::simulator) status: u16,
    pub(in crate::simulator) content_type: Option<String>,
    pub(in crate::simulator) chunked: bool,
    pub(in crate::simulator) body: Vec<u8>,
}

/// A request that failed, by Twilio's error code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Fault {
    pub(in crate::simulator) code: u32,
    pub(in crate::simulator) why: String,
}

impl Fault {
    pub(in crate::simulator) fn new(code: u32, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }
}
