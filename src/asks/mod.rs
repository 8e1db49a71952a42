//! Floor 1: what rooms behind the operators' door have in common: who asks, for what, and for which part of a list. Every mistake
//! is told as a problem.
//!
//! | file | what |
//! |---|---|
//! | `body` | a JSON body that was understood completely |
//! | `query` | a query string that was understood completely |
//! | `who` | who asks, and what makes two writes of theirs the same |
//! | `term` | when what is asked for ends |
//! | `part` | the part of a list that is wanted, and where the next one begins |

mod body;
mod part;
mod query;
mod term;
mod who;

pub use body::Body;
pub use part::{cursor, cut, page_size, place};
pub use query::{Asked, bad};
pub use term::ends;
pub use who::Asks;
