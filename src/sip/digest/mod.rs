//! Who a caller is (RFC 3261 22, 7616, 8760): challenges, proofs, and what follows of wrong ones.
//!
//! | file | what |
//! |---|---|
//! | `answer` | what we answer where others ask us |
//! | `credentials` | what an Authorization header says, and whether it is right |
//! | `guard` | nonces: made, recognised, used once |
//! | `lockout` | sources that guess |

mod answer;
mod credentials;
mod guard;
mod lockout;

pub use answer::Answers;
pub use credentials::{Account, Algorithm, Credentials};
pub use guard::{Guard, Proof};
pub use lockout::Lockout;
