//! What every engine is asked for.

use crate::config::speech::Voice;

/// What shall be said, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    pub(super) text: &'a str,
    pub(super) language: &'a str,
    pub(super) voice: &'a Voice,
}
