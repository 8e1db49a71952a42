//! Leave to record.

use std::ops::Deref;

/// Proof that a consent row exists, or commits together with the answer. Nothing that captures a caller's
/// voice gets into a document without one, and only the ledger hands them out (`clippy.toml` bans the constructor
/// everywhere else), so a recording verb without its row does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    _private: (),
}

impl Permit {
    /// For the ledger, when it takes the consent row into a unit.
    #[must_use]
    pub const fn minted_by_the_ledger() -> Self {
        Self { _private: () }
    }

    /// Takes leave for something that captures a voice: a verb, or the attribute that switches recording on.
    ///
    /// ```
    /// # use switchboard::twiml::{Dial, DialRecord, Permit, Record, Response};
    /// # fn documents(permit: Permit) -> (Response, Dial) {
    /// let voicemail = Response::new().then(permit.to(Record::new().max_length(180)));
    /// let recorded = Dial::number("+15875550101").record(permit.to(DialRecord::FromAnswerDual));
    /// # (voicemail, recorded) }
    /// ```
    #[must_use]
    pub const fn to<C>(self, captures: C) -> Permitted<C> {
        Permitted { captures, _permit: self }
    }
}

/// Something that captures a voice, with leave to do so; reads like what is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permitted<C> {
    captures: C,
    _permit: Permit,
}

impl<C> Permitted<C> {
    /// What a document that was read asks for: it can be looked at and rendered again, but no permit can be taken
    /// out of it for anything else.
    pub(in crate::twiml) const fn read_from_a_document(captures: C) -> Self {
        Self { captures, _permit: Permit { _private: () } }
    }
}

impl<C> Deref for Permitted<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.captures
    }
}
