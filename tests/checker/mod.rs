//! The judge: the carrier's record and the rows of the database in, violations out. Pure, so that each rule is shown able
//! to fail by a planted bug (`planted`).

mod audit;
mod books;
mod business;
mod events;
mod history;
mod index;
mod planted;
mod planted_sagas;
mod rows;
mod rules;
mod sagas;
mod truth;
mod violation;

pub(crate) use audit::{Audit, check_audits};
pub(crate) use books::{Books, Opened, Ordered, Owned, Purchase, Stuck, transaction_of};
pub(crate) use rows::Rows;
pub(crate) use sagas::check_sagas;
pub(crate) use truth::Truth;
pub(crate) use violation::{Rule, Violation};

/// What a run may demand. Some promises need more than one instance, or a database that was never away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demands {
    /// Callers always get TwiML: there was always an instance that answers.
    pub(crate) always_answered: bool,
    /// Copies hear the same bytes: the database was never away, so no instance had to decide alone.
    pub(crate) same_answers: bool,
    /// `call.ended` is the last event of its call: no instance had a spool to catch up with while another went on. Where
    /// one may have had, what is told behind it happened before it.
    pub(crate) in_order: bool,
}

impl Demands {
    /// Everything.
    pub(crate) const ALL: Self = Self { always_answered: true, same_answers: true, in_order: true };
}

/// Everything that is wrong, in order of calls.
pub(crate) fn check(truth: &[Truth], rows: &Rows, demands: Demands) -> Vec<Violation> {
    let index = index::Index::of(rows);
    let mut found: Vec<_> = truth.iter().flat_map(|call| rules::of_call(call, &index, demands)).collect();
    found.extend(events::outbox(rows));
    found
}
