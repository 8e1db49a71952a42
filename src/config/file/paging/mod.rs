//! `[paging]`: zones, outputs, contacts, callers, announcements and bells, one file a table.

mod bell;
mod caller;
mod contact;
mod named;
mod output;
mod values;
mod whole;
mod zone;

pub(super) use whole::read;
