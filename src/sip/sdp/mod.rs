//! Offers and answers (RFC 3264, 8866): what sound comes, and where from. Reading is `sdp-types`'; the policy is ours: one
//! line of G.711, received from callers, sent to loudspeakers, never both.
//!
//! | file | what |
//! |---|---|
//! | `offer` | what the other side wants, and what we make of it |
//! | `write` | our descriptions |

mod offer;
mod write;

pub use offer::{Agreed, Direction, Encoding, Offer, Unacceptable};
pub use write::{Ours, Speaks};
