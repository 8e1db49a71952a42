//! `[paging]`: zones, outputs, contacts, callers, PBXes, TLS, announcements and bells, one file a table.

mod bell;
mod caller;
mod contact;
mod named;
mod output;
mod register;
mod sip;
mod values;
mod whole;
mod zone;

pub(super) use whole::read;
