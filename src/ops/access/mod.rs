//! Who may ask: bearer credentials, how far each role reaches, and how often.

mod jwt;
mod keys;
mod limit;
mod role;

pub use jwt::{Claims, InvalidToken, mint};
pub use keys::{Denied, Keys};
pub(super) use keys::{bearer, fingerprint};
pub(super) use limit::Limits;
pub use role::{Operator, Role};
