//! Floor 1: TwiML as types. Rendered and parsed by quick-xml; pure.

mod permit;

pub use permit::Permit;
