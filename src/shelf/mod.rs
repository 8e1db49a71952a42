//! Floor 2: audio that is ours. A copy is whole and durable under its name, or it is not there.
//!
//! | file | what |
//! |---|---|
//! | `draft` | what is still being written: beside the shelf, never under its final name |
//! | `folder` | the shelf itself, a folder: write aside, sync, compare, rename, sync the folder |
//! | `part` | which part of a copy a player asks for |
//! | `name` | names that stay inside the folder |
//! | `error` | what can go wrong |

mod draft;
mod error;
mod folder;
mod name;
mod part;

pub use draft::{Draft, Whole};
pub use error::ShelfError;
pub use folder::{Found, Open, Shelf};
pub use name::path_of;
pub use part::{Asked, Part, asked};
