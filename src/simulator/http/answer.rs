//! What comes back: an answer, or a fault.

use super::patience::Trouble;

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
    /// What it was, if another attempt may mend it.
    pub(super) trouble: Option<Trouble>,
    /// It was meant to fail.
    pub(in crate::simulator) on_purpose: bool,
}

impl Fault {
    pub(in crate::simulator) fn new(code: u32, why: impl Into<String>) -> Self {
        Self { code, why: why.into(), trouble: None, on_purpose: false }
    }

    pub(super) fn after(trouble: Trouble, code: u32, why: impl Into<String>) -> Self {
        Self { trouble: Some(trouble), ..Self::new(code, why) }
    }
}
